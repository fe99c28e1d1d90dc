"""Which levels of a picture are shown from black to white: window and level, as viewers call it.

A picture has the levels of its own depth: those that its device made, where it keeps more than the
256 that a screen shows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_app.domain.image import CapturedImage, DeepScale, Pixels

_SHADES = 256
_NUMBERS = 65_536
_EIGHT_BITS = DeepScale()
_NARROWEST = 1 / 256
_CUT = 0.01
_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels from `centre` - `width` / 2, shown black, to `centre` + `width` / 2, shown white."""

    centre: float
    width: float

    @staticmethod
    def between(low: float, high: float) -> "Levels":
        """Return those from `low` to `high`."""
        return Levels((low + high) / 2, high - low)

    @property
    def low(self) -> float:
        """The highest level that is black."""
        return self.centre - self.width / 2

    @property
    def high(self) -> float:
        """The lowest level that is white."""
        return self.centre + self.width / 2

    def part(self, low: float, high: float) -> "Levels":
        """Return those between two shares of these, 0 at the lowest and 1 at the highest."""
        return Levels.between(self.low + low * self.width, self.low + high * self.width)

    def moved(self, by: float, wider: float, within: "Levels") -> "Levels":
        """Return these `by` levels higher and `wider` by so many; they stay about `within`."""
        width = min(max(self.width + wider, within.width * _NARROWEST), 2 * within.width)
        return Levels(min(max(self.centre + by, within.low), within.high), width)


ALL = Levels.between(0.0, _SHADES - 1.0)


def scale_of(image: CapturedImage) -> DeepScale:
    """Return what the numbers of a picture mean."""
    return image.deep.scale if image.deep else _EIGHT_BITS


def _levels(scale: DeepScale, low: float, high: float) -> Levels:
    """Return the levels between two numbers; at least one lies between them."""
    ends = (low, max(high, low + 1))
    return Levels.between(*(end * scale.slope + scale.intercept for end in ends))


def range_of(image: CapturedImage) -> Levels:
    """Return all levels that there are: those of the screen, or from the lowest to the highest."""
    if image.deep is None:
        return ALL
    numbers = image.deep.numbers
    return _levels(image.deep.scale, float(numbers.min()), float(numbers.max()))


def own_levels(image: CapturedImage) -> Levels:
    """Return the levels at which its maker would have it shown, or else all of them."""
    window = scale_of(image).window
    return Levels(*window) if window else range_of(image)


def by_content(image: CapturedImage) -> Levels:
    """Return the levels that hold all but the darkest and the brightest hundredth of a picture."""
    numbers: NDArray[np.uint8] | NDArray[np.uint16] = (
        image.deep.numbers if image.deep else image.pixels
    )
    shares = np.cumsum(np.bincount(numbers.reshape(-1))) / max(1, numbers.size)
    low, high = (int(np.searchsorted(shares, share)) for share in (_CUT, 1 - _CUT))
    return _levels(scale_of(image), low, high)


def _shades(levels: Levels, scale: DeepScale, n_numbers: int) -> Pixels:
    """Return the shade in which each number is shown."""
    there = np.arange(n_numbers) * scale.slope + scale.intercept
    grey = np.clip(np.rint((there - levels.low) * ((_SHADES - 1) / levels.width)), 0, _SHADES - 1)
    return np.asarray(_SHADES - 1 - grey if scale.is_inverted else grey, np.uint8)


def at_levels(image: CapturedImage, levels: Levels | None) -> Pixels:
    """Return a picture at `levels`, uint8 [h, w] where it is deep, else [h, w, 3].

    Without levels it is as it was taken; the picture itself stays so always.
    """
    if levels is None:
        return image.pixels
    scale = scale_of(image)
    if image.deep is None:
        return _looked_up(_shades(levels, scale, _SHADES), image.pixels)
    return _looked_up(_shades(levels, scale, _NUMBERS), image.deep.numbers)


def _looked_up(shades: Pixels, numbers: NDArray[np.uint8] | NDArray[np.uint16]) -> Pixels:
    """Return the shade of each number.

    Some at a time: numpy widens what it looks up to 8 bytes, which of a whole film is four times as
    slow.
    """
    flat = numbers.reshape(-1)
    made = np.empty(flat.size, np.uint8)
    for start in range(0, flat.size, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        np.take(shades, flat[part], out=made[part], mode="clip")
    return made.reshape(numbers.shape)
