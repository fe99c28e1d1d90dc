"""A package whose image-level rule cannot work is refused."""

from dataclasses import replace

import pytest

from edge_app.domain.measured import Measured
from edge_app.domain.referral import Referral
from edge_app.inference.manifest_checks import contradiction
from tests.fakes import a_manifest

FIGURE = Measured(0.9, 0.8, 1.0)


def a_rule(landmark, signs, refer_from=0.5):
    return Referral(landmark, signs, refer_from, FIGURE, FIGURE, FIGURE)


def test_a_rule_over_the_packages_own_labels_is_accepted():
    first, second, *_ = (x.name for x in a_manifest().labels)

    assert contradiction(replace(a_manifest(), referral=a_rule(first, (second,)))) == ""


@pytest.mark.parametrize(
    "broken",
    [
        lambda a, b: a_rule("elsewhere", (b,)),
        lambda a, b: a_rule(a, ("elsewhere",)),
        lambda a, b: a_rule(a, ()),
        lambda a, b: a_rule(a, (a, b)),
        lambda a, b: a_rule(a, (b,), 0.0),
        lambda a, b: a_rule(a, (b,), 1.1),
    ],
)
def test_a_rule_that_cannot_work_is_named(broken):
    first, second, *_ = (x.name for x in a_manifest().labels)

    assert "referral" in contradiction(replace(a_manifest(), referral=broken(first, second)))
