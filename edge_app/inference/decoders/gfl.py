"""NanoDet's and PicoDet's layout: class scores, and for each side a distribution of distances.

Published by Li et al., "Generalized Focal Loss" (2020), RangiLyu/nanodet (head/gfl_head.py,
nanodet_plus_head.py) and PaddleDetection's PicoDet. A side lies at its expected bin, times the
stride, from the cell's point; the point is the cell's middle (NanoDet, PicoDet) or its corner
(NanoDet-Plus). One output [1, n, classes + 4 x bins], or class scores for each stride and then
distances for each stride.
"""

import numpy as np
from numpy.typing import NDArray

from edge_app.inference.decoders.candidates import (
    Floats,
    Layout,
    Outputs,
    Rows,
    matrix,
    refuse_unless,
    scores_of,
    softmax,
)
from edge_app.inference.decoders.grid import cells


def _parts(outputs: Outputs, layout: Layout) -> tuple[Floats, Floats]:
    """Return class scores [n, labels] and distances [n, 4 x bins]."""
    if len(outputs) == 1:
        whole = matrix(outputs, 0, outputs[0].shape[-1] if outputs[0].ndim else 0)
        return whole[:, : layout.n_labels], whole[:, layout.n_labels :]
    levels = len(layout.decoding.strides)
    refuse_unless(outputs, holds=len(outputs) == 2 * levels and outputs[levels].ndim > 0)
    wide = outputs[levels].shape[-1]
    classes = [matrix(outputs, i, layout.n_labels) for i in range(levels)]
    sides = [matrix(outputs, levels + i, wide) for i in range(levels)]
    counts = [len(c) for c in classes]
    refuse_unless(outputs, holds=counts == [len(s) for s in sides])
    return np.concatenate(classes), np.concatenate(sides)


def rows(outputs: Outputs, layout: Layout) -> Rows:
    """Return one row a cell.

    Raises:
        ReadingFailedError: The shapes are not those of the layout.
    """
    classes, sides = _parts(outputs, layout)
    decoding = layout.decoding
    grid = cells((layout.width, layout.height), decoding.strides)
    bins, odd = divmod(sides.shape[1], 4)
    refuse_unless(outputs, holds=bins > 1 and odd == 0 and len(classes) == len(grid.strides))

    def boxes_of(chosen: NDArray[np.int64]) -> Floats:
        shares = softmax(sides[chosen].reshape(-1, 4, bins))
        stride = grid.strides[chosen]
        away = (shares @ np.arange(bins, dtype=np.float32)) * stride
        point = (grid.corners[chosen] + np.float32(decoding.cell_centre)) * stride
        return np.concatenate([point - away[:, :2], point + away[:, 2:]], axis=1)

    return Rows(scores_of(classes, layout), boxes_of)
