"""What is wrong with a picture is told by the worst issue that is beyond its limit."""

import math
from dataclasses import replace

import pytest

from edge_app.domain.instruction import WORDS, Instruction
from edge_app.domain.manifest import QualityLimits
from edge_app.domain.quality import Figures, cast, degrees, instruction_for, issues_of, worst
from edge_app.domain.reading import QualityIssue

GOOD = Figures(
    brightness=200.0,
    clipped=0.01,
    covered=0.5,
    sharpness=0.2,
    burnt=0.01,
    level=120.0,
    crushed=0.01,
    peak=220.0,
    texture=5.0,
    fineness=0.8,
    glare=0.001,
    colour=(0.21, 0.1),
    field=0.9,
    extent=0.9,
    contact=0.9,
    layers=1.5,
    upright=2.0,
)
LIMITS = QualityLimits(
    min_brightness=60.0,
    max_clipped=0.8,
    min_covered=0.02,
    min_sharpness=0.09,
    max_burnt=0.2,
    max_level=180.0,
    max_crushed=0.1,
    min_peak=90.0,
    min_texture=1.0,
    min_fineness=0.5,
    max_glare=0.05,
    colour=(0.2, 0.1, 0.05, 0.05, 0.5),
    max_cast=3.0,
    min_field=0.6,
    min_extent=0.3,
    min_contact=0.6,
    min_layers=1.0,
    min_upright=1.0,
)
SPOILT = {
    QualityIssue.UNDER_EXPOSED: [{"brightness": 20.0}, {"peak": 40.0}],
    QualityIssue.OVER_EXPOSED: [{"clipped": 0.9}, {"burnt": 0.5}, {"level": 240.0}],
    QualityIssue.WRONG_ORIENTATION: [{"layers": 0.4}, {"upright": 0.3}],
    QualityIssue.COLLIMATION: [{"extent": 0.1}],
    QualityIssue.POOR_COVERAGE: [{"field": 0.3}, {"contact": 0.3}],
    QualityIssue.CLIPPED: [{"crushed": 0.4}],
    QualityIssue.EMPTY_FIELD: [{"covered": 0.001}, {"texture": 0.2}],
    QualityIssue.GLARE: [{"glare": 0.3}],
    QualityIssue.COLOUR_CAST: [{"colour": (0.5, 0.1)}, {"colour": (0.2, -0.3)}],
    QualityIssue.BLURRED: [{"sharpness": 0.03}, {"fineness": 0.2}],
}


def issue_of(**figures):
    return worst(degrees(replace(GOOD, **figures), LIMITS))


def test_a_good_picture_has_no_issue_and_every_degree_below_one():
    assert issue_of() is None
    assert {d.issue for d in degrees(GOOD, LIMITS)} == set(SPOILT)
    assert max(d.value for d in degrees(GOOD, LIMITS)) < 1


@pytest.mark.parametrize(
    ("issue", "figures"), [(i, f) for i, every in SPOILT.items() for f in every]
)
def test_a_figure_beyond_its_limit_is_told_as_its_own_issue(issue, figures):
    assert issue_of(**figures) is issue


def test_of_two_issues_the_worse_one_is_told():
    assert issue_of(brightness=10.0, fineness=0.1) is QualityIssue.UNDER_EXPOSED
    assert issue_of(glare=0.3, fineness=0.1) is QualityIssue.GLARE


def test_what_shows_nothing_at_all_is_empty_and_not_blurred():
    assert issue_of(texture=0.0, fineness=0.0) is QualityIssue.EMPTY_FIELD
    assert issue_of(texture=0.5, fineness=0.1) is QualityIssue.BLURRED


def test_half_a_picture_is_not_called_turned_because_half_its_layers_are_missing():
    assert issue_of(contact=0.3, upright=0.9) is QualityIssue.POOR_COVERAGE
    assert issue_of(contact=0.55, upright=0.3) is QualityIssue.WRONG_ORIENTATION


def test_a_degree_rises_with_what_it_measures():
    def blur(fineness):
        found = degrees(replace(GOOD, fineness=fineness), LIMITS)
        return next(d.value for d in found if d.issue is QualityIssue.BLURRED)

    told = [blur(f) for f in (0.9, 0.7, 0.5, 0.3, 0.1, 0.0)]

    assert told == sorted(told)
    assert told[2] == pytest.approx(1.0)


def test_a_limit_of_nothing_leaves_the_check_out():
    no_limits = QualityLimits(0.0, 0.0, 0.0, 0.0)

    assert degrees(replace(GOOD, fineness=0.0, brightness=0.0), no_limits) == ()


@pytest.mark.parametrize("modality", ["SM", "ES", "OP", "US", "MR", "DX"])
def test_every_issue_of_a_modality_has_its_own_instruction(modality):
    found = [instruction_for(issue, modality) for issue in issues_of(modality)]

    assert len(found) >= 6
    assert Instruction.TAKE_AGAIN not in found


def test_an_unknown_modality_still_gets_one_thing_to_do():
    assert instruction_for(QualityIssue.BLURRED, "ZZ") is Instruction.TAKE_AGAIN


def test_every_instruction_is_one_short_sentence():
    assert set(WORDS) == set(Instruction)
    for words in WORDS.values():
        assert words.endswith(".")
        assert words.count(".") == 1
        assert len(words.split()) <= 13


def test_a_colour_that_goes_along_with_the_usual_ones_is_less_odd_than_one_across():
    usual = (0.2, 0.1, 0.05, 0.05, 0.6)
    along, across = cast((0.25, 0.15), usual), cast((0.25, 0.05), usual)
    assert along == pytest.approx(math.sqrt(2 / 1.6))
    assert across == pytest.approx(math.sqrt(2 / 0.4))
    assert cast((0.2, 0.1), usual) == 0
    assert cast((0.9, -0.9), ()) == 0
