"""The quality gate's limits for one detector, from clean pictures and from spoilt ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_app.domain.image import Pixels
from edge_app.domain.manifest import InputSpec, QualityLimits
from edge_app.domain.quality import Figures, cast
from edge_app.domain.reading import QualityIssue
from edge_app.inference.preprocess import prepare
from edge_app.inference.quality_gate import figures_of
from models.training.degradations import Rng, Spoiling, clipped, spoilings_of, turned

MIDDLE = 3
_UPSIDE_DOWN = 5
_CLEAN_TRIPS = 0.003  # of clean training pictures, a check
_SPOILT_PASSES = 0.02
_TOWARDS_SPOILT = 0.5
_FRAMES = ("min_field", "min_contact")  # an eyepiece or a narrow probe covers less, and is clean
_TOWARDS_SPOILT_FRAME = 0.6
_ROOM = 10  # other clinics' clean pictures are farther from spoilt ones than this at most
_DIGITS = 4
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Look:
    """Which limit tells an issue, and how its figure is read."""

    limit: str
    figure: Callable[[Figures], float]
    is_least: bool


_LOOKS = {
    QualityIssue.UNDER_EXPOSED: _Look("min_peak", lambda f: f.peak, is_least=True),
    QualityIssue.OVER_EXPOSED: _Look("max_level", lambda f: f.level, is_least=False),
    QualityIssue.CLIPPED: _Look("max_crushed", lambda f: f.crushed, is_least=False),
    QualityIssue.COLLIMATION: _Look("min_extent", lambda f: f.extent, is_least=True),
    QualityIssue.POOR_COVERAGE: _Look("min_field", lambda f: f.field, is_least=True),
    QualityIssue.EMPTY_FIELD: _Look("min_texture", lambda f: f.texture, is_least=True),
    QualityIssue.WRONG_ORIENTATION: _Look("min_layers", lambda f: f.layers, is_least=True),
    QualityIssue.GLARE: _Look("max_glare", lambda f: f.glare, is_least=False),
    QualityIssue.BLURRED: _Look("min_fineness", lambda f: f.fineness, is_least=True),
}
_CLIPPED = _Look("max_clipped", lambda f: f.clipped, is_least=False)
_BURNT = _Look("max_burnt", lambda f: f.burnt, is_least=False)
_CONTACT = _Look("min_contact", lambda f: f.contact, is_least=True)
_NOT_DARK = (QualityIssue.BLURRED, QualityIssue.EMPTY_FIELD, QualityIssue.POOR_COVERAGE)
_OTHERWISE = {
    ("SM", QualityIssue.OVER_EXPOSED): _CLIPPED,
    ("US", QualityIssue.POOR_COVERAGE): _CONTACT,
}


def _between(
    clean: Values, spoilt: Values, *, is_least: bool, weight: float = _TOWARDS_SPOILT
) -> float:
    """Return a limit between clean and spoilt pictures, on a scale of ratios.

    `weight` is that of the spoilt ones: another clinic's clean pictures are less like ours.
    """
    at = (_CLEAN_TRIPS, 1 - _SPOILT_PASSES)
    if not is_least:
        at = (1 - at[0], 1 - at[1])
    good, bad = float(np.quantile(clean, at[0])), float(np.quantile(spoilt, at[1]))
    is_apart = bad < good if is_least else bad > good
    if not is_apart:
        return good
    far = max(bad, good / _ROOM) if is_least else bad
    near = good if is_least else max(good, bad / _ROOM)
    return float(near ** (1 - weight) * far**weight)


def _look_at(
    modality: str, issue: QualityIssue, spoil: Spoiling, usual: tuple[float, ...]
) -> _Look:
    if issue is QualityIssue.COLOUR_CAST:
        return _Look("max_cast", lambda f: cast(f.colour, usual), is_least=False)
    if issue is QualityIssue.OVER_EXPOSED and spoil is clipped:
        return _BURNT
    return _OTHERWISE.get((modality, issue), _LOOKS[issue])


def _usual_colour(clean: Sequence[Figures]) -> tuple[float, ...]:
    colours = np.array([f.colour for f in clean])
    middle, spread = np.median(colours, 0), colours.std(0) + 0.01
    together = np.cov(colours.T)[0, 1] / (spread[0] * spread[1])  # towards 0 for grey pictures
    return tuple(round(float(v), _DIGITS) for v in (*middle, *spread, together))


def measured(pictures: Sequence[Pixels], spec: InputSpec) -> list[Figures]:
    """Return each picture's figures as the detector with that input sees it."""
    return [figures_of(prepare(p, spec).seen) for p in pictures]


def fitted_limits(
    pictures: Sequence[Pixels], spec: InputSpec, modality: str, rng: Rng
) -> QualityLimits:
    """Return limits that clean pictures keep and pictures spoilt to strength 3 do not.

    They are spoilt as they come from the device, before the detector's own scaling: that takes
    away some of the harm, and most of a weak blur.

    Args:
        pictures: Training pictures, uint8 [h, w, 3], RGB.
        spec: Of the detector: sharpness hangs on its input size.
        modality: DICOM's code.
        rng: Draws how they are spoilt.
    """
    clean = measured(pictures, spec)
    spoilt = [
        (issue, spoil, measured([spoil(p, MIDDLE, rng) for p in pictures], spec))
        for issue, spoil in spoilings_of(modality)
    ]
    usual = _usual_colour(clean)
    found: dict[str, float] = {}
    for issue, spoil, figures in spoilt:
        look = _look_at(modality, issue, spoil, usual)
        good = list(clean)
        if issue is QualityIssue.UNDER_EXPOSED:  # none of these is dark, though less is bright
            good += [f for other, _, part in spoilt if other in _NOT_DARK for f in part]
        values = [np.array([look.figure(f) for f in part]) for part in (good, figures)]
        weight = _TOWARDS_SPOILT_FRAME if look.limit in _FRAMES else _TOWARDS_SPOILT
        limit = _between(*values, is_least=look.is_least, weight=weight)
        found[look.limit] = round(limit, _DIGITS)
    if "min_layers" in found:  # upside down, layers lie as they should
        over = measured([turned(p, _UPSIDE_DOWN, rng) for p in pictures], spec)
        upright = [np.array([f.upright for f in part]) for part in (clean, over)]
        found["min_upright"] = round(_between(*upright, is_least=True), _DIGITS)
    return QualityLimits(
        min_brightness=0.0,
        max_clipped=found.pop("max_clipped", 0.0),
        min_covered=0.0,
        min_sharpness=0.0,
        colour=usual,
        **found,
    )
