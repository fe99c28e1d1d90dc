"""Whether the picture is good enough to be read, measured on what the detector sees."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.image import Pixels
from edge_app.domain.instruction import WORDS
from edge_app.domain.manifest import DetectorManifest, QualityLimits
from edge_app.domain.quality import Figures, degrees, instruction_for, worst
from edge_app.domain.reading import Degree, Quality, QualityIssue
from edge_app.inference.kind import KindModel

_LONGEST = 256
_WHITE = 250
_FULL = 254
_DARK = 20  # luma: what is darker is the device's frame, or not lit
_DIM = 0.14  # of the brightest: under low gain what is lit is darker than that as well
_NOT_TOUCHED = 0.4  # of that darkness, on a column's mean
_GLARING = 235
_BLACK = 25
_EDGE_SHARE = 0.995
_BRIGHTEST = 0.99
_DARK_SHARE = 0.002  # well below the edges' share: a dark nucleus that gives the edges must count
_FOREGROUND_SHARE = 0.08
_REACH = 1 / 3
_HALF = 0.5
_COARSE = 0.5
_SPECKS = np.ones((7, 7), np.uint8)  # words on the frame are not lit field
_RIM = np.ones((13, 13), np.uint8)  # the frame's edge is no edge of the field
_FROM_1_TO_2 = math.sqrt(2**2 - 1**2)  # blurs add up as their squares do
_FROM_2_TO_4 = math.sqrt(4**2 - 2**2)
_ROUNDING = 0.5  # grey levels: what is smoother than this is rounding
_TOO_DARK_TO_TELL = 2.0  # a degree
_SURELY_STRANGE = 5.0  # a degree
Levels = NDArray[np.uint8]

WRONG = {
    QualityIssue.UNDER_EXPOSED: "The picture is too dark.",
    QualityIssue.OVER_EXPOSED: "The picture is too bright.",
    QualityIssue.CLIPPED: "The picture is nearly only black and white.",
    QualityIssue.COLLIMATION: "What matters is too small in the picture.",
    QualityIssue.POOR_COVERAGE: "A part of the picture is missing.",
    QualityIssue.EMPTY_FIELD: "There is hardly anything to see.",
    QualityIssue.WRONG_ORIENTATION: "The picture is turned.",
    QualityIssue.GLARE: "A bright reflection hides a part of the picture.",
    QualityIssue.COLOUR_CAST: "The colours of the picture are wrong.",
    QualityIssue.BLURRED: "The picture is not sharp.",
}


@dataclass(frozen=True, slots=True)
class _Field:
    """The lit part of a small picture: where it is, without and with its rim."""

    lit: Levels
    inner: Levels
    n_lit: int
    box: tuple[int, int, int, int]


def _levels(values: Levels, *shares: float, mask: Levels | None = None) -> list[float]:
    """Return, for each share, the grey level below which that share of `values` lies."""
    total = cv2.calcHist([values], [0], mask, [256], [0, 256]).ravel().cumsum()
    return [float(level) for level in np.searchsorted(total, np.array(shares) * total[-1])]


def _slopes(luma: Levels) -> tuple[Levels, Levels]:
    across = cv2.convertScaleAbs(cv2.Sobel(luma, cv2.CV_16S, 1, 0))
    down = cv2.convertScaleAbs(cv2.Sobel(luma, cv2.CV_16S, 0, 1))
    return np.asarray(across, np.uint8), np.asarray(down, np.uint8)


def _steepness(across: Levels, down: Levels, contrast: float) -> float:
    """Return the steepest edges' slope over the contrast, an input pixel.

    It is 1 / (sigma sqrt(2 pi)) for a step that is blurred by sigma.

    The steepest half percent is looked at, so the figure does not hang on how many cells
    there are, and the image is smoothed first, so sensor noise does not pass for sharpness.
    """
    slope = np.asarray(cv2.addWeighted(across, 0.5, down, 0.5, 0), np.uint8)
    (steep,) = _levels(slope, _EDGE_SHARE)
    return steep * _HALF / (4 * max(contrast, 1.0))


def _covered(luma: Levels, brightness: float) -> float:
    """Return the share of the field that is apart from its wide surroundings."""
    small = cv2.resize(luma, None, fx=_COARSE, fy=_COARSE, interpolation=cv2.INTER_AREA)
    reach = (int(small.shape[1] * _REACH) | 1, int(small.shape[0] * _REACH) | 1)
    apart = cv2.absdiff(small, cv2.blur(small, reach))
    return float(np.count_nonzero(apart > _FOREGROUND_SHARE * brightness) / apart.size)


def _field_of(luma: Levels, dark: float) -> _Field:
    lit = np.asarray(cv2.threshold(luma, dark, 255, cv2.THRESH_BINARY)[1], np.uint8)
    opened = cv2.morphologyEx(lit, cv2.MORPH_OPEN, _SPECKS)
    x, y, width, height = cv2.boundingRect(opened)
    inner = np.asarray(cv2.erode(lit, _RIM), np.uint8)
    return _Field(lit, inner, cv2.countNonZero(lit), (x, y, width, height))


def _bands(luma: Levels, inner: Levels) -> tuple[float, float]:
    """Return the mean fine contrast within the field, and how fine it is.

    Fine is what a blur of 1 px takes away; coarse is what lies between blurs of 2 px and 4 px,
    looked at on every second pixel, for it has nothing finer.
    """
    exact = luma.astype(np.float32)
    texture = float(cv2.mean(cv2.absdiff(exact, cv2.blur(exact, (9, 9))), inner)[0])
    once = cv2.GaussianBlur(exact, (7, 7), 1)
    fine = _spread(cv2.subtract(exact, once), inner)
    second = np.ascontiguousarray(once[::2, ::2])
    twice = cv2.GaussianBlur(second, (7, 7), _FROM_1_TO_2 / 2)
    wider = cv2.GaussianBlur(twice, (13, 13), _FROM_2_TO_4 / 2)
    coarse = _spread(cv2.subtract(twice, wider), np.ascontiguousarray(inner[::2, ::2]))
    return texture, fine / (coarse + _ROUNDING)


def _spread(values: cv2.typing.MatLike, mask: Levels) -> float:
    return float(cv2.meanStdDev(values, mask=mask)[1][0, 0])


def _largest_patch(white: Levels) -> int:
    if not cv2.countNonZero(white):
        return 0
    count, _, stats, _ = cv2.connectedComponentsWithStats(white, connectivity=4)
    return int(stats[1:, cv2.CC_STAT_AREA].max()) if count > 1 else 0


def _touched(luma: Levels, dark: float) -> NDArray[np.bool_]:
    """Return which columns are lit in their upper half."""
    upper = luma[: max(1, luma.shape[0] // 2)]
    columns = cv2.reduce(upper, 0, cv2.REDUCE_AVG, dtype=cv2.CV_32F)
    return np.asarray(columns.ravel() > _NOT_TOUCHED * dark, np.bool_)


def _peak(luma: Levels, touched: NDArray[np.bool_]) -> float:
    """Return the brightest of the columns that are lit: a lid over the others darkens none."""
    part = np.ascontiguousarray(luma[:, touched]) if touched.any() else luma
    return _levels(part, _BRIGHTEST)[0]


def _boxed(luma: Levels, field: _Field) -> Levels:
    x, y, width, height = field.box
    return luma[y : y + height, x : x + width] if width and height else luma


def _upright(part: Levels) -> float:
    """Return the brightest row of the upper quarter over that of the lower one: skin is bright."""
    rows = cv2.reduce(part, 1, cv2.REDUCE_AVG).ravel()
    quarter = max(1, len(rows) // 4)
    return (float(rows[:quarter].max()) + 1) / (float(rows[-quarter:].max()) + 1)


def _colour(half: Pixels, field: _Field) -> tuple[float, float]:
    red, green, blue, _ = cv2.mean(half, field.lit)
    total = red + green + blue + 1
    return (red - green) / total, (green - blue) / total


def _small(seen: Pixels) -> Pixels:
    """Return `seen` at half its size, or a quarter, so that it has few pixels."""
    half = cv2.resize(seen, None, fx=_HALF, fy=_HALF, interpolation=cv2.INTER_AREA)
    while max(half.shape[:2]) > _LONGEST:
        half = cv2.resize(half, None, fx=_HALF, fy=_HALF, interpolation=cv2.INTER_AREA)
    return np.asarray(half, np.uint8)


def figures_of(seen: Pixels) -> Figures:
    """Return the figures of `seen`, uint8 [h, w, 3], RGB.

    Looks at half the size or less: what matters here is coarser than two pixels, sensor noise
    is not.
    """
    half = _small(seen)
    raw = np.asarray(cv2.cvtColor(half, cv2.COLOR_RGB2GRAY), np.uint8)
    luma = np.asarray(cv2.GaussianBlur(raw, (3, 3), 0), np.uint8)
    brightness, brightest_level, darkest = _levels(luma, 0.95, _BRIGHTEST, _DARK_SHARE)
    dark = min(_DARK, _DIM * brightest_level)
    field, touched = _field_of(luma, dark), _touched(luma, dark)
    part = _boxed(luma, field)
    white = cv2.inRange(half, (_WHITE, _WHITE, _WHITE), (255, 255, 255))
    glaring = np.asarray(cv2.inRange(half, (_GLARING,) * 3, (255, 255, 255)), np.uint8)
    red, green, blue = cv2.split(half)
    brightest = cv2.max(cv2.max(red, green), blue)
    across, down = _slopes(luma)
    texture, fineness = _bands(luma, field.inner)
    n_lit = max(field.n_lit, 1)
    return Figures(
        brightness=brightness,
        clipped=cv2.countNonZero(white) / white.size,
        covered=_covered(luma, brightness),
        sharpness=_steepness(across, down, brightness - darkest),
        burnt=cv2.countNonZero(cv2.inRange(brightest, _FULL, 255)) / n_lit,
        crushed=cv2.countNonZero(cv2.inRange(part, 0, _BLACK)) / part.size,
        peak=_peak(luma, touched),
        level=_levels(luma, 0.5, mask=field.lit)[0],
        texture=100 * texture / max(brightness, 1.0),
        fineness=fineness,
        glare=_largest_patch(glaring) / n_lit,
        colour=_colour(half, field),
        field=field.n_lit / luma.size,
        extent=field.box[2] * field.box[3] / luma.size,
        contact=float(np.count_nonzero(touched) / touched.size),
        layers=(cv2.mean(down, field.inner)[0] + 1) / (cv2.mean(across, field.inner)[0] + 1),
        upright=_upright(part),
    )


def measure(
    seen: Pixels, limits: QualityLimits, kind: KindModel | None = None, modality: str = "SM"
) -> Quality:
    """Return how good `seen` (uint8 [h, w, 3], RGB) is, and the worst thing wrong with it.

    A picture that surely is of another kind is told so before anything else. One that is spoilt
    may look a little strange; one that is empty, or so dark that it could be anything, is of no
    kind.
    """
    figures = figures_of(seen)
    found = degrees(figures, limits)
    issue = worst(found)
    if kind is not None and issue is not QualityIssue.EMPTY_FIELD:
        strange = kind.strangeness(seen)
        dark = next((d.value for d in found if d.issue is QualityIssue.UNDER_EXPOSED), 0.0)
        found = (*found, Degree(QualityIssue.WRONG_KIND, strange))
        if strange > (_SURELY_STRANGE if issue else 1) and dark <= _TOO_DARK_TO_TELL:
            issue = QualityIssue.WRONG_KIND
    return Quality(
        sharpness=figures.sharpness,
        brightness=figures.brightness,
        clipped=figures.clipped,
        covered=figures.covered,
        issue=issue,
        instruction=instruction_for(issue, modality) if issue else None,
        degrees=found,
    )


def reason_of(quality: Quality, manifest: DetectorManifest) -> str:
    """Return why a picture of that quality cannot be read, and what to do; nothing if it can."""
    if quality.issue is None:
        return ""
    if quality.issue is QualityIssue.WRONG_KIND:
        wrong = f"This does not look like {manifest.kind.title}."
    else:
        wrong = WRONG[quality.issue]
    return f"{wrong} {WORDS[instruction_for(quality.issue, manifest.modality)]}"
