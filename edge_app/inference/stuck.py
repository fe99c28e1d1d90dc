"""Whether a graph's output looks at the picture at all: one that never varies answers nothing."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge_app.domain.error import ReadingFailedError

_FEWEST_ROWS = 16


def refuse_stuck(outputs: Sequence[NDArray[np.float32]]) -> None:
    """Refuse outputs of a dense head (a row a cell, before suppression) of which one is stuck.

    A head that works gives thousands of different numbers even for an even grey or an empty
    field: on 140 such pictures the shipped detector's variants gave at least 2,510 different
    values a column of 2,541. All zeros, one constant, or one row for all cells is what a dead
    provider or an overflow gives, and it would pass for an empty field.

    Raises:
        ReadingFailedError: Every row of an output is the same.
    """
    for output in outputs:
        rows = output.reshape(-1, output.shape[-1]) if output.ndim > 1 else output
        if len(rows) < _FEWEST_ROWS or bool((rows[0] != rows[-1]).any()):
            continue
        if bool((rows == rows[:1]).all()):
            raise ReadingFailedError(
                "The detector gives the same answer for every place.", "Run the self-test."
            )
