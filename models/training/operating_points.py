"""Three named thresholds a label, chosen on validation groups."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge_app.domain.accuracy import bootstrap_groups, interval95, match, operating
from edge_app.domain.manifest import OperatingPoint, Threshold
from edge_app.domain.measured import Measured
from edge_app.workflow.evaluate import Answer

SCREENING, BALANCED, RULE_IN = "screening", "balanced", "rule-in"
_SENSITIVITY = 0.98
_PRECISION = 0.97
_GRID = np.round(np.arange(0.10, 0.91, 0.01), 2)
_DRAWS = 500
_SEED = 11


def _curves(
    answers: Sequence[Answer], label: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return sensitivity and precision at each score of the grid."""
    points = []
    for score in _GRID:
        cut = [match(a.found[label].at_least(float(score)), a.truth[label], 0.5) for a in answers]
        points.append(operating(cut))
    sensitivity = np.array([p.sensitivity for p in points])
    return sensitivity, np.nan_to_num(np.array([p.precision for p in points]))


def _chosen(answers: Sequence[Answer], label: str) -> dict[str, float]:
    sensitivity, precision = _curves(answers, label)
    f1 = 2 * sensitivity * precision / np.maximum(sensitivity + precision, 1e-9)
    balanced = int(f1.argmax())
    sensitive = np.nonzero(sensitivity >= _SENSITIVITY)[0]
    precise = np.nonzero(precision >= _PRECISION)[0]
    screening = min(int(sensitive[-1]) if len(sensitive) else 0, balanced)
    rule_in = max(int(precise[0]) if len(precise) else len(_GRID) - 1, balanced)
    chosen = {SCREENING: screening, BALANCED: balanced, RULE_IN: rule_in}
    return {name: float(_GRID[i]) for name, i in chosen.items()}


def _threshold(answers: Sequence[Answer], label: str, score: float) -> Threshold:
    cut = [match(a.found[label].at_least(score), a.truth[label], 0.5) for a in answers]
    numbers = {g: n for n, g in enumerate(dict.fromkeys(a.group for a in answers))}
    draws = bootstrap_groups([numbers[a.group] for a in answers], _DRAWS, _SEED)
    drawn = [operating([cut[i] for i in d]) for d in draws]
    here = operating(cut)
    return Threshold(
        label,
        score,
        Measured(here.sensitivity, *interval95([d.sensitivity for d in drawn])),
        Measured(here.fp_per_image, *interval95([d.fp_per_image for d in drawn])),
    )


def operating_points(answers: Sequence[Answer], labels: Sequence[str]) -> list[OperatingPoint]:
    """Return screening, balanced and rule-in with their figures on `answers`.

    Screening is the highest score that still finds 98 % (or the lowest of the grid),
    balanced the best F1, rule-in the lowest score of which 97 % are true.
    """
    chosen = {label: _chosen(answers, label) for label in labels}
    return [
        OperatingPoint(
            name, tuple(_threshold(answers, label, chosen[label][name]) for label in labels)
        )
        for name in (SCREENING, BALANCED, RULE_IN)
    ]
