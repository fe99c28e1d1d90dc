"""BlazeFace's layout: a raw score and offsets in pixels from the middle of each anchor's cell.

Published by Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs"
(2019), and MediaPipe (tensors_to_detections and ssd_anchors calculators, fixed anchor size): scores
[1, n, labels] for each stride, then [1, n, 4 + 2 x points] for each stride, or both in one piece.
Centre = cell middle + offset, size as it stands, both in input pixels; points are not read. The
raw score goes through the sigmoid.
"""

import numpy as np
from numpy.typing import NDArray

from edge_app.inference.decoders.candidates import (
    Floats,
    Layout,
    Outputs,
    Rows,
    corners,
    matrix,
    refuse_unless,
    sigmoid,
)
from edge_app.inference.decoders.grid import cells


def rows(outputs: Outputs, layout: Layout) -> Rows:
    """Return one row an anchor.

    Raises:
        ReadingFailedError: The shapes are not those of the layout.
    """
    half = len(outputs) // 2
    refuse_unless(outputs, holds=half in (1, len(layout.decoding.strides)))
    refuse_unless(outputs, holds=len(outputs) == 2 * half and outputs[half].ndim > 0)
    wide = outputs[half].shape[-1]
    raw = np.concatenate([matrix(outputs, i, layout.n_labels) for i in range(half)])
    sides = np.concatenate([matrix(outputs, half + i, wide) for i in range(half)])
    decoding = layout.decoding
    grid = cells((layout.width, layout.height), decoding.strides, decoding.anchors)
    refuse_unless(outputs, holds=wide >= 4 and len(raw) == len(sides) == len(grid.strides))

    def boxes_of(chosen: NDArray[np.int64]) -> Floats:
        middle = (grid.corners[chosen] + np.float32(0.5)) * grid.strides[chosen]
        offset, size = sides[chosen, :2], sides[chosen, 2:4]
        return corners(np.concatenate([middle + offset, size], axis=1))

    return Rows(sigmoid(raw), boxes_of)
