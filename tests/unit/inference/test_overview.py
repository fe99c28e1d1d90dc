"""A small copy of a large picture shows all of it, with every box in its place."""

import cv2
import numpy as np
import pytest

from edge_app.domain.geometry import Box
from edge_app.domain.reading import Code, Detection
from edge_app.inference.overview import OverviewedImage
from edge_app.inference.tiling import HashedImage, HeldImage
from tests.slides import a_slide

CELL = Detection("cell", Code("L", "1", "Cell"), 0.9, Box(100.0, 200.0, 140.0, 260.0))


def overviewed(pixels, longest, step=200, overlap=50):
    """Return what the other one gave and the overview, rows asked for as tiles ask."""
    image = OverviewedImage(HeldImage(pixels), longest)
    top, given = 0, []
    while top < len(pixels):
        bottom = min(len(pixels), top + step)
        given.append(image.rows(top, bottom)[max(0, sum(map(len, given)) - top) :])
        top = bottom if bottom == len(pixels) else bottom - overlap
    return np.concatenate(given), image.overview()


@pytest.mark.parametrize("longest", [100, 213, 640, 641])
def test_it_is_the_picture_made_smaller(longest):
    pixels = a_slide(1001, 1, 1).pixels

    given, overview = overviewed(pixels, longest)

    height, width = overview.pixels.shape[:2]
    whole = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    assert np.array_equal(given, pixels)
    assert max(height, width) <= longest
    assert np.abs(overview.pixels.astype(int) - whole).mean() < 3


@pytest.mark.parametrize("height", [481, 482, 483, 484])
def test_the_last_rows_are_there_too(height):
    pixels = np.zeros((height, 640, 3), np.uint8)
    pixels[-1] = 240

    _, overview = overviewed(pixels, 160)

    assert overview.pixels[-1].min() > 20
    assert len(overview.pixels) == -(-height // 4)


def test_boxes_lie_where_they_lay():
    _, overview = overviewed(np.zeros((500, 1000, 3), np.uint8), 250)

    (placed,) = overview.placed([CELL])
    assert (placed.box, placed.label, placed.score) == (Box(25, 50, 35, 65), "cell", 0.9)
    assert overview.is_smaller


def test_a_picture_that_is_small_enough_is_kept_as_it_is():
    pixels = a_slide(1001, 1, 1).pixels

    _, overview = overviewed(pixels, 640)

    assert np.array_equal(overview.pixels, pixels)
    assert not overview.is_smaller
    assert overview.placed([CELL]) == [CELL]


def test_rows_that_only_the_hash_asks_for_are_in_it():
    pixels = a_slide(1001, 1, 1).pixels
    image = OverviewedImage(HeldImage(pixels), 640)

    HashedImage(image).whole_hash()

    assert np.array_equal(image.overview().pixels, pixels)
