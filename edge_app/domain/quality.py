"""From a picture's figures to the one thing that is wrong with it, and what to do about it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from edge_app.domain.instruction import Instruction as Do
from edge_app.domain.manifest import QualityLimits
from edge_app.domain.reading import Degree, QualityIssue

_MOST = 99.0  # a degree is told no further
_TINY = 1e-6
_SMEAR = "SM"


@dataclass(frozen=True, slots=True)
class Figures:
    """What the quality gate measured; `QualityLimits` says what each is."""

    brightness: float
    clipped: float
    covered: float
    sharpness: float
    burnt: float
    level: float
    crushed: float
    peak: float
    texture: float
    fineness: float
    glare: float
    colour: tuple[float, float]
    field: float
    extent: float
    contact: float
    layers: float
    upright: float


def _too_much(value: float, limit: float) -> float:
    return min(value / limit, _MOST) if limit > 0 else 0.0


def _too_little(value: float, limit: float) -> float:
    return min(limit / max(value, _TINY), _MOST) if limit > 0 else 0.0


def cast(colour: tuple[float, float], usual: tuple[float, ...]) -> float:
    """Return how far a field's colour is from the usual one, in spreads; 0 where none is usual.

    The distance is Mahalanobis': what is usually redder and yellower at once may be so.
    """
    if not usual:
        return 0.0
    red, yellow, spread_red, spread_yellow, together = usual
    x, y = (colour[0] - red) / spread_red, (colour[1] - yellow) / spread_yellow
    return math.sqrt((x * x - 2 * together * x * y + y * y) / (1 - together * together))


def _degrees(figures: Figures, limits: QualityLimits) -> Iterator[tuple[QualityIssue, float]]:
    f, at = figures, limits
    dark, peak = _too_little(f.brightness, at.min_brightness), _too_little(f.peak, at.min_peak)
    yield QualityIssue.UNDER_EXPOSED, max(dark, peak)
    white, burnt = _too_much(f.clipped, at.max_clipped), _too_much(f.burnt, at.max_burnt)
    yield QualityIssue.OVER_EXPOSED, max(white, burnt, _too_much(f.level, at.max_level))
    yield QualityIssue.CLIPPED, _too_much(f.crushed, at.max_crushed)
    yield QualityIssue.COLLIMATION, _too_little(f.extent, at.min_extent)
    field, contact = _too_little(f.field, at.min_field), _too_little(f.contact, at.min_contact)
    yield QualityIssue.POOR_COVERAGE, max(field, contact)
    apart, texture = _too_little(f.covered, at.min_covered), _too_little(f.texture, at.min_texture)
    yield QualityIssue.EMPTY_FIELD, max(apart, texture)
    layers, upright = _too_little(f.layers, at.min_layers), _too_little(f.upright, at.min_upright)
    yield QualityIssue.WRONG_ORIENTATION, max(layers, upright)
    yield QualityIssue.GLARE, _too_much(f.glare, at.max_glare)
    yield QualityIssue.COLOUR_CAST, _too_much(cast(f.colour, at.colour), at.max_cast)
    slope, fine = (
        _too_little(f.sharpness, at.min_sharpness),
        _too_little(f.fineness, at.min_fineness),
    )
    yield QualityIssue.BLURRED, max(slope, fine)


def degrees(figures: Figures, limits: QualityLimits) -> tuple[Degree, ...]:
    """Return one degree a check that `limits` asks for, worst kind of issue first."""
    return tuple(Degree(issue, value) for issue, value in _degrees(figures, limits) if value > 0)


_RIVALS = (
    # An empty field is not sharp, and a blurred one looks emptier.
    (QualityIssue.EMPTY_FIELD, QualityIssue.BLURRED),
    # Where half a picture is missing, so are half of the layers that tell which way is up.
    (QualityIssue.POOR_COVERAGE, QualityIssue.WRONG_ORIENTATION),
)


def worst(found: tuple[Degree, ...]) -> QualityIssue | None:
    """Return the first issue that is beyond its limit, or None.

    Of two issues that bring each other about it is the one that is farther beyond; where both are
    as far, the first.
    """
    beyond = {d.issue: d.value for d in found if d.value > 1}
    for one, other in _RIVALS:
        if one in beyond and other in beyond:
            del beyond[one if beyond[other] > beyond[one] else other]
    return next((issue for issue in QualityIssue if issue in beyond), None)


_ANY: Mapping[QualityIssue, Do] = {
    QualityIssue.COLOUR_CAST: Do.NO_PHOTOGRAPH,
    QualityIssue.WRONG_KIND: Do.OTHER_DETECTOR,
}
# DICOM's codes of modalities, PS3.3 section C.7.3.1.1.1.
_BY_MODALITY: Mapping[str, Mapping[QualityIssue, Do]] = {
    _SMEAR: {
        QualityIssue.UNDER_EXPOSED: Do.LAMP_UP,
        QualityIssue.OVER_EXPOSED: Do.LAMP_DOWN,
        QualityIssue.CLIPPED: Do.LESS_CONTRAST,
        QualityIssue.EMPTY_FIELD: Do.MOVE_SLIDE,
        QualityIssue.POOR_COVERAGE: Do.OPEN_DIAPHRAGM,
        QualityIssue.COLOUR_CAST: Do.WHITE_BALANCE,
        QualityIssue.BLURRED: Do.FOCUS_KNOB,
    },
    "ES": {
        QualityIssue.UNDER_EXPOSED: Do.TIP_NEARER,
        QualityIssue.OVER_EXPOSED: Do.TIP_BACK,
        QualityIssue.EMPTY_FIELD: Do.TIP_BACK,
        QualityIssue.POOR_COVERAGE: Do.WASH_LENS,
        QualityIssue.GLARE: Do.TILT_TIP,
        QualityIssue.COLOUR_CAST: Do.WHITE_BALANCE,
        QualityIssue.BLURRED: Do.WASH_LENS,
    },
    "OP": {
        QualityIssue.UNDER_EXPOSED: Do.FLASH_UP,
        QualityIssue.OVER_EXPOSED: Do.FLASH_DOWN,
        QualityIssue.EMPTY_FIELD: Do.AIM_AT_PUPIL,
        QualityIssue.POOR_COVERAGE: Do.OPEN_EYE,
        QualityIssue.GLARE: Do.CAMERA_BACK,
        QualityIssue.COLOUR_CAST: Do.WHITE_BALANCE,
        QualityIssue.BLURRED: Do.FOCUS_VESSELS,
    },
    "US": {
        QualityIssue.UNDER_EXPOSED: Do.GAIN_UP,
        QualityIssue.OVER_EXPOSED: Do.GAIN_DOWN,
        QualityIssue.EMPTY_FIELD: Do.MORE_GEL,
        QualityIssue.POOR_COVERAGE: Do.WHOLE_PROBE,
        QualityIssue.WRONG_ORIENTATION: Do.SKIN_ON_TOP,
        QualityIssue.BLURRED: Do.FOCUS_DEPTH,
    },
    "MR": {
        QualityIssue.UNDER_EXPOSED: Do.WINDOW_BRIGHTER,
        QualityIssue.OVER_EXPOSED: Do.WIDER_WINDOW,
        QualityIssue.EMPTY_FIELD: Do.OTHER_SLICE,
        QualityIssue.POOR_COVERAGE: Do.SMALLER_FIELD,
        QualityIssue.BLURRED: Do.LIE_STILL,
    },
    "DX": {
        QualityIssue.UNDER_EXPOSED: Do.WINDOW_BRIGHTER,
        QualityIssue.OVER_EXPOSED: Do.WIDER_WINDOW,
        QualityIssue.EMPTY_FIELD: Do.LIMB_IN_FIELD,
        QualityIssue.COLLIMATION: Do.NARROW_BEAM,
        QualityIssue.BLURRED: Do.LIE_STILL,
    },
}
_SAME_WORDS = {"CR": "DX", "RG": "DX", "XC": "ES"}


def issues_of(modality: str) -> tuple[QualityIssue, ...]:
    """Return what is looked for in pictures of a device of that modality (DICOM's code)."""
    known = _BY_MODALITY.get(_SAME_WORDS.get(modality, modality), {})
    return tuple(i for i in QualityIssue if i in known or i is QualityIssue.COLOUR_CAST)


def instruction_for(issue: QualityIssue, modality: str = _SMEAR) -> Do:
    """Return the one thing to do about `issue` with a device of that modality (DICOM's code)."""
    known = _BY_MODALITY.get(_SAME_WORDS.get(modality, modality), {})
    return known.get(issue) or _ANY.get(issue, Do.TAKE_AGAIN)
