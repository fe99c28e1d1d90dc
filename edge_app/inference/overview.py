"""A small copy of a large picture, made of the rows as they go by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from edge_app.domain.geometry import Box
from edge_app.domain.image import Pixels
from edge_app.domain.reading import Detection
from edge_app.ports import LargeImage

LONGEST_SIDE_PX = 3000


@dataclass(frozen=True, slots=True)
class Overview:
    """The small copy, uint8 [h, w, 3], RGB, and its pixels a pixel of the large one (x, y)."""

    pixels: Pixels
    scale: tuple[float, float]

    @property
    def is_smaller(self) -> bool:
        """Whether anything was left out."""
        return self.scale != (1.0, 1.0)

    def placed(self, detections: Sequence[Detection]) -> list[Detection]:
        """Return detections of the large picture with their boxes on this one."""
        x, y = self.scale
        return [
            replace(d, box=Box(d.box.x0 * x, d.box.y0 * y, d.box.x1 * x, d.box.y1 * y))
            for d in detections
        ]


class OverviewedImage:
    """Answers `LargeImage` with another one, and keeps a small copy of what went by."""

    def __init__(self, image: LargeImage, longest_px: int = LONGEST_SIDE_PX) -> None:
        self._image = image
        self.width, self.height = image.width, image.height
        self._step = -(-max(self.width, self.height) // longest_px)
        size = (-(-self.height // self._step), -(-self.width // self._step), 3)
        self._small = np.zeros(size, np.uint8)
        self._n_taken = 0
        self._rest = np.zeros((0, self.width, 3), np.uint8)

    def rows(self, top: int, bottom: int) -> Pixels:
        """Return the rows of the other one."""
        band = self._image.rows(top, bottom)
        fresh = np.concatenate([self._rest, band[max(0, self._n_taken - top) :]])
        first = self._n_taken - len(self._rest)
        self._n_taken = max(self._n_taken, bottom)
        is_last = self._n_taken == self.height
        whole = len(fresh) if is_last else len(fresh) // self._step * self._step
        if whole:
            place, n_rows = first // self._step, -(-whole // self._step)
            size = (self._small.shape[1], n_rows)
            small = cv2.resize(fresh[:whole], size, interpolation=cv2.INTER_AREA)
            self._small[place : place + n_rows] = small
        self._rest = fresh[whole:]
        return band

    def overview(self) -> Overview:
        """Return the small copy, black where no row went by."""
        return Overview(self._small, (self._small.shape[1] / self.width, 1 / self._step))
