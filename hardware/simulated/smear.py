"""An endless blood smear whose every cell is known: same seed and place, same cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from edge_app.domain.geometry import Box
from hardware.simulated.cells import SMALL_WHITE_PX, SPANS, Cell, Kind, drawn, half_px
from hardware.simulated.stain import stain_of
from hardware.simulated.texture import Plane

WIDTH = 640
HEIGHT = 480
SPACING_MM = 0.00008
RED_REACH = 80  # no red cell's patch reaches further than this from its centre
SOFT_REACH = 6  # other cells keep to their tile but for this much of the soft edge around them
Table = NDArray[np.float64]
FAR = 1 << 20  # tiles are counted from here, since a seed may not be negative


@dataclass(frozen=True, slots=True)
class KnownCell:
    """One cell of a field, as the truth for tests.

    Attributes:
        box: In image pixels, around what can be seen of the cell.
        visible: Area of that box as a part of the whole cell's; below 1 an edge cuts the cell.
    """

    label: str
    box: Box
    visible: float


@dataclass(frozen=True, slots=True)
class Field:
    """What there is to see at one place of one smear."""

    seed: int
    stage_x_mm: float
    stage_y_mm: float
    cells: tuple[KnownCell, ...]

    def labelled(self, label: str) -> tuple[KnownCell, ...]:
        """Return the cells of one label."""
        return tuple(cell for cell in self.cells if cell.label == label)


class Smear:
    """A smear in tiles of one field each.

    White cells and platelets lie wholly inside their tile, so where the stage stands at whole
    fields none of them is cut; between, one may be. Left of x = 0 the glass is empty.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.stain = stain_of(seed)
        rng = np.random.default_rng((seed, 2))
        self._red_radius = float(rng.uniform(41, 50))
        self._crowd = int(rng.integers(26, 44))
        self._whites = lru_cache(256)(self._white_cells)
        self._candidates = lru_cache(256)(self._red_candidates)
        self._reds = lru_cache(256)(self._red_cells)
        self._platelets = lru_cache(256)(self._small_cells)
        self._drawn = lru_cache(192)(partial(drawn, stain=self.stain))

    def field(self, stage_x_mm: float, stage_y_mm: float) -> Field:
        """Return the cells of which at least a twentieth can be seen."""
        left, top = corner(stage_x_mm, stage_y_mm)
        seen = (known(cell, left, top) for cell in self._near(left, top))
        cells = tuple(cell for cell in seen if cell and cell.visible >= 0.05)
        return Field(self.seed, stage_x_mm, stage_y_mm, cells)

    def densities(self, stage_x_mm: float, stage_y_mm: float) -> NDArray[np.float32]:
        """Return the optical density [h, w, 3] of the field; cells above each other add up."""
        left, top = corner(stage_x_mm, stage_y_mm)
        found = np.zeros((HEIGHT, WIDTH, 3), np.float32)
        for cell in self._near(left, top):
            patch = self._drawn(cell)
            x, y = patch.x - left, patch.y - top
            height, width = patch.densities.shape[:2]
            x0, x1 = (min(max(edge, 0), WIDTH) for edge in (x, x + width))
            y0, y1 = (min(max(edge, 0), HEIGHT) for edge in (y, y + height))
            found[y0:y1, x0:x1] += patch.densities[y0 - y : y1 - y, x0 - x : x1 - x]
        return found

    def _near(self, left: int, top: int) -> list[Cell]:
        soft = ((self._platelets, SOFT_REACH), (self._whites, SOFT_REACH))
        layers = ((self._reds, RED_REACH), *soft)
        return [
            cell
            for layer, reach in layers
            for tile in tiles_within(left - reach, top - reach, reach)
            for cell in layer(*tile)
            if touches(cell, left, top)
        ]

    def _rng(self, column: int, row: int, layer: int) -> np.random.Generator:
        return np.random.default_rng((self.seed, column + FAR, row + FAR, layer))

    def _white_cells(self, column: int, row: int) -> tuple[Cell, ...]:
        if column < 0:
            return ()
        rng = self._rng(column, row, 3)
        cells: list[Cell] = []
        for _ in range(int(rng.choice(4, p=[0.12, 0.55, 0.24, 0.09]))):
            small = rng.random() < 0.28
            size = rng.uniform(1.3, 1.6) if small else rng.uniform(1.85, 2.2)
            radius = float(size * self._red_radius)
            radius = min(radius, SMALL_WHITE_PX - 2) if small else max(radius, SMALL_WHITE_PX + 2)
            cell = placed(rng, Kind.WHITE, radius, (column, row))
            if gaps(placement([cell]), placement(cells)).min(initial=99) > 10:
                cells.append(cell)
        return tuple(cells)

    def _red_candidates(self, column: int, row: int) -> Table:
        """Return cells that want a place: x, y, radius, seed, rank, closeness [n, 6].

        The better rank stays. Closeness 1 lets a neighbour touch, 0 lets it cover.
        """
        if column < 0:
            return np.zeros((0, 6))
        rng = self._rng(column, row, 4)
        count = int(self._crowd * rng.uniform(0.75, 1.2))
        radii = self._red_radius * np.clip(rng.normal(1, 0.075, count), 0.8, 1.2)
        left = [half_px(Kind.RED, radius) if column == 0 else 0 for radius in radii.tolist()]
        x = np.maximum(rng.integers(0, WIDTH, count), left) + column * WIDTH
        y = rng.integers(0, HEIGHT, count) + row * HEIGHT
        seeds = rng.integers(2**31, size=count)
        closeness = rng.choice([0.98, 0.88, 0.5], count, p=[0.5, 0.3, 0.2])
        return np.stack([x, y, radii, seeds, rng.random(count), closeness], axis=1)

    def _red_cells(self, column: int, row: int) -> tuple[Cell, ...]:
        """Return the candidates that no better-ranked neighbour and no white cell pushes away."""
        own = self._candidates(column, row)
        tiles = neighbours(column, row)
        around = np.concatenate([self._candidates(*tile) for tile in tiles])
        whites = placement([cell for tile in tiles for cell in self._whites(*tile)])
        covers = (gaps(own, whites) < -0.12 * self._red_radius).any(axis=1)
        better = own[:, None, 4] < around[None, :, 4]
        near = np.minimum(own[:, None, 5], around[None, :, 5])
        crowded = better & (gaps(own, around) < 2 * self._red_radius * (near - 1))
        staying = own[~(covers | crowded.any(axis=1))].tolist()
        return tuple(Cell(Kind.RED, int(x), int(y), r, int(seed)) for x, y, r, seed, *_ in staying)

    def _small_cells(self, column: int, row: int) -> tuple[Cell, ...]:
        if column < 0:
            return ()
        tiles = neighbours(column, row)
        parts = (self._reds, self._whites)
        taken = placement([cell for tile in tiles for part in parts for cell in part(*tile)])
        rng = self._rng(column, row, 5)
        cells: list[Cell] = []
        for _ in range(3 * int(rng.choice(5, p=[0.25, 0.3, 0.25, 0.15, 0.05]))):
            cell = placed(rng, Kind.PLATELET, float(rng.uniform(16, 22)), (column, row))
            place = placement([cell])
            if gaps(place, taken).min(initial=9) > 3:
                cells.append(cell)
                taken = np.concatenate([taken, place])
        return tuple(cells[:3])


