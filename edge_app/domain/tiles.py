"""A picture cut into overlapping tiles, and which boxes a tile's edge has cut."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a picture, in its pixels; far edges exclusive."""

    x0: int
    y0: int
    x1: int
    y1: int


@dataclass(frozen=True, slots=True)
class TileGrid:
    """Square tiles that cover a picture; neighbours share at least `overlap_px`.

    An object that is not larger than the overlap lies whole in at least one tile.

    Attributes:
        side_px: Side of a tile in image pixels; a narrower picture has narrower tiles.
    """

    width: int
    height: int
    side_px: int
    overlap_px: int

    def __post_init__(self) -> None:
        """Refuse tiles that would never come to the end of the picture."""
        if not 0 <= self.overlap_px <= self.side_px // 2:
            message = f"an overlap of {self.overlap_px} in tiles of {self.side_px} pixels"
            raise ValueError(message)

    @property
    def n_tiles(self) -> int:
        """How many tiles there are."""
        return len(self._starts(self.width)) * len(self._starts(self.height))

    def rows(self) -> Iterator[tuple[Tile, ...]]:
        """Yield the tiles row by row, from the top, each row from the left."""
        wide, high = min(self.side_px, self.width), min(self.side_px, self.height)
        for y in self._starts(self.height):
            yield tuple(Tile(x, y, x + wide, y + high) for x in self._starts(self.width))

    def cut(self, tile: Tile, boxes: Boxes, near_px: float) -> NDArray[np.bool_]:
        """Return which `boxes` [n, 4] come within `near_px` of an edge inside the picture."""
        inner = np.array([tile.x0 > 0, tile.y0 > 0, tile.x1 < self.width, tile.y1 < self.height])
        edges = np.array([tile.x0, tile.y0, tile.x1, tile.y1], np.float64)
        away = np.abs(boxes - edges)
        return np.asarray((inner & (away <= near_px)).any(axis=1), np.bool_)

    def _starts(self, length: int) -> tuple[int, ...]:
        """Return where tiles begin along one side: evenly, the last one flush with the end."""
        room = length - self.side_px
        if room <= 0:
            return (0,)
        count = -(-room // (self.side_px - self.overlap_px)) + 1
        return tuple(round(room * place / (count - 1)) for place in range(count))


@dataclass(frozen=True, slots=True)
class TileTally:
    """How the tiles fared.

    Attributes:
        empty: Tiles of bare glass; what was found in them counts all the same.
        turned_away: Tiles that the quality gate would not answer for, by what is wrong.
    """

    side_px: int
    overlap_px: int
    total: int
    empty: int
    turned_away: dict[str, int]
