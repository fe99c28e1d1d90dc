"""What is spoilt on purpose trips its own instruction, the more the worse it is.

EDGE_APP_SPOILT=1 judges all pictures that no limit was fitted to, in all strengths; see `judges`.
"""

import os
import sys
from collections import Counter

import numpy as np
import pytest

from edge_app.domain.quality import degrees, worst
from edge_app.domain.reading import QualityIssue
from edge_app.inference.package import load_package
from edge_app.inference.preprocess import prepare
from edge_app.inference.quality_gate import figures_of
from models.training.degradations import STRENGTHS, spoilings_of
from tests.models.test_kinds import FOLDERS, NAMES, Look, judges, share
from tests.smears import PACKAGE, a_field

IS_LONG = "EDGE_APP_SPOILT" in os.environ
PICTURES = None if IS_LONG else 12
MIDDLE = 3
SMEAR = load_package(PACKAGE).manifest
SMEAR_WAYS = spoilings_of("SM")


def _cases():
    return [
        pytest.param(folder, issue, spoil, id=f"{folder.name}-{spoil.__name__}")
        for folder in FOLDERS
        for issue, spoil in spoilings_of(load_package(folder).manifest.modality)
    ]


def judged_by(parts, spoil=lambda pixels: pixels):
    return [look.quality(spoil(pixels)) for look, own in parts for pixels in own]


def degree_of(issue, qualities):
    """Return the median degree of an issue."""
    return float(
        np.median([next((d.value for d in q.degrees if d.issue is issue), 0.0) for q in qualities])
    )


@pytest.mark.slow
@pytest.mark.parametrize(("folder", "issue", "spoil"), _cases())
def test_a_picture_spoilt_to_the_middle_trips_its_own_instruction(folder, issue, spoil):
    parts = judges(folder, PICTURES)
    tripped, middles = {}, [degree_of(issue, judged_by(parts))]
    for strength in STRENGTHS if IS_LONG else (MIDDLE,):
        rng = np.random.default_rng(strength)
        found = list(judged_by(parts, lambda p, s=strength, r=rng: spoil(p, s, r)))
        tripped[strength] = [q.issue for q in found].count(issue)
        middles.append(degree_of(issue, found))
        if strength == MIDDLE:
            other = Counter(q.issue.value if q.issue else "" for q in found if q.issue != issue)

    n = len(found)
    told = f"{share(tripped[MIDDLE], n)}; all strengths {list(tripped.values())}"
    told += f", degrees {[round(m, 2) for m in middles]}; else {dict(other)}"
    sys.stdout.write(f"\n{folder.name} {spoil.__name__}: {told}")
    assert tripped[MIDDLE] >= min(0.95 * n, n - 1)
    assert middles[: MIDDLE + 1] == sorted(middles[: MIDDLE + 1])


@pytest.mark.parametrize(("issue", "spoil"), SMEAR_WAYS, ids=[s.__name__ for _, s in SMEAR_WAYS])
def test_the_degree_of_a_smear_rises_with_what_was_done_to_it(issue, spoil):
    fields = [prepare(a_field(seed)[0].pixels, SMEAR.input).seen for seed in range(1, 6)]

    def degree(pixels):
        told = degrees(figures_of(pixels), SMEAR.quality)
        return next((d.value for d in told if d.issue is issue), 0.0)

    means = [np.mean([degree(f) for f in fields])]
    for strength in STRENGTHS:
        rng = np.random.default_rng(1)
        means.append(np.mean([degree(spoil(f, strength, rng)) for f in fields]))

    assert means[0] < 1 < means[MIDDLE]
    assert means[: MIDDLE + 1] == sorted(means[: MIDDLE + 1])
    assert means[-1] > 1


def test_a_spoilt_smear_is_never_of_another_kind_when_it_can_be_told():
    look = Look(PACKAGE)
    for seed in range(1, 6):
        pixels = a_field(seed)[0].pixels
        for issue, spoil in SMEAR_WAYS:
            spoilt = spoil(pixels, MIDDLE, np.random.default_rng(seed))
            assert look.issue(spoilt) is issue, (seed, issue)
    assert worst(()) is None
    assert QualityIssue.WRONG_KIND not in dict(SMEAR_WAYS)


assert NAMES
