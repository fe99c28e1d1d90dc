"""Cells of the smear: what each is, and the light that it takes away."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from hardware.simulated.nucleus import Shape, nucleus_distance
from hardware.simulated.stain import Densities, Stain, stained
from hardware.simulated.texture import Outline, Plane, clouds, grains, grid, inside, outline


class Kind(Enum):
    """What is drawn; the value is the label that a detector gives it."""

    RED = "red-cell"
    WHITE = "white-cell"
    PLATELET = "platelet"


SWINGS = {
    Kind.RED: (0.1, 0.03, 0.022, 0.012),
    Kind.WHITE: (0.05, 0.03, 0.02, 0.015, 0.01),
    Kind.PLATELET: (0.2, 0.09, 0.07, 0.06, 0.05),
}
SPANS = {Kind.RED: 1.17, Kind.WHITE: 1.13, Kind.PLATELET: 1.48}  # 1 and all swings at once


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the endless smear; its `seed` decides all of its looks.

    Attributes:
        x: Centre in pixels from the corner of the smear, to the right.
        y: Likewise, down.
    """

    kind: Kind
    x: int
    y: int
    radius: float
    seed: int

    def outline(self) -> Outline:
        """Return the line around the cell."""
        return outline(np.random.default_rng((self.seed, 0)), self.radius, SWINGS[self.kind])


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A drawn cell: densities [h, w, 3] whose corner lies at x, y of the smear."""

    x: int
    y: int
    densities: NDArray[np.float32]


def half_px(kind: Kind, radius: float) -> int:
    """Return the pixels from a cell's centre to the end of its patch: outline, then soft edge."""
    return int(radius * SPANS[kind]) + 8


def drawn(cell: Cell, stain: Stain) -> Patch:
    """Return the light that `cell` takes away."""
    half = half_px(cell.kind, cell.radius)
    x, y = grid(half)
    reach = cell.outline().at(np.arctan2(y, x))
    distance = np.asarray(np.hypot(x, y) - reach, np.float32)
    rng = np.random.default_rng((cell.seed, 1))
    densities = PAINTERS[cell.kind](rng, distance, reach, stain)
    return Patch(cell.x - half, cell.y - half, densities)


def red_cell(rng: np.random.Generator, distance: Plane, reach: Plane, stain: Stain) -> Densities:
    """Return a disc with a pale middle; some cells are flat or full instead."""
    size = distance.shape[0]
    across, down = rng.normal(0, 0.06, 2).tolist()
    x, y = grid(size // 2)
    part = np.hypot(x / reach - across, y / reach - down)
    depth = rng.uniform(0.5, 0.92) if rng.random() < 0.8 else rng.uniform(0.05, 0.3)
    pallor = np.exp(-((part / rng.uniform(0.4, 0.62)) ** rng.uniform(2.2, 4.0)))
    cloud = 1 + 0.035 * clouds(rng, size, 22)
    rim = 1 + 0.12 * np.exp(-(((distance + 6) / 4) ** 2))
    amount = rng.uniform(0.8, 1.1) * (1 - depth * pallor) * rim * cloud
    body = np.asarray(amount * inside(distance, 0.95), np.float32)
    halo = np.exp(-(((distance - 5) / 2.5) ** 2)).astype(np.float32)
    tint = rng.uniform(0.95, 1.05, 3).astype(np.float32)
    taken = stained(body, stain.red_cell) * tint - np.float32(0.02) * halo[..., None]
    return np.asarray(taken, np.float32)


def platelet(rng: np.random.Generator, distance: Plane, reach: Plane, stain: Stain) -> Densities:
    """Return a small ragged blob, darker and granular towards its middle."""
    size = distance.shape[0]
    core = np.clip(-distance / reach, 0, 1)
    ragged = distance + 1.3 * clouds(rng, size, 6)
    grain = grains(rng, size, 3.6)
    dots = (0.3 + 0.7 * stain.chromatin) * grain
    amount = (0.5 + (0.3 + 0.6 * dots) * np.sqrt(core)) * inside(ragged, 1.4)
    return stained(np.asarray(amount, np.float32), stain.platelet)


def white_cell(rng: np.random.Generator, distance: Plane, reach: Plane, stain: Stain) -> Densities:
    """Return cytoplasm with its granules, and a nucleus of one of four shapes in it."""
    size = distance.shape[0]
    shape = shape_of(float(reach.mean()), rng)
    body = inside(distance + 1.2 * clouds(rng, size, 9), 1.1)
    nucleus = nucleus_distance(rng, shape, reach) * reach
    inner = inside(np.asarray(nucleus, np.float32), 0.9) * inside(distance + 2, 1.2)
    strands = np.exp(-((clouds(rng, size, 9) / 0.3) ** 2)) * (clouds(rng, size, 16) > -0.3)
    blotches = 0.13 * clouds(rng, size, 13) + 0.05 * clouds(rng, size, 4)
    chromatin = np.clip(1.02 + blotches - 0.34 * stain.chromatin * strands, 0.3, 1.3)
    plasma = body * (1 - inner) * (1 + 0.12 * clouds(rng, size, 20))
    rim = 1 + 0.25 * np.exp(-(((distance + 3) / 3.5) ** 2))
    thick = 1.25 if shape is Shape.LYMPHOCYTE else 1.0
    found = stained(np.asarray(thick * plasma * rim, np.float32), stain.cytoplasm)
    found += stained(np.asarray(inner * chromatin, np.float32), stain.nucleus)
    return found + granules(rng, shape, np.asarray(body * (1 - inner), np.float32), stain)


def granules(rng: np.random.Generator, shape: Shape, room: Plane, stain: Stain) -> Densities:
    """Return the granules that fill `room`: coarse and orange in an eosinophil, else fine."""
    size = room.shape[0]
    if shape is Shape.EOSINOPHIL:
        return stained(room * (0.5 + 0.45 * grains(rng, size, 4.6)), stain.eosin)
    load = {Shape.NEUTROPHIL: 0.6, Shape.MONOCYTE: 0.35, Shape.LYMPHOCYTE: 0.1}[shape]
    fine = 0.5 + 0.5 * grains(rng, size, 4.4)
    return stained(
        room * np.float32(load) * fine * (1 + 0.3 * clouds(rng, size, 12)), stain.granule
    )


def shape_of(radius: float, rng: np.random.Generator) -> Shape:
    """Return the sort of a white cell; small ones are lymphocytes."""
    if radius < SMALL_WHITE_PX:
        return Shape.LYMPHOCYTE
    return list(Shape)[1:][int(rng.choice(3, p=[0.66, 0.17, 0.17]))]


SMALL_WHITE_PX = 82.0
PAINTERS = {Kind.RED: red_cell, Kind.WHITE: white_cell, Kind.PLATELET: platelet}
