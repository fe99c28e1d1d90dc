"""SSD's and torchvision's layout: finished boxes [n, 4], scores [n], labels [n], and a count.

Published in torchvision's detection models (a list of boxes in pixels, labels from 1 on, as many
as there are), TensorFlow's detection zoo (boxes as ymin, xmin, ymax, xmax in fractions, 100 of
them, and how many count), and RT-DETR's deploy export. Nothing found is an answer here.
"""

import numpy as np

from edge_app.domain.decoding import BoxForm, Decoding
from edge_app.inference.decoders.candidates import (
    Floats,
    Layout,
    Outputs,
    Rows,
    corners,
    failed,
    refuse_unless,
    sorted_scores,
    wrong_shape,
)


def _as_corners(boxes: Floats, form: BoxForm) -> Floats:
    if form is BoxForm.YXYX:
        return boxes[:, [1, 0, 3, 2]]
    return corners(boxes) if form is BoxForm.CXCYWH else boxes


def _counted(outputs: Outputs) -> int:
    """Return how many rows count."""
    most = outputs[1].size
    if len(outputs) == 3:
        return most
    number = float(outputs[3].ravel()[0]) if outputs[3].size == 1 else -1.0
    if number != int(number) or not 0 <= number <= most:
        raise failed(f"count of boxes is wrong: {outputs[3].tolist()}")
    return int(number)


def _by_label(scores: Floats, labels: Floats, n_labels: int, decoding: Decoding) -> Floats:
    """Return scores [n, labels], nought where a row is of another label."""
    index = labels - decoding.first_label
    known = (index == np.round(index)) & (index >= 0) & (index < n_labels)
    if (~known & (scores != 0)).any():  # rows that fill up the list score nothing
        raise failed("labels are not those of the package")
    table = np.zeros((len(scores), n_labels), np.float32)
    rows = np.nonzero(known)[0]
    table[rows, index[rows].astype(np.int64)] = scores[rows]
    return table


def rows(outputs: Outputs, layout: Layout) -> Rows:
    """Return one row a box that the graph lists.

    Raises:
        ReadingFailedError: Shapes, count or labels are not those of the package.
    """
    refuse_unless(outputs, holds=len(outputs) in (3, 4))
    boxes, scores, labels = outputs[:3]
    wanted = scores.shape if scores.ndim in (1, 2) else ()
    if not wanted or boxes.shape != (*wanted, 4) or labels.shape != wanted:
        raise wrong_shape(outputs)
    refuse_unless(outputs, holds=len(wanted) == 1 or wanted[0] == 1)
    n = _counted(outputs)
    decoding = layout.decoding
    table = _by_label(scores.ravel()[:n], labels.ravel()[:n], layout.n_labels, decoding)
    sides = _as_corners(boxes.reshape(-1, 4)[:n], decoding.box_form)
    if decoding.relative:
        sides = sides * layout.sides
    return Rows(table, sides.__getitem__, sorted_scores(table))
