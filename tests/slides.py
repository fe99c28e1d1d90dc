"""Regions of the simulated smear, larger than any field, whose every cell is known."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from edge_app.domain.geometry import Box
from hardware.simulated.smear import HEIGHT, SPACING_MM, WIDTH, Smear, bounds


@dataclass(frozen=True)
class Slide:
    """uint8 [h, w, 3] RGB, and (label, box) of each cell that lies wholly inside."""

    pixels: np.ndarray
    cells: tuple[tuple[str, Box], ...]

    def labelled(self, label):
        return [box for name, box in self.cells if name == label]


def _cells(smear, columns, rows):
    tiles = [(c, r) for c in range(-1, columns + 1) for r in range(-1, rows + 1)]
    for layer in (smear._reds, smear._platelets, smear._whites):
        for tile in tiles:
            yield from layer(*tile)


def known_cells(smear, columns, rows):
    for cell in _cells(smear, columns, rows):
        x, y = cell.outline().points()
        box = bounds(x + cell.x, y + cell.y)
        if box.x0 >= 0 and box.y0 >= 0 and box.x1 <= columns * WIDTH and box.y1 <= rows * HEIGHT:
            yield cell.kind.value, box


def field_rows(smear, columns, rows, seed):
    """Yield one row of fields after another, uint8 [HEIGHT, columns * WIDTH, 3], evenly lit."""
    rng = np.random.default_rng((seed, 11))
    lamp = np.asarray(smear.stain.lamp, np.float32)
    for row in range(rows):
        densities = [
            smear.densities(c * WIDTH * SPACING_MM, row * HEIGHT * SPACING_MM)
            for c in range(columns)
        ]
        light = lamp * np.exp(-np.concatenate(densities, axis=1))
        soft = cv2.GaussianBlur(light, (0, 0), smear.stain.softness_px)
        noise = rng.standard_normal(soft.shape, np.float32) * np.sqrt(0.3 + 0.006 * soft)
        yield np.clip(soft + noise, 0, 255).astype(np.uint8)


@lru_cache(8)
def a_slide(seed, columns, rows):
    smear = Smear(seed)
    pixels = np.concatenate(list(field_rows(smear, columns, rows, seed)))
    pixels.setflags(write=False)
    return Slide(pixels, tuple(known_cells(smear, columns, rows)))
