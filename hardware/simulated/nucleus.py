"""Shapes of the nuclei of white cells, in units of the cell's radius."""

import math
from enum import Enum

import numpy as np

from hardware.simulated.texture import Plane, clouds, grid, joined

Lobe = tuple[float, float, float]


class Shape(Enum):
    """Which white cell it is, by its nucleus."""

    LYMPHOCYTE = "lymphocyte"
    NEUTROPHIL = "neutrophil"
    MONOCYTE = "monocyte"
    EOSINOPHIL = "eosinophil"


def nucleus_distance(rng: np.random.Generator, shape: Shape, reach: Plane) -> Plane:
    """Return the distance to the nucleus in cell radii, negative inside it.

    `reach` is the cell's radius in pixels in each direction of the square patch.
    """
    size = reach.shape[0]
    x, y = grid(size // 2)
    waver = float(rng.uniform(0.03, 0.05))
    u = np.asarray(x / reach + waver * clouds(rng, size, 36), np.float32)
    v = np.asarray(y / reach + waver * clouds(rng, size, 36), np.float32)
    angle = float(rng.uniform(0, 2 * np.pi))
    across = np.asarray(u * math.cos(angle) + v * math.sin(angle), np.float32)
    down = np.asarray(v * math.cos(angle) - u * math.sin(angle), np.float32)
    lobes, bridge, fill = LOBES[shape](rng)
    return chained(across, down, lobes, bridge, fill)


def chained(x: Plane, y: Plane, lobes: list[Lobe], bridge: float, fill: float) -> Plane:
    """Return the distance to round lobes, each joined to the next by a bridge of that radius."""
    found = np.full_like(x, 9.0)
    for index, (cx, cy, radius) in enumerate(lobes):
        found = joined(found, np.asarray(np.hypot(x - cx, y - cy) - radius, np.float32), fill)
        if index:
            found = joined(found, strip(x, y, lobes[index - 1], lobes[index]) - bridge, fill)
    return found


def strip(x: Plane, y: Plane, start: Lobe, end: Lobe) -> Plane:
    """Return the distance to the line between two lobes."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    along = ((x - start[0]) * dx + (y - start[1]) * dy) / (dx * dx + dy * dy)
    along = np.clip(along, 0, 1)
    return np.asarray(np.hypot(x - start[0] - along * dx, y - start[1] - along * dy), np.float32)


def round_lobe(rng: np.random.Generator) -> tuple[list[Lobe], float, float]:
    """Return the lymphocyte's one lobe: it nearly fills the cell."""
    x, y = rng.normal(0, 0.04, 2)
    stretch = float(rng.uniform(0.0, 0.12))
    radius = float(rng.uniform(0.76, 0.84)) - stretch / 2
    return (
        [(float(x) - stretch, float(y), radius), (float(x) + stretch, float(y), radius)],
        0.4,
        0.1,
    )


def segments(rng: np.random.Generator) -> tuple[list[Lobe], float, float]:
    """Return three to five lobes of a neutrophil on a bent line."""
    count = int(rng.integers(3, 6))
    sweep = float(rng.uniform(3.4, 4.6))
    lobes = []
    for angle in (np.linspace(-sweep / 2, sweep / 2, count) + rng.normal(0, 0.12, count)).tolist():
        away = float(rng.uniform(0.42, 0.52))
        radius = float(rng.uniform(0.95, 1.15)) * {3: 0.29, 4: 0.26, 5: 0.23}[count]
        lobes.append((away * math.cos(angle) - 0.05, away * math.sin(angle), radius))
    return lobes, float(rng.uniform(0.05, 0.13)), 0.09


def kidney(rng: np.random.Generator) -> tuple[list[Lobe], float, float]:
    """Return the monocyte's thick bean."""
    sweep = float(rng.uniform(1.7, 2.6))
    radius = float(rng.uniform(0.33, 0.4))
    angles = np.linspace(-sweep / 2, sweep / 2, 5).tolist()
    lobes = [(0.46 * math.cos(a) - 0.14, 0.46 * math.sin(a), radius) for a in angles]
    return lobes, radius * 0.9, 0.1


def pair(rng: np.random.Generator) -> tuple[list[Lobe], float, float]:
    """Return the eosinophil's two lobes."""
    away = float(rng.uniform(0.36, 0.44))
    shift = float(rng.uniform(0.1, 0.3))
    first, second = (float(r) for r in rng.uniform(0.3, 0.37, 2))
    return [(shift, -away, first), (shift, away, second)], float(rng.uniform(0.05, 0.1)), 0.09


LOBES = {
    Shape.LYMPHOCYTE: round_lobe,
    Shape.NEUTROPHIL: segments,
    Shape.MONOCYTE: kidney,
    Shape.EOSINOPHIL: pair,
}
