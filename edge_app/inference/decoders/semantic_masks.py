"""One map a class, [1, classes, h, w]; each connected region of a label becomes a box.

The form is that of U-Net (Ronneberger et al., 2015), DeepLab and their exports. A pixel belongs to
a label where the label's score is above the level; regions touch by sides or corners; a region
scores the mean of its pixels.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.inference.decoders.candidates import (
    Floats,
    Layout,
    Outputs,
    Rows,
    failed,
    refuse_unless,
    scores_of,
)

_MOST_REGIONS = 2000


def _regions(shares: Floats, level: float) -> tuple[Floats, Floats]:
    """Return boxes [n, 4] in map pixels and mean scores [n] of one label's map [h, w]."""
    inside = np.asarray(shares > level, np.uint8)
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    if count - 1 > _MOST_REGIONS:
        raise failed(f"map falls into {count - 1} regions")
    total = np.bincount(numbers.ravel(), weights=shares.ravel().astype(np.float64), minlength=count)
    x, y, width, height, area = np.asarray(stats, np.float32)[1:].T
    boxes = np.stack([x, y, x + width, y + height], axis=1)
    return boxes, np.asarray(total[1:] / area, np.float32)


def rows(outputs: Outputs, layout: Layout) -> Rows:
    """Return one row a region.

    Raises:
        ReadingFailedError: The shape is not that of the layout, or the map is all specks.
    """
    refuse_unless(outputs, holds=len(outputs) == 1)
    shape = outputs[0].shape
    refuse_unless(outputs, holds=len(shape) == 4 and shape[:2] == (1, layout.n_classes))
    refuse_unless(outputs, holds=outputs[0].size > 0)
    height, width = shape[2:]
    shares = np.ascontiguousarray(scores_of(outputs[0][0].transpose(1, 2, 0), layout))
    step = layout.step(width, height)
    boxes, scores = [], []
    for label in range(layout.n_labels):
        found, means = _regions(
            np.ascontiguousarray(shares[..., label]), layout.decoding.mask_level
        )
        boxes.append(found * step)
        scores.append(means[:, None] * np.eye(layout.n_labels, dtype=np.float32)[label])
    placed = np.concatenate(boxes)

    def boxes_of(chosen: NDArray[np.int64]) -> Floats:
        return placed[chosen]

    return Rows(np.concatenate(scores), boxes_of, shares.reshape(-1, layout.n_labels))
