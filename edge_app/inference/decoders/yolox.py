"""YOLOX's layout: [1, n, 5 + classes], offsets in cells, objectness and class scores.

Published by Ge et al., "YOLOX: Exceeding YOLO Series in 2021", and Megvii-BaseDetection/YOLOX,
demo/ONNXRuntime (exports without `decode_in_inference`): centre = (cell + offset) x stride,
size = exp(value) x stride; objectness and class scores went through the sigmoid in the graph.
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
    refuse_out_of_range,
    refuse_unless,
)
from edge_app.inference.decoders.grid import cells


def rows(outputs: Outputs, layout: Layout) -> Rows:
    """Return one row a cell.

    Raises:
        ReadingFailedError: Shape or range is not that of the layout.
    """
    refuse_unless(outputs, holds=len(outputs) == 1)
    table = matrix(outputs, 0, 5 + layout.n_labels)
    grid = cells((layout.width, layout.height), layout.decoding.strides)
    refuse_unless(outputs, holds=len(table) == len(grid.strides))
    shares = table[:, 4:]
    refuse_out_of_range(shares)

    def boxes_of(chosen: NDArray[np.int64]) -> Floats:
        stride = grid.strides[chosen]
        middle = (grid.corners[chosen] + table[chosen, :2]) * stride
        with np.errstate(over="ignore"):  # an infinite size is refused where boxes are chosen
            size = np.exp(table[chosen, 2:4]) * stride
        return corners(np.concatenate([middle, size], axis=1))

    return Rows(shares[:, :1] * shares[:, 1:], boxes_of)
