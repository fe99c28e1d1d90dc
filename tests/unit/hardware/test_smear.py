"""The drawn smear is what its list of cells says."""

from collections.abc import Sequence
from itertools import combinations

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge_app.domain.geometry import Box, pairwise_iou
from edge_app.domain.image import Pixels
from hardware.simulated.optics import Camera, Optics
from hardware.simulated.smear import HEIGHT, SPACING_MM, WIDTH, KnownCell, Smear

STEP_X, STEP_Y = WIDTH * SPACING_MM, HEIGHT * SPACING_MM
SEEDS = [0, 1, 5, 7, 11]
places = st.tuples(st.integers(0, 2**31), st.floats(0, 20), st.floats(-10, 10))


def picture(smear: Smear, x: float, y: float) -> Pixels:
    optics = Optics(smear.seed, smear.stain, (WIDTH, HEIGHT))
    light = optics.light(smear.densities(x, y), 0.0)
    return Camera(smear.seed, (WIDTH, HEIGHT)).exposed(light, 100.0)


def is_nucleus(pixels: Pixels) -> NDArray[np.bool_]:
    """Return where red and green are both far darker than in any red cell."""
    red, green, blue = (pixels[..., i].astype(int) for i in range(3))
    return (green < 110) & (blue - green > 35) & (blue - red > 5)


def within(box: Box, margin: int = 0) -> tuple[slice, slice]:
    x0, y0 = max(int(box.x0) - margin, 0), max(int(box.y0) - margin, 0)
    return slice(y0, int(box.y1) + 1 + margin), slice(x0, int(box.x1) + 1 + margin)


def array_of(cells: Sequence[KnownCell]) -> NDArray[np.float64]:
    return np.array([(c.box.x0, c.box.y0, c.box.x1, c.box.y1) for c in cells]).reshape(-1, 4)


@settings(max_examples=15, deadline=None)
@given(places)
def test_the_same_seed_and_place_give_the_same_field(place: tuple[int, float, float]) -> None:
    seed, x, y = place

    one, other = Smear(seed), Smear(seed)

    assert one.field(x, y) == other.field(x, y)
    assert np.array_equal(one.densities(x, y), other.densities(x, y))


def test_the_way_to_a_place_does_not_change_what_is_there() -> None:
    travelled = Smear(4)
    for step in range(6):
        travelled.densities(step * 0.02, step * -0.03)

    assert np.array_equal(travelled.densities(0.07, 0.01), Smear(4).densities(0.07, 0.01))


def test_another_seed_gives_another_field() -> None:
    assert Smear(1).field(0, 0).cells != Smear(2).field(0, 0).cells


@pytest.mark.parametrize("seed", SEEDS)
def test_a_field_holds_as_many_cells_as_a_real_one(seed: int) -> None:
    smear = Smear(seed)
    fields = [smear.field(i * STEP_X, j * STEP_Y) for i in range(3) for j in range(3)]

    reds = [len(field.labelled("red-cell")) for field in fields]
    assert min(reds) >= 8
    assert max(reds) <= 36
    assert max(len(field.labelled("white-cell")) for field in fields) <= 3
    assert sum(len(field.labelled("white-cell")) for field in fields) >= 4
    assert max(len(field.labelled("platelet")) for field in fields) <= 6


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**31), st.integers(0, 300), st.integers(-200, 200))
def test_at_whole_fields_every_white_cell_is_whole_and_apart_from_others(
    seed: int, column: int, row: int
) -> None:
    whites = Smear(seed).field(column * STEP_X, row * STEP_Y).labelled("white-cell")

    assert all(cell.visible == 1 for cell in whites)
    for one, other in combinations(whites, 2):
        assert pairwise_iou(array_of([one]), array_of([other]))[0, 0] < 0.12


@settings(max_examples=15, deadline=None)
@given(places)
def test_every_box_lies_in_the_image(place: tuple[int, float, float]) -> None:
    seed, x, y = place

    for cell in Smear(seed).field(x, y).cells:
        assert 0 <= cell.box.x0 < cell.box.x1 <= WIDTH
        assert 0 <= cell.box.y0 < cell.box.y1 <= HEIGHT


@pytest.mark.parametrize("seed", SEEDS)
def test_every_white_cell_has_a_dark_nucleus_in_the_middle_of_its_box(seed: int) -> None:
    smear = Smear(seed)
    for row in range(3):
        nucleus = is_nucleus(picture(smear, 0, row * STEP_Y))
        for cell in smear.field(0, row * STEP_Y).labelled("white-cell"):
            assert nucleus[within(cell.box)].mean() > 0.12


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_purple_lies_outside_the_boxes_of_white_cells_and_platelets(seed: int) -> None:
    smear = Smear(seed)
    for row in range(3):
        purple = is_nucleus(picture(smear, 0, row * STEP_Y))
        field = smear.field(0, row * STEP_Y)
        for cell in (*field.labelled("white-cell"), *field.labelled("platelet")):
            purple[within(cell.box, margin=3)] = False
        assert not purple.any()


@pytest.mark.parametrize("seed", SEEDS)
def test_light_is_lost_nowhere_outside_the_boxes(seed: int) -> None:
    smear = Smear(seed)
    lost = smear.densities(0, 0).max(axis=2) > 0.05
    for cell in smear.field(0, 0).cells:
        lost[within(cell.box, margin=5)] = False

    # A cell of which less than a twentieth is seen has no box: slivers at the edge.
    assert not lost[12:-12, 12:-12].any()


@pytest.mark.parametrize("seed", SEEDS)
def test_each_box_ends_where_its_cell_ends(seed: int) -> None:
    smear = Smear(seed)
    lost = smear.densities(0, 0)[..., 1] > 0.06
    for cell in smear.field(0, 0).cells:
        part = lost[within(cell.box)]
        assert part[:, :6].any()
        assert part[:, -6:].any()
        assert part[:6].any()
        assert part[-6:].any()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31), st.integers(0, 2000), st.integers(-300, 300), st.integers(-200, 200))
@example(43_762_637, 0, 0, 1)  # the soft edge of a cell of the next tile
@example(146, 886, 0, 100)  # the last of it, at a corner
def test_neighbouring_places_agree_where_they_overlap(
    seed: int, left: int, dx: int, dy: int
) -> None:
    smear = Smear(seed)
    here = smear.densities(left * SPACING_MM, 0)
    there = smear.densities((left + dx) * SPACING_MM, dy * SPACING_MM)

    x0, y0 = max(dx, 0), max(dy, 0)
    x1, y1 = WIDTH + min(dx, 0), HEIGHT + min(dy, 0)
    shared = there[y0 - dy : y1 - dy, x0 - dx : x1 - dx]
    assert np.allclose(here[y0:y1, x0:x1], shared, atol=1e-4)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31), st.floats(-1.0, -STEP_X), st.floats(-10, 10))
@example(0, -STEP_X, 0.0)
def test_there_is_nothing_left_of_the_smear(seed: int, x: float, y: float) -> None:
    smear = Smear(seed)

    assert smear.field(x, y).cells == ()
    assert not smear.densities(x, y).any()


def test_a_disc_out_of_focus_is_softer_the_further_it_is_out() -> None:
    smear = Smear(1)
    optics = Optics(1, smear.stain, (WIDTH, HEIGHT))
    densities = smear.densities(0, 0)

    sharpness = [
        cv2.Laplacian(optics.light(densities, focus), cv2.CV_32F).var() for focus in (0, 1, 3, 8)
    ]

    assert sharpness == sorted(sharpness, reverse=True)
    assert sharpness[1] < 0.6 * sharpness[0]
