"""From which score one sign is enough to refer, chosen on validation groups."""

from collections.abc import Sequence

import numpy as np

from edge_app.domain.accuracy import bootstrap_groups, interval95
from edge_app.domain.geometry import Box
from edge_app.domain.manifest import OperatingPoint
from edge_app.domain.measured import Measured
from edge_app.domain.reading import Advice, Code, Detection
from edge_app.domain.referral import Referral
from edge_app.workflow.evaluate import Answer
from models.training.recipe import ReferralSpec

_GRID = np.round(np.arange(0.10, 0.91, 0.01), 2)
_DRAWS = 500
_SEED = 13
_NOWHERE = Box(0.0, 0.0, 1.0, 1.0)
_UNMEASURED = Measured(0.0, 0.0, 0.0)


def _seen(answer: Answer, point: OperatingPoint) -> list[Detection]:
    """Return the marks of the point in force, strongest of each label."""
    code = Code("99EDGE", "label", "label")
    return [
        Detection(label, code, float(kept.scores.max()), _NOWHERE)
        for label, found in answer.found.items()
        if len((kept := found.at_least(point.score_of(label))).scores)
    ]


def _is_ill(answer: Answer, signs: Sequence[str]) -> bool:
    return any(len(answer.truth[label].boxes) for label in signs)


def _shares(advice: Sequence[tuple[bool, Advice]]) -> tuple[float, float, float]:
    """Return sensitivity, specificity and the share of cannot say."""
    ill = [a for is_ill, a in advice if is_ill]
    well = [a for is_ill, a in advice if not is_ill]
    return (
        ill.count(Advice.REFER) / max(len(ill), 1),
        well.count(Advice.NO_SIGN_FOUND) / max(len(well), 1),
        (ill + well).count(Advice.CANNOT_SAY) / max(len(advice), 1),
    )


def _advised(
    answers: Sequence[Answer], rule: Referral, point: OperatingPoint
) -> list[tuple[bool, Advice]]:
    return [(_is_ill(a, rule.signs), rule.advice(_seen(a, point))) for a in answers]


def chosen_referral(
    answers: Sequence[Answer], spec: ReferralSpec, point: OperatingPoint
) -> Referral:
    """Return the rule with the best sum of sensitivity and specificity, and its figures."""
    rules = [
        Referral(spec.landmark, tuple(spec.signs), float(s), _UNMEASURED, _UNMEASURED, _UNMEASURED)
        for s in _GRID
    ]
    sums = [sum(_shares(_advised(answers, rule, point))[:2]) for rule in rules]
    best = rules[int(np.argmax(sums))]
    advice = _advised(answers, best, point)
    numbers = {g: n for n, g in enumerate(dict.fromkeys(a.group for a in answers))}
    draws = bootstrap_groups([numbers[a.group] for a in answers], _DRAWS, _SEED)
    drawn = [_shares([advice[i] for i in d]) for d in draws]
    figures = [
        Measured(here, *interval95([d[k] for d in drawn])) for k, here in enumerate(_shares(advice))
    ]
    return Referral(best.landmark, best.signs, best.refer_from, *figures)
