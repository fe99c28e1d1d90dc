"""A grid of tiles covers the picture with at least the overlap that was asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_app.domain.tiles import Tile, TileGrid


@given(st.integers(32, 5000), st.integers(32, 5000), st.integers(64, 800), st.floats(0, 0.5))
def test_tiles_cover_everything_and_neighbours_overlap(width, height, side, share):
    grid = TileGrid(width, height, side, int(side * share))
    rows = list(grid.rows())

    assert sum(len(r) for r in rows) == grid.n_tiles
    for starts, ends, length in (
        ([r[0].y0 for r in rows], [r[0].y1 for r in rows], height),
        ([t.x0 for t in rows[0]], [t.x1 for t in rows[0]], width),
    ):
        assert starts[0] == 0
        assert ends[-1] == length
        assert all(e - s == min(side, length) for s, e in zip(starts, ends, strict=True))
        overlaps = [e - s for s, e in zip(starts[1:], ends, strict=False)]
        assert all(o >= int(side * share) for o in overlaps)


def test_only_edges_inside_the_picture_cut():
    grid = TileGrid(1000, 640, 640, 160)
    boxes = np.array(
        [[0, 0, 50, 50], [630, 100, 640, 150], [100, 590, 200, 640], [99, 99, 150, 150]]
    )

    assert grid.cut(Tile(0, 0, 640, 640), boxes.astype(float), 4.0).tolist() == [
        False, True, False, False
    ]  # fmt: skip


def test_an_overlap_beyond_half_a_tile_is_refused():
    with pytest.raises(ValueError, match="overlap"):
        TileGrid(1000, 1000, 640, 400)
