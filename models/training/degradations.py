"""Pictures spoilt on purpose, in five strengths each: the test tool of the quality gate."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.image import Pixels
from edge_app.domain.quality import issues_of
from edge_app.domain.reading import QualityIssue

STRENGTHS = (1, 2, 3, 4, 5)
_FRAME = 14  # luma below this is the device's frame: it has no focus, no light and no colour
Rng = np.random.Generator
Spoiling = Callable[[Pixels, int, Rng], Pixels]


def _at(strength: int, *values: float) -> float:
    return values[strength - 1]


def _frame(pixels: Pixels) -> NDArray[np.bool_]:
    """Return where the device's own black frame lies: dark, large, and at the picture's edge."""
    dark = (cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) < _FRAME).astype(np.uint8)
    opened = np.asarray(cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)), np.uint8)
    places = np.asarray(cv2.connectedComponents(opened)[1])
    rim = np.concatenate([places[0], places[-1], places[:, 0], places[:, -1]])
    return np.asarray(np.isin(places, rim[rim > 0]), np.bool_)


def _within(spoilt: NDArray[np.generic], pixels: Pixels) -> Pixels:
    """Return `spoilt` with the frame as it was."""
    made = np.clip(spoilt, 0, 255).astype(np.uint8)
    frame = _frame(pixels)
    made[frame] = pixels[frame]
    return made


def blurred(pixels: Pixels, strength: int, _: Rng) -> Pixels:
    """Return the picture out of focus: sigma 0.3 to 3 % of the longer side."""
    sigma = _at(strength, 0.003, 0.008, 0.014, 0.02, 0.03) * max(pixels.shape[:2])
    return _within(cv2.GaussianBlur(pixels, (0, 0), sigma), pixels)


def under_exposed(pixels: Pixels, strength: int, rng: Rng) -> Pixels:
    """Return the picture with 0.7 to 0.06 of its light, and the sensor's noise."""
    made = pixels * _at(strength, 0.7, 0.45, 0.25, 0.14, 0.06) + rng.normal(0, 1.5, pixels.shape)
    return np.asarray(np.clip(made, 0, 255), np.uint8)


def over_exposed(pixels: Pixels, strength: int, _: Rng) -> Pixels:
    """Return the picture with 1.5 to 8 times its light, in the field only."""
    return _within(pixels * _at(strength, 1.5, 2.2, 4.0, 5.5, 8.0), pixels)


def clipped(pixels: Pixels, strength: int, _: Rng) -> Pixels:
    """Return the picture with 4 to 48 % of its field pressed to white, and as much to black."""
    luma = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    field = luma[~_frame(pixels)]
    share = _at(strength, 0.04, 0.1, 0.22, 0.35, 0.48)
    low, middle, high = np.quantile(field if field.size else luma, (share, 0.5, 1 - share))
    levels = np.arange(256, dtype=np.float32)
    up = middle + (levels - middle) * (255 - middle) / max(high - middle, 1)
    down = middle - (middle - levels) * middle / max(middle - low, 1)
    table = np.clip(np.where(levels > middle, up, down), 0, 255)
    return _within(table[pixels], pixels)


def glaring(pixels: Pixels, strength: int, rng: Rng) -> Pixels:
    """Return the picture with one reflection of a lamp over 2 to 30 % of it."""
    height, width = pixels.shape[:2]
    share = _at(strength, 0.02, 0.05, 0.1, 0.18, 0.3)
    radius = np.sqrt(share * height * width / np.pi)
    x, y = rng.uniform(0.35, 0.65, 2) * (width, height)
    yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
    away = np.hypot((xx - x) * rng.uniform(0.8, 1.2), yy - y) / radius
    light = 255 * np.clip(2.2 - 1.2 * away**2, 0, 1.6)
    return np.asarray(np.clip(pixels + light[..., None], 0, 255), np.uint8)


