"""A detector's accuracy on labelled images, with intervals over groups."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge_app.domain.accuracy import (
    COCO_IOU,
    ImageMatches,
    LabelledBoxes,
    Operating,
    average_precision,
    bootstrap_groups,
    interval95,
    match,
    operating,
)

_DRAWS = 500
_SEED = 20_260_101
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one image should and did give, a label; and whether the detector could not say."""

    file_name: str
    group: str
    truth: dict[str, LabelledBoxes]
    found: dict[str, LabelledBoxes]
    cannot_say: bool


@dataclass(frozen=True, slots=True)
class LabelAccuracy:
    """One label's figures; intervals are 95 % bootstrap over groups."""

    ap50: float
    at_point: Operating
    ap50_ci95: Interval
    sensitivity_ci95: Interval
    fp_per_image_ci95: Interval


@dataclass(frozen=True, slots=True)
class Accuracy:
    """A detector's figures on a set of images.

    Attributes:
        map: Mean over labels and over IoU 0.50 to 0.95 (COCO).
        map50: Mean over labels at IoU 0.5.
        cannot_say: Images that the quality gate turned away; their boxes still count.
    """

    n_images: int
    n_groups: int
    map: float
    map50: float
    map50_ci95: Interval
    per_label: dict[str, LabelAccuracy]
    cannot_say: int


def _matches(answers: Sequence[Answer], label: str, iou: float) -> list[ImageMatches]:
    return [match(a.found[label], a.truth[label], iou) for a in answers]


def _at_threshold(answers: Sequence[Answer], label: str, score: float) -> list[ImageMatches]:
    return [match(a.found[label].at_least(score), a.truth[label], 0.5) for a in answers]


def _label(
    answers: Sequence[Answer], label: str, score: float, draws: Sequence[np.ndarray]
) -> tuple[LabelAccuracy, list[float]]:
    ranked = _matches(answers, label, 0.5)
    cut = _at_threshold(answers, label, score)
    ap50s = [average_precision([ranked[i] for i in d]) for d in draws]
    points = [operating([cut[i] for i in d]) for d in draws]
    accuracy = LabelAccuracy(
        ap50=average_precision(ranked),
        at_point=operating(cut),
        ap50_ci95=interval95(ap50s),
        sensitivity_ci95=interval95([p.sensitivity for p in points]),
        fp_per_image_ci95=interval95([p.fp_per_image for p in points]),
    )
    return accuracy, ap50s


def _mean(values: Sequence[float]) -> float:
    """Return the mean of what is known; NaN where nothing is."""
    known = [v for v in values if not np.isnan(v)]
    return float(np.mean(known)) if known else float("nan")


def accuracy_of(answers: Sequence[Answer], thresholds: dict[str, float]) -> Accuracy:
    """Return the figures; labels of which nothing was there to find are left out of means."""
    numbers = {g: n for n, g in enumerate(dict.fromkeys(a.group for a in answers))}
    draws = bootstrap_groups([numbers[a.group] for a in answers], _DRAWS, _SEED)
    per_label: dict[str, LabelAccuracy] = {}
    drawn: list[list[float]] = []
    precise: list[float] = []
    for label, score in thresholds.items():
        per_label[label], ap50s = _label(answers, label, score, draws)
        drawn.append(ap50s)
        precise += [average_precision(_matches(answers, label, iou)) for iou in COCO_IOU]
    means = [_mean(column) for column in zip(*drawn, strict=True)]
    return Accuracy(
        n_images=len(answers),
        n_groups=len(numbers),
        map=_mean(precise),
        map50=_mean([a.ap50 for a in per_label.values()]),
        map50_ci95=interval95(means),
        per_label=per_label,
        cannot_say=sum(a.cannot_say for a in answers),
    )
