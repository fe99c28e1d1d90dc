"""Shares by day and week, and a control chart against values that numpy gave by another way."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from edge_app.domain.figures import (
    Period,
    Picture,
    Share,
    control_chart,
    day_of,
    periods,
    pictures_of,
    reasons,
    week_of,
)
from edge_app.domain.patient import PatientRef
from edge_app.domain.reading import Outcome, QualityIssue
from edge_app.domain.study import Study, StudyImage, Verdict
from tests.fakes import NOON, a_detection, a_reading, an_image, some_pixels

MONDAY = date(2026, 3, 2)


def a_picture(day=MONDAY, outcome=Outcome.FINDING, study=1, issue=None, judged=0, rejected=0):
    return Picture(study, day, "scope", "cells", outcome, issue, judged, rejected)


def days(parts):
    """Return a period a day, with so many of so many not analysed."""
    return [
        Period(MONDAY + timedelta(days=n), 1, whole, part, 0, 0, 0)
        for n, (part, whole) in enumerate(parts)
    ]


def test_a_picture_that_nobody_read_counts_as_not_analysed_and_never_as_nothing_found():
    image = StudyImage.of(an_image(), "i1")
    (found,) = pictures_of(Study("s", PatientRef("P"), NOON, (image,)), 1)

    assert found.outcome is Outcome.NOT_ANALYSED
    assert found.detector == ""


def test_only_what_a_person_judged_counts_as_judged():
    image = an_image(some_pixels())
    study = Study("s", PatientRef("P"), NOON, (StudyImage.of(image, "i1"),))
    study = study.with_reading("i1", a_reading(image, [a_detection()] * 3))
    study = study.judged(0, Verdict.ACCEPTED).judged(1, Verdict.REJECTED)

    (found,) = pictures_of(study, 1)

    assert (found.judged, found.rejected) == (2, 1)
    assert found.day == NOON.astimezone().date()


def test_pictures_are_counted_by_day_and_by_the_week_of_their_monday():
    pictures = [
        a_picture(outcome=Outcome.CANNOT_SAY),
        a_picture(MONDAY + timedelta(days=6), study=2, judged=2, rejected=1),
        a_picture(MONDAY + timedelta(days=7), study=3, outcome=Outcome.NOT_ANALYSED),
    ]

    assert [p.begins for p in periods(pictures, day_of)] == [p.day for p in pictures]
    first, second = periods(pictures, week_of)
    assert first == Period(MONDAY, 2, 2, 0, 1, 2, 1)
    assert second == Period(MONDAY + timedelta(days=7), 1, 1, 1, 0, 0, 0)
    assert first.part(Share.REJECTED) == (1, 2)


def test_the_most_frequent_reason_comes_first():
    pictures = [a_picture(issue=i) for i in (QualityIssue.GLARE, QualityIssue.BLURRED) * 2]
    pictures += [a_picture(issue=QualityIssue.BLURRED), a_picture()]

    assert reasons(pictures) == [(QualityIssue.BLURRED, 3), (QualityIssue.GLARE, 2)]


def test_the_limits_are_those_that_the_published_formula_gives():
    parts = [(3, 50), (5, 60), (2, 40), (8, 80), (4, 50), (6, 70), (1, 30), (20, 60)]

    chart = control_chart(days(parts), Share.NOT_ANALYSED)

    assert chart.mean == pytest.approx(0.11136363636)
    expected = [0.27741395, 0.26294614, 0.29701353, 0.24263794, 0.27741395, 0.25170177,
                0.32573367, 0.26294614]  # fmt: skip
    assert [p.high for p in chart.points] == pytest.approx(expected)
    assert [p.low for p in chart.points] == [0.0] * 8
    assert [p.is_outside for p in chart.points] == [False] * 7 + [True]


def outside(parts):
    return sum(p.is_outside for p in control_chart(days(parts), Share.NOT_ANALYSED).points)


def test_chance_alone_is_hardly_ever_outside_and_days_that_differ_are_not_taken_for_a_fault():
    rng = np.random.default_rng(7)
    by_chance = [(int(rng.binomial(200, 0.1)), 200) for _ in range(300)]
    of_days = [(int(rng.binomial(2000, rng.beta(20, 180))), 2000) for _ in range(300)]
    mean = sum(k for k, _ in of_days) / 600_000
    classical = 3 * np.sqrt(mean * (1 - mean) / 2000)

    assert outside(by_chance) <= 6
    assert outside(of_days) <= 9
    assert sum(abs(k / n - mean) > classical for k, n in of_days) > 50


def test_a_day_on_which_the_lamp_failed_is_outside():
    rng = np.random.default_rng(3)
    parts = [(int(rng.binomial(80, 0.05)), 80) for _ in range(30)]

    assert outside([*parts, (40, 80)]) == 1


@pytest.mark.parametrize(
    "parts", [[(1, 10)] * 7, [(0, 10)] * 9, [(10, 10)] * 9, [(1, 10)] * 9, [(0, 0)] * 20]
)
def test_too_few_points_or_points_that_are_all_alike_have_no_limits(parts):
    assert control_chart(days(parts), Share.NOT_ANALYSED) is None


def test_a_day_without_pictures_is_no_point():
    parts = [(n % 3, 10) for n in range(9)]
    with_holiday = [*days(parts), replace(days([(0, 0)])[0], begins=MONDAY + timedelta(days=30))]

    assert len(control_chart(with_holiday, Share.NOT_ANALYSED).points) == 9