def tinted(pixels: Pixels, strength: int, rng: Rng) -> Pixels:
    """Return the picture under light of another colour: 1.3 to 6 times less red.

    A warmer light is no degradation that can be told: tissue is as warm as it happens to be.
    """
    apart = np.log(_at(strength, 1.3, 2.0, 3.8, 5.0, 6.5))
    gains = np.exp(np.array([-0.5, *rng.permutation([0.5, 0.0])]) * apart)
    made = pixels * gains
    made *= min(pixels.mean() / max(made.mean(), 1.0), 1.1 / gains.max())
    return np.asarray(np.clip(made, 0, 255), np.uint8)


def emptied(pixels: Pixels, strength: int, rng: Rng) -> Pixels:
    """Return the picture with 40 to 100 % of what is in it faded into its ground."""
    ground = cv2.blur(pixels, (pixels.shape[1] | 1, pixels.shape[0] | 1))
    left = _at(strength, 0.6, 0.3, 0.05, 0.02, 0.0)
    ground = ground * max(1.0, 97 / max(float(np.quantile(ground, 0.98)), 1.0))
    made = pixels * left + ground * (1 - left)
    return _within(made + rng.normal(0, 0.6, pixels.shape), pixels)


def uncovered(pixels: Pixels, strength: int, rng: Rng) -> Pixels:
    """Return the picture with 15 to 90 % of it black, from one side: a lid, a lifted probe."""
    share = _at(strength, 0.15, 0.35, 0.6, 0.75, 0.9)
    made = pixels.copy()
    n_gone = round(made.shape[1] * share)
    if rng.random() < 0.5:
        made[:, :n_gone] = made[:, :n_gone] // 32
    else:
        made[:, made.shape[1] - n_gone :] = made[:, made.shape[1] - n_gone :] // 32
    return made


def far_off(pixels: Pixels, strength: int, rng: Rng) -> Pixels:
    """Return the picture small in a black field: 80 to 15 % of the sides."""
    part = _at(strength, 0.8, 0.65, 0.45, 0.3, 0.15)
    height, width = pixels.shape[:2]
    size = (max(8, round(width * part)), max(8, round(height * part)))
    made = np.zeros_like(pixels)
    x, y = (int(v) for v in rng.uniform(0.2, 0.8, 2) * (width - size[0], height - size[1]))
    made[y : y + size[1], x : x + size[0]] = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return made


def turned(pixels: Pixels, strength: int, rng: Rng) -> Pixels:
    """Return the picture turned by 15, 45, 90, 135 or 180 degrees, to either side."""
    angle = _at(strength, 15, 45, 90, 135, 180) * (1 if rng.random() < 0.5 else -1)
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    return np.asarray(
        cv2.warpAffine(pixels, turn, (width, height), borderMode=cv2.BORDER_REFLECT_101), np.uint8
    )


_WINDOWED = ("US", "MR", "DX")
_SPOILINGS: dict[QualityIssue, Spoiling] = {
    QualityIssue.UNDER_EXPOSED: under_exposed,
    QualityIssue.CLIPPED: clipped,
    QualityIssue.OVER_EXPOSED: over_exposed,
    QualityIssue.COLLIMATION: far_off,
    QualityIssue.POOR_COVERAGE: uncovered,
    QualityIssue.EMPTY_FIELD: emptied,
    QualityIssue.WRONG_ORIENTATION: turned,
    QualityIssue.GLARE: glaring,
    QualityIssue.COLOUR_CAST: tinted,
    QualityIssue.BLURRED: blurred,
}


def spoilings_of(modality: str) -> tuple[tuple[QualityIssue, Spoiling], ...]:
    """Return what can go wrong with pictures of a modality (DICOM's code), and how to make it."""
    found = {issue: _SPOILINGS[issue] for issue in issues_of(modality)}
    if modality == "MR":  # no lid and no lifted probe, but a field that is chosen too large
        found[QualityIssue.POOR_COVERAGE] = far_off
    made = tuple(found.items())
    if modality in _WINDOWED:  # a window that is too narrow is too bright as well
        made = (*made, (QualityIssue.OVER_EXPOSED, clipped))
    return made
