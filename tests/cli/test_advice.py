"""`analyze` says what an image as a whole comes to, where the detector says such a thing."""

import pytest

from edge_app.domain.reading import Advice
from tests.smears import PACKAGE

FUNDUS = PACKAGE.parent / "fundus"


@pytest.mark.skipif(not FUNDUS.is_dir(), reason="the advice NOT tested: no fundus package")
def test_each_answered_fundus_image_gets_one_advice(program):
    ended = program("analyze", FUNDUS / "golden", "--detector", "fundus", "--json")

    said = [r["advice"] for r in ended.answer["readings"]]
    assert said
    assert set(said) <= {a.value for a in Advice}


def test_a_detector_without_a_rule_gives_no_advice(program):
    ended = program("analyze", PACKAGE / "golden" / "field-1.png", "--json")

    assert all("advice" not in r for r in ended.answer["readings"])
