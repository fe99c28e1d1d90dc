"""The cells of a feature pyramid, in the order in which graphs list them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Cells:
    """Every cell of every level, row by row, finest level as the strides name it.

    Attributes:
        corners: float32 [n, 2], x and y of each cell's upper left corner, in cells.
        strides: float32 [n, 1], input pixels a cell.
    """

    corners: NDArray[np.float32]
    strides: NDArray[np.float32]


@lru_cache(16)
def cells(size: tuple[int, int], strides: tuple[int, ...], anchors: tuple[int, ...] = ()) -> Cells:
    """Return the cells of an input of `size` (width, height); each stands once an anchor."""
    corners, sides = [], []
    for stride, count in zip(strides, anchors or (1,) * len(strides), strict=True):
        columns, rows = (-(-side // stride) for side in size)  # a part of a cell is a cell
        y, x = np.mgrid[:rows, :columns].reshape(2, -1)
        corners.append(np.repeat(np.stack([x, y], axis=1), count, axis=0))
        sides.append(np.full((len(corners[-1]), 1), stride))
    return Cells(
        np.concatenate(corners).astype(np.float32), np.concatenate(sides).astype(np.float32)
    )
