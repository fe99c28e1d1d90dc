"""A package whose image-level rule cannot work is refused."""

from dataclasses import replace

import pytest

from edge_app.domain.measured import Measured
from edge_app.domain.referral import Referral
from edge_app.inference.manifest_checks import contradiction
from tests.fakes import a_manifest

FIRST, SECOND, *_ = (x.name for x in a_manifest().labels)
FIGURE = Measured(0.9, 0.8, 1.0)


def a_rule(landmark, signs, refer_from=0.5):
    return Referral(landmark, signs, refer_from, FIGURE, FIGURE, FIGURE)


def test_a_rule_over_the_packages_own_labels_is_accepted():
    good = replace(a_manifest(), referral=a_rule(FIRST, (SECOND,)))

    assert contradiction(good) == ""


BROKEN = {
    "a landmark that is no label": a_rule("elsewhere", (SECOND,)),
    "a sign that is no label": a_rule(FIRST, ("elsewhere",)),
    "no sign": a_rule(FIRST, ()),
    "the landmark for a sign": a_rule(FIRST, (FIRST, SECOND)),
    "a limit that all pass": a_rule(FIRST, (SECOND,), 0.0),
    "a limit that none passes": a_rule(FIRST, (SECOND,), 1.1),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_rule_that_cannot_work_is_named(name):
    assert "referral" in contradiction(replace(a_manifest(), referral=BROKEN[name]))
