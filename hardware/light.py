"""Even and white light: measured once on an empty bright field, then taken out of every frame.

A frame of nothing but lit glass shows the lamp, the vignette of the lens and the tint of both, and
every later frame is divided by it: flat-field correction, as microscopy knows it. Levels of a
camera are a power of the light, and a power of a product is the product of the powers, so the
division is right for such levels too.
"""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Annotated

import msgspec
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.image import Pixels

FRAMES_OF_LIGHT = 8
_DEGREE = 4  # of a polynomial in both directions together: a vignette, a lamp out of centre
_POWERS = tuple((i, n - i) for n in range(_DEGREE + 1) for i in range(n + 1))
_BLOCKS = 32  # along each side: dust and noise vanish in a block's median
_BRIGHTEST = 250.0
_DARKEST = 40.0
_MOST_CLIPPED = 0.001
_MOST_APART = 0.03  # of a block from the fitted field: more is something that lies there
_MOST_MOVED = 0.02  # from one frame to the next: the lamp flickers, or somebody moves the stage
_MOST_GAIN = 3.0
_TOP = 235.0  # what the brightest place of an empty field becomes: white, with room above
_AGAIN = "Move to an empty, clean field, set the lamp, then do it again."
_Coefficients = Annotated[tuple[float, ...], msgspec.Meta(min_length=15, max_length=15)]


class Light(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The light of one microscope, as it stands in the device's profile.

    Attributes:
        measured: The day.
        channels: Of each channel, in the device's order, the coefficients of x^i y^j, i + j up to
            4, in the order of i + j and then i, with x and y from -1 to 1 across the frame as the
            device delivers it; levels.
    """

    measured: date
    channels: tuple[_Coefficients, _Coefficients, _Coefficients]

    def field(self, height: int, width: int) -> NDArray[np.float64]:
        """Return the light, [height, width, 3], in levels."""
        terms = _terms(height, width)
        return np.stack([np.tensordot(np.array(c), terms, 1) for c in self.channels], axis=-1)

    def gain(self, height: int, width: int) -> NDArray[np.float32]:
        """Return what each level is multiplied by, float32 [height, width, 3].

        Raises:
            ScannerUnavailableError: The figures are not those of a light.
        """
        field = self.field(height, width)
        if not np.isfinite(field).all() or field.min() <= 0 or _spread(field) > _MOST_GAIN:
            what = "The light in the device's profile is not one that can be evened out."
            raise ScannerUnavailableError(what, "Calibrate the light anew.")
        return np.asarray(min(_TOP, field.max()) / field, np.float32)


def evened(pixels: Pixels, gain: NDArray[np.float32]) -> Pixels:
    """Return the frame as under even, white light; what becomes brighter than white is white."""
    return np.asarray(np.rint(np.minimum(pixels * gain, 255)), np.uint8)


def unevenness(frame: Pixels) -> float:
    """Return how far the darkest place or channel is below the brightest, as a share of it."""
    return 1 - 1 / _spread(_blocks(frame))


def measured_light(frames: Sequence[Pixels], on: date) -> Light:
    """Return the light that `frames` of one empty bright field (uint8 [h, w, 3]) show.

    Raises:
        ScannerUnavailableError: They are no empty bright field, or the light is too uneven; says
            which, and what to do.
    """
    blocks = [_blocks(frame) for frame in frames]
    _ensure_bright(frames)
    seen = np.mean(blocks, axis=0)
    terms = _terms(*seen.shape[:2]).reshape(len(_POWERS), -1).T
    found = np.linalg.lstsq(terms, seen.reshape(-1, 3), rcond=None)[0]
    fitted = (terms @ found).reshape(seen.shape)
    if np.abs(seen / fitted - 1).max() > _MOST_APART:
        raise ScannerUnavailableError("The field is not empty: something lies in it.", _AGAIN)
    for before, after in pairwise(blocks):
        if np.abs(after / before - 1).max() > _MOST_MOVED:
            raise ScannerUnavailableError("The light or the picture is not steady.", _AGAIN)
    if _spread(fitted) > _MOST_GAIN:
        what = "The light is too uneven or too coloured to be evened out."
        raise ScannerUnavailableError(what, "Centre the lamp, open the diaphragm, do it again.")
    first, second, third = (tuple(round(float(c), 6) for c in found[:, k]) for k in range(3))
    return Light(on, (first, second, third))


def _spread(field: NDArray[np.float64]) -> float:
    return float(field.max() / field.min())


def _terms(height: int, width: int) -> NDArray[np.float64]:
    """Return x^i y^j at the middle of each pixel or block, [terms, height, width]."""
    y, x = ((2 * np.arange(n) + 1) / n - 1 for n in (height, width))
    return np.array([np.outer(y**j, x**i) for i, j in _POWERS])


def _blocks(frame: Pixels) -> NDArray[np.float64]:
    """Return the median of each of the blocks, [rows, columns, 3]."""
    rows, columns = (min(_BLOCKS, side) for side in frame.shape[:2])
    tall, wide = frame.shape[0] // rows, frame.shape[1] // columns
    cut = frame[: rows * tall, : columns * wide].reshape(rows, tall, columns, wide, 3)
    return np.asarray(np.median(cut, axis=(1, 3)) + 1e-3, np.float64)


def _ensure_bright(frames: Sequence[Pixels]) -> None:
    for frame in frames:
        if (frame >= _BRIGHTEST).mean() > _MOST_CLIPPED:
            raise ScannerUnavailableError("The field is too bright to be measured.",
                                          "Turn the lamp down, then do it again.")  # fmt: skip
        if np.median(frame, axis=(0, 1)).min() < _DARKEST:
            raise ScannerUnavailableError("The field is too dark to be measured.",
                                          "Turn the lamp up, then do it again.")  # fmt: skip
