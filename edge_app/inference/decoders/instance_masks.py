"""One mask an object: class scores [1, n, classes] and masks [1, n, h, w]; a box is its extent.

The form is MaskFormer's and Mask2Former's (Cheng et al., 2021 and 2022: softmax, the last class
means nothing, mask logits, so a level of 0) and of any query-based segmenter. A mask may be
smaller than the input.
"""

import numpy as np
from numpy.typing import NDArray

from edge_app.inference.decoders.candidates import (
    Floats,
    Layout,
    Outputs,
    Rows,
    failed,
    matrix,
    refuse_unless,
    scores_of,
)


def _extents(inside: NDArray[np.bool_]) -> Floats:
    """Return first and one past the last row and column of each mask [n, h, w], as x0 y0 x1 y1."""
    if not inside.any(axis=(1, 2)).all():
        raise failed("mask of a found object is empty")
    height, width = inside.shape[1:]
    columns: NDArray[np.bool_] = np.any(inside, axis=1)
    lines: NDArray[np.bool_] = np.any(inside, axis=2)
    return np.stack(
        [
            columns.argmax(axis=1),
            lines.argmax(axis=1),
            width - columns[:, ::-1].argmax(axis=1),
            height - lines[:, ::-1].argmax(axis=1),
        ],
        axis=1,
    ).astype(np.float32)


def rows(outputs: Outputs, layout: Layout) -> Rows:
    """Return one row an object.

    Raises:
        ReadingFailedError: The shapes are not those of the layout.
    """
    refuse_unless(outputs, holds=len(outputs) == 2)
    classes = matrix(outputs, 0, layout.n_classes)
    masks = outputs[1]
    refuse_unless(outputs, holds=masks.ndim == 4 and masks.shape[:2] == (1, len(classes)))
    refuse_unless(outputs, holds=masks.size > 0)
    height, width = masks.shape[2:]
    step = layout.step(width, height)

    def boxes_of(chosen: NDArray[np.int64]) -> Floats:
        return _extents(masks[0, chosen] > layout.decoding.mask_level) * step

    scores = scores_of(classes, layout)
    return Rows(scores, boxes_of, scores)  # a weak row's mask may be empty
