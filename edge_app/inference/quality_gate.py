"""Whether the picture is good enough to be read, measured on what the detector sees."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.image import Pixels
from edge_app.domain.manifest import QualityLimits
from edge_app.domain.reading import Quality, QualityIssue

_WHITE = 250
_EDGE_SHARE = 0.995
_DARK_SHARE = 0.002  # well below the edges' share: a dark nucleus that gives the edges must count
_FOREGROUND_SHARE = 0.08
_REACH = 1 / 3
_HALF = 0.5
_COARSE = 0.5


def _levels(values: NDArray[np.uint8], *shares: float) -> list[float]:
    """Return, for each share, the grey level below which that share of `values` lies."""
    total = cv2.calcHist([values], [0], None, [256], [0, 256]).ravel().cumsum()
    return [float(level) for level in np.searchsorted(total, np.array(shares) * total[-1])]


def _steepness(luma: NDArray[np.uint8], contrast: float) -> float:
    """Return the steepest edges' slope over the contrast, an input pixel.

    It is 1 / (sigma sqrt(2 pi)) for a step that is blurred by sigma.

    The steepest half percent is looked at, so the figure does not hang on how many cells
    there are, and the image is smoothed first, so sensor noise does not pass for sharpness.
    """
    dx = cv2.convertScaleAbs(cv2.Sobel(luma, cv2.CV_16S, 1, 0))
    dy = cv2.convertScaleAbs(cv2.Sobel(luma, cv2.CV_16S, 0, 1))
    slope = np.asarray(cv2.addWeighted(dx, 0.5, dy, 0.5, 0), np.uint8)
    (steep,) = _levels(slope, _EDGE_SHARE)
    return steep * _HALF / (4 * max(contrast, 1.0))


def _covered(luma: NDArray[np.uint8], brightness: float) -> float:
    """Return the share of the field that is apart from its wide surroundings."""
    small = cv2.resize(luma, None, fx=_COARSE, fy=_COARSE, interpolation=cv2.INTER_AREA)
    reach = (int(small.shape[1] * _REACH) | 1, int(small.shape[0] * _REACH) | 1)
    apart = cv2.absdiff(small, cv2.blur(small, reach))
    return float(np.count_nonzero(apart > _FOREGROUND_SHARE * brightness) / apart.size)


def measure(seen: Pixels, limits: QualityLimits) -> Quality:
    """Return the figures of `seen` (uint8 [h, w, 3], RGB) and the worst thing wrong with it.

    Looks at half the size: what matters here is coarser than two pixels, sensor noise is not.
    """
    half = cv2.resize(seen, None, fx=_HALF, fy=_HALF, interpolation=cv2.INTER_AREA)
    luma = np.asarray(cv2.GaussianBlur(cv2.cvtColor(half, cv2.COLOR_RGB2GRAY), (3, 3), 0), np.uint8)
    brightness, darkest = _levels(luma, 0.95, _DARK_SHARE)
    white = cv2.inRange(half, (_WHITE, _WHITE, _WHITE), (255, 255, 255))
    clipped = cv2.countNonZero(white) / white.size
    covered = _covered(luma, brightness)
    sharpness = _steepness(luma, brightness - darkest)
    issue = _issue(sharpness, brightness, clipped, covered, limits)
    return Quality(sharpness, brightness, clipped, covered, issue)


def _issue(
    sharpness: float, brightness: float, clipped: float, covered: float, limits: QualityLimits
) -> QualityIssue | None:
    if brightness < limits.min_brightness:
        return QualityIssue.UNDER_EXPOSED
    if clipped > limits.max_clipped:
        return QualityIssue.OVER_EXPOSED
    if covered < limits.min_covered:
        return QualityIssue.EMPTY_FIELD
    if sharpness < limits.min_sharpness:
        return QualityIssue.BLURRED
    return None
