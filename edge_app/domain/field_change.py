"""Whether two frames show the same field: told from a coarse look, whatever the lamp does."""

import numpy as np
from numpy.typing import NDArray

from edge_app.domain.image import Pixels

_ROWS, _COLUMNS = 24, 32
_FLAT = 1.5  # grey levels; what varies less than this shows nothing that could have moved
_BLOCK = 4
_SAME = 0.995  # two fields of one patient are less alike; noise and JPEG do not count
Glance = NDArray[np.float32]


def glance(pixels: Pixels) -> Glance:
    """Return the green channel of a frame as the means of 24 x 32 parts (fewer of a small one)."""
    height, width = pixels.shape[:2]
    rows, columns = min(_ROWS, height), min(_COLUMNS, width)
    down, across = height // rows, width // columns
    step_y, step_x = max(1, down // _BLOCK), max(1, across // _BLOCK)
    green = pixels[: rows * down, : columns * across, 1]
    parts = green.reshape(rows, down, columns, across)[:, ::step_y, :, ::step_x]
    return np.asarray(parts.mean(axis=(1, 3)), np.float32)


def likeness(one: Glance, other: Glance) -> float:
    """Return the correlation of two looks, 1 for the same field, about 0 for different ones.

    Brightness and contrast do not count. Two looks at bare glass are alike; one at glass and
    one at something are not.
    """
    if one.shape != other.shape:
        return 0.0
    a, b = one - one.mean(), other - other.mean()
    spread = float(a.std()), float(b.std())
    if max(spread) < _FLAT:
        return 1.0
    if min(spread) < _FLAT:
        return 0.0
    return float((a * b).mean() / (spread[0] * spread[1]))


def shows_nothing(look: Glance) -> bool:
    """Return whether a look varies so little that nothing in it could have moved."""
    return float(look.std()) < _FLAT


def is_same_picture(one: Glance, other: Glance) -> bool:
    """Return whether two looks are at one and the same thing; two at nothing are not."""
    return not shows_nothing(one) and likeness(one, other) >= _SAME


def repeats(image: Pixels, former: Pixels) -> float:
    """Return how far `image` is a duplicate of the picture before it: above 1 it is one.

    A hand that moves, or a patient who breathes, changes more than a camera's noise does.
    """
    apart = 1 - likeness(glance(image), glance(former))
    return min((1 - _SAME) / max(apart, 1e-6), 99.0)
