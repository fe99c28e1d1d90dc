"""How large a pixel is, from something of known size in the picture."""

import math

import numpy as np
from numpy.typing import NDArray

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.image import Pixels
from edge_app.ports import Point

_SHORTEST_PX = 50.0  # one pixel beside the mark is then 2 %
_FEWEST_LINES = 4
_LEAST_PEAK = 0.35  # of the correlation of evenly spaced lines with themselves
_COUNTED_WITHIN = 0.15  # a person who counts lines is a few off, and never five times
_AGAIN = "Bring the scale into focus, upright, across the whole field, then do it again."


def spacing_from_marks(start: Point, end: Point, apart_mm: float) -> float:
    """Return the millimetres a pixel from two places (x, y in px) that are `apart_mm` apart.

    Raises:
        ScannerUnavailableError: They are too close to each other for a scale.
    """
    apart_px = math.dist(start, end)
    if apart_px < _SHORTEST_PX:
        what = f"The two marks are only {apart_px:.0f} pixels apart."
        raise ScannerUnavailableError(what, "Take two that are farther apart.")
    return apart_mm / apart_px


def spacing_from_lines(pixels: Pixels, apart_mm: float, counted: int) -> float:
    """Return the millimetres a pixel from upright lines that stand `apart_mm` apart.

    `pixels` (uint8 [h, w, 3]) show a stage micrometer or ruler, or a grid, and somebody counted
    about how many spaces between lines go across them: where each fifth line is longer, or the
    lines between are not sharp, no picture tells which of them is meant. The exact distance is
    taken from the correlation of the columns with themselves, over as many lines as there are.

    Raises:
        ScannerUnavailableError: No evenly spaced lines of about that number are found.
    """
    profile = pixels.mean(axis=(0, 2))
    ripple = profile - _smoothed(profile, max(3, len(profile) // 8))
    alike = _correlation(ripple)
    first = _peak_near(alike, len(profile) / counted) if counted >= _FEWEST_LINES else 0
    if not first:
        what = f"No scale with about {counted} evenly spaced lines is seen."
        raise ScannerUnavailableError(what, _AGAIN)
    return apart_mm / _refined(alike, first, counted // 2)


def _smoothed(profile: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    padded = np.pad(profile, width // 2, mode="edge")
    return np.convolve(padded, np.full(width, 1 / width), "same")[
        width // 2 : width // 2 + len(profile)
    ]


def _correlation(ripple: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how alike the profile is to itself moved by each distance, 1 at none."""
    n = len(ripple)
    power = np.abs(np.fft.rfft(ripple, 2 * n)) ** 2
    moved = np.fft.irfft(power)[:n] / (n - np.arange(n))
    return moved / moved[0] if moved[0] > 0 else np.zeros(n)


def _peak_near(alike: NDArray[np.float64], distance: float) -> int:
    """Return the distance of the strong peak about there, or 0."""
    low = max(2, math.floor(distance * (1 - _COUNTED_WITHIN)))
    high = min(len(alike) - 1, math.ceil(distance * (1 + _COUNTED_WITHIN)) + 1)
    at = low + int(np.argmax(alike[low:high])) if low < high else 0
    is_peak = at and alike[at - 1] < alike[at] > alike[at + 1] and alike[at] > _LEAST_PEAK
    return at if is_peak else 0


def _refined(alike: NDArray[np.float64], first: int, most: int) -> float:
    """Return the distance from the farthest peak that still is one, to a part of a pixel."""
    distance = float(first)
    for times in range(1, most + 1):
        middle = round(distance * times)
        low, high = middle - max(1, first // 4), middle + max(1, first // 4) + 1
        if high >= len(alike) * 3 // 4:
            break
        at = low + int(np.argmax(alike[low:high]))
        if alike[at] < _LEAST_PEAK:
            break
        distance = _vertex(alike, at) / times
    return distance


def _vertex(alike: NDArray[np.float64], at: int) -> float:
    """Return where the parabola through a peak and its neighbours is highest."""
    before, peak, after = alike[at - 1 : at + 2]
    bend = before - 2 * peak + after
    return at + (0.5 * float((before - after) / bend) if bend else 0.0)
