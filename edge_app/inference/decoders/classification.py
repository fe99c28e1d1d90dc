"""A classifier's layout: one number a class, [1, classes]; the answer covers the whole image.

The form is that of every ImageNet export (torchvision, timm, Ultralytics `task=classify`).
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
)


def rows(outputs: Outputs, layout: Layout) -> Rows:
    """Return one row, the whole input.

    Raises:
        ReadingFailedError: The shape is not that of the layout.
    """
    refuse_unless(outputs, holds=len(outputs) == 1)
    classes = matrix(outputs, 0, layout.n_classes)
    refuse_unless(outputs, holds=len(classes) == 1)
    whole = np.array([[0, 0, layout.width, layout.height]], np.float32)

    def boxes_of(chosen: NDArray[np.int64]) -> Floats:
        return whole[chosen]

    return Rows(scores_of(classes, layout), boxes_of)