def corner(stage_x_mm: float, stage_y_mm: float) -> tuple[int, int]:
    """Return the smear's pixel in the upper left corner of the field."""
    return round(stage_x_mm / SPACING_MM), round(stage_y_mm / SPACING_MM)


def neighbours(column: int, row: int) -> list[tuple[int, int]]:
    """Return the nine tiles around and including one."""
    return [(column + x, row + y) for x in (-1, 0, 1) for y in (-1, 0, 1)]


def tiles_within(left: int, top: int, reach: int) -> list[tuple[int, int]]:
    """Return the tiles under a field that was made larger by `reach` on all sides."""
    columns = range(left // WIDTH, (left + WIDTH + 2 * reach - 1) // WIDTH + 1)
    rows = range(top // HEIGHT, (top + HEIGHT + 2 * reach - 1) // HEIGHT + 1)
    return [(column, row) for column in columns for row in rows]


def placement(cells: Sequence[Cell]) -> Table:
    """Return x, y, radius of each cell [n, 3]."""
    return np.array([(cell.x, cell.y, cell.radius) for cell in cells], np.float64).reshape(-1, 3)


def gaps(a: Table, b: Table) -> Table:
    """Return the free pixels [n, m] between cells x, y, radius; negative where they overlap."""
    away = np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])
    return np.asarray(away - a[:, None, 2] - b[None, :, 2], np.float64)


def touches(cell: Cell, left: int, top: int) -> bool:
    """Return whether any of the cell may be seen in the field with that corner."""
    reach = half_px(cell.kind, cell.radius)
    across = -reach <= cell.x - left < WIDTH + reach
    return across and -reach <= cell.y - top < HEIGHT + reach


def placed(rng: np.random.Generator, kind: Kind, radius: float, tile: tuple[int, int]) -> Cell:
    """Return a cell somewhere in the tile, clear of the tile's edge."""
    keep = int(radius * SPANS[kind]) + 2
    x, y = int(rng.integers(keep, WIDTH - keep)), int(rng.integers(keep, HEIGHT - keep))
    if tile[0] == 0:
        x = max(x, half_px(kind, radius))
    return Cell(kind, tile[0] * WIDTH + x, tile[1] * HEIGHT + y, radius, int(rng.integers(2**31)))


def known(cell: Cell, left: int, top: int) -> KnownCell | None:
    """Return what can be seen of the cell in the field with that corner."""
    x, y = cell.outline().points()
    x, y = x + (cell.x - left), y + (cell.y - top)
    is_seen = (x >= 0) & (x <= WIDTH) & (y >= 0) & (y <= HEIGHT)
    if not is_seen.any():
        return None
    whole = bounds(x, y)
    box = bounds(x[is_seen], y[is_seen])
    visible = box.width * box.height / (whole.width * whole.height)
    return KnownCell(cell.kind.value, box, visible)


def bounds(x: Plane, y: Plane) -> Box:
    """Return the box around points."""
    return Box(float(x.min()), float(y.min()), float(x.max()), float(y.max()))
