"""What is spoilt on purpose trips its own instruction, the more the worse it is.

EDGE_APP_SPOILT=1 judges all pictures that no limit was fitted to, in all strengths.
"""

import os
import sys

import numpy as np
import pytest

from edge_app.domain.quality import degrees, worst
from edge_app.domain.reading import QualityIssue
from edge_app.inference.package import load_package
from edge_app.inference.preprocess import prepare
from edge_app.inference.quality_gate import figures_of
from models.training.degradations import STRENGTHS, spoilings_of
from tests.models.test_kinds import FOLDERS, NAMES, Look, pictures_of
from tests.smears import PACKAGE, a_field

IS_LONG = "EDGE_APP_SPOILT" in os.environ
PICTURES = None if IS_LONG else 12
MIDDLE = 3
# The bar of 0.95 is not reached here yet; less than 0.7 fails all the same.
MISSED = {("nerve-vessel", "uncovered"): "0.93 of all, 27 of 29"}
SMEAR = load_package(PACKAGE).manifest
SMEAR_WAYS = spoilings_of("SM")


def _cases():
    return [
        pytest.param(folder, issue, spoil, id=f"{folder.name}-{spoil.__name__}")
        for folder in FOLDERS
        for issue, spoil in spoilings_of(load_package(folder).manifest.modality)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("folder", "issue", "spoil"), _cases())
def test_a_picture_spoilt_to_the_middle_trips_its_own_instruction(folder, issue, spoil):
    look = Look(folder)
    pictures = pictures_of(folder.name, PICTURES)
    row = {}
    for strength in STRENGTHS if IS_LONG else (MIDDLE,):
        rng = np.random.default_rng(strength)
        found = [look.issue(spoil(p, strength, rng)) for p in pictures]
        row[strength] = found.count(issue) / len(found)
        if strength == MIDDLE:
            other = {i for i in found if i is not issue}

    sys.stdout.write(f"\n{folder.name} {spoil.__name__}: {row} of {len(pictures)}, else {other}")
    if (folder.name, spoil.__name__) in MISSED and 0.7 <= row[MIDDLE] < 0.95:
        pytest.xfail(f"known miss: {MISSED[folder.name, spoil.__name__]}; here {row[MIDDLE]:.2f}")
    assert row[MIDDLE] >= min(0.95, 1 - 1 / len(pictures))


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
