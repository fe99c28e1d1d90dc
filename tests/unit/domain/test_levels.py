"""Levels from black to white, of a picture's own depth."""

from dataclasses import replace

import numpy as np
import pytest

from edge_app.domain.image import Deep, DeepScale
from edge_app.domain.levels import ALL, Levels, at_levels, by_content, own_levels, range_of
from tests.fakes import an_image

GREY = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)


def a_deep_one(numbers, **scale):
    """Return a picture whose 8 bits are black, so that nothing of them is taken for its depth."""
    flat = an_image(np.zeros((*numbers.shape, 3), np.uint8))
    return replace(flat, deep=Deep(numbers.astype(np.uint16), DeepScale(**scale)))


def test_levels_are_from_black_to_white_between_their_ends():
    shown = at_levels(an_image(GREY), Levels.between(64, 192))[..., 0].reshape(-1)

    assert set(shown[:65]) == {0}
    assert set(shown[192:]) == {255}
    assert shown[128] == pytest.approx(128, abs=1)
    assert np.all(np.diff(shown.astype(int)) >= 0)


def test_without_levels_a_picture_is_as_it_was_taken():
    image = an_image(GREY)

    assert at_levels(image, None) is image.pixels
    assert np.array_equal(at_levels(image, ALL), GREY)


def test_neighbours_that_8_bits_cannot_tell_apart_are_told_apart_in_16():
    numbers = np.full((40, 40), 30_000)
    numbers[:, 20:] = 30_040  # an eighth of one of 256 levels
    image = a_deep_one(numbers)
    shown = at_levels(image, Levels(30_020.0, 80.0))

    assert shown.shape == (40, 40)
    assert int(shown[0, 39]) - int(shown[0, 0]) == pytest.approx(128, abs=1)


def test_levels_of_a_scale_are_what_its_maker_means():
    image = a_deep_one(np.array([[0, 1024], [1064, 3024]]), intercept=-1024.0, unit="HU")

    assert range_of(image) == Levels.between(-1024, 2000)
    ((air, water), (soft, bone)) = at_levels(image, Levels(40.0, 400.0)).tolist()
    assert (air, water, bone) == (0, 102, 255)
    assert soft == pytest.approx(128, abs=1)


def test_an_inverted_film_shows_high_levels_dark():
    image = a_deep_one(np.array([[0, 100], [200, 300]]), is_inverted=True)

    assert at_levels(image, Levels.between(0, 300)).tolist() == [[255, 170], [85, 0]]


def test_the_makers_window_is_where_a_change_begins():
    numbers = np.array([[0, 4095]])

    assert own_levels(a_deep_one(numbers, window=(2000.0, 500.0))) == Levels(2000.0, 500.0)
    assert own_levels(a_deep_one(numbers)) == Levels.between(0, 4095)
    assert own_levels(an_image()) == ALL


def test_levels_by_content_leave_the_outliers_out():
    grey = np.full((100, 100, 3), 120, np.uint8)
    grey[:50] = 90
    grey[0, :5], grey[0, 5:10] = 0, 255
    deep = np.full((100, 100), 5000)
    deep[:50], deep[0, :5], deep[0, 5:10] = 4000, 0, 65_535

    assert by_content(an_image(grey)) == Levels.between(90, 120)
    assert by_content(a_deep_one(deep)) == Levels.between(4000, 5000)


def test_a_picture_of_one_level_has_levels_of_some_width():
    flat = an_image(np.full((9, 9, 3), 7, np.uint8))

    assert by_content(flat).width > 0
    assert range_of(a_deep_one(np.full((9, 9), 7))).width > 0


def test_levels_that_are_moved_stay_about_the_picture_and_never_without_width():
    narrow = ALL.moved(-1000, -1000, ALL)
    wide = ALL.moved(1000, 5000, ALL)

    assert (narrow.centre, wide.centre) == (0, 255)
    assert 0 < narrow.width < 2
    assert wide.width == 510


@pytest.mark.parametrize(
    "scale",
    [{"slope": 0.0}, {"slope": -1.0}, {"slope": float("nan")}, {"intercept": float("inf")},
     {"window": (float("nan"), 1.0)}],
)  # fmt: skip
def test_a_scale_without_levels_is_refused(scale):
    with pytest.raises(ValueError, match="finite"):
        DeepScale(**scale)


def test_a_depth_of_another_size_or_kind_is_refused():
    with pytest.raises(ValueError, match="size"):
        replace(an_image(), deep=Deep(np.zeros((3, 3), np.uint16)))
    with pytest.raises(ValueError, match="uint16"):
        Deep(np.zeros((3, 3), np.int32))
