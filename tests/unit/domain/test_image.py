"""An image never changes after it was captured."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from edge_app.domain.image import content_hash
from tests.fakes import an_image, some_pixels


def test_pixels_are_locked():
    image = an_image()

    with pytest.raises(ValueError, match="read-only"):
        image.pixels[0, 0, 0] = 1


@pytest.mark.parametrize(
    "pixels", [np.zeros((40, 40), np.uint8), np.zeros((40, 40, 4), np.uint8), np.zeros((40, 40, 3))]
)
def test_pixels_of_another_shape_or_depth_are_refused(pixels):
    with pytest.raises(ValueError, match="uint8"):
        an_image(pixels)


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        replace(an_image(), captured_at=datetime(2026, 1, 1))  # noqa: DTZ001  the point of it


def test_the_hash_tells_one_changed_pixel_and_one_changed_shape():
    pixels = some_pixels()
    changed = pixels.copy()
    changed[0, 0, 0] ^= 1

    assert content_hash(pixels) == content_hash(pixels.copy())
    assert content_hash(pixels) != content_hash(changed)
    assert content_hash(pixels) != content_hash(pixels.reshape(64, 48, 3))
