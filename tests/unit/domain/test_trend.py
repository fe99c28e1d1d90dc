"""Counts over visits: what counts, what a change comes to, and where a line seems to go."""

import math
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import linear_regression

import numpy as np
import pytest

from edge_app.domain.beta import beta_quantile, beta_share, t_quantile
from edge_app.domain.patient import PatientRef
from edge_app.domain.reading import not_analysed
from edge_app.domain.study import Signature, Study, StudyImage, Verdict
from edge_app.domain.trend import Direction, Visit, change, error_of, line, visits
from tests.fakes import NOON, a_detection, a_reading, an_image, some_pixels

SIGNED = Signature("Dr Test", NOON)


def visit(count, n_images=10, days=0.0):
    return Visit("study", NOON + timedelta(days=days), count, n_images)


def a_study(*readings):
    """Return a signed study of one image a reading, every finding accepted."""
    study = Study("study-1", PatientRef("P-1"), NOON)
    for number, reading_of in enumerate(readings):
        image = an_image(some_pixels(shift=number))
        study = study.with_image(StudyImage.of(image, f"image-{number}"))
        study = study.with_reading(f"image-{number}", reading_of(image))
    for number in range(len(study.findings)):
        study = study.judged(number, Verdict.ACCEPTED)
    return replace(study, signature=SIGNED)


def with_cells(n):
    return lambda image: a_reading(image, [a_detection("platelet")] * n)


def left_out(image):
    return not_analysed(image.hash, "blood-smear", "The detector's process failed.")


def test_a_visit_counts_what_was_accepted_over_the_images_that_were_answered():
    study = a_study(with_cells(3), with_cells(0), with_cells(2))
    study = replace(
        study, findings=(study.findings[0].judged(Verdict.REJECTED), *study.findings[1:])
    )

    (seen,) = visits([study], "platelet")

    assert (seen.count, seen.n_images) == (4, 3)
    assert [v.count for v in visits([study], "white-cell")] == [0]


def test_an_image_without_an_answer_is_not_counted_as_one_with_nothing():
    (seen,) = visits([a_study(with_cells(3), left_out)], "platelet")

    assert (seen.count, seen.n_images) == (3, 1)
    assert visits([a_study(left_out)], "platelet") == ()


def test_a_study_that_nobody_signed_is_no_visit():
    assert visits([replace(a_study(with_cells(3)), signature=None)], "platelet") == ()


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        (visit(10), visit(12), Direction.WITHIN_ERROR),
        (visit(10), visit(30), Direction.MORE),
        (visit(30), visit(10), Direction.LESS),
        (visit(0), visit(3), Direction.WITHIN_ERROR),
        (visit(0), visit(9), Direction.MORE),
        (visit(0), visit(0), Direction.WITHIN_ERROR),
        (visit(10, 10), visit(40, 40), Direction.WITHIN_ERROR),
    ],
)
def test_a_change_is_told_only_beyond_the_error_of_counting(before, after, direction):
    assert change(before, after).direction is direction


def test_the_ratio_counts_per_image_and_knows_no_end_from_nothing():
    assert change(visit(10, 10), visit(10, 20)).ratio.value == pytest.approx(0.5)
    from_none = change(visit(0), visit(9)).ratio
    assert (from_none.value, from_none.high) == (math.inf, math.inf)
    assert from_none.low > 1


def test_two_countings_of_the_same_blood_rarely_pass_for_a_change():
    """Of 400 pairs from one Poisson rate each, no more than 5 % may be called a change."""
    rng = np.random.default_rng(3)
    pairs = rng.poisson(rng.choice([2, 8, 40], 400)[:, None], (400, 2))

    told = sum(
        change(visit(int(a)), visit(int(b))).direction is not Direction.WITHIN_ERROR
        for a, b in pairs
    )

    assert told <= 0.05 * 400


def test_a_line_is_that_of_least_squares():
    days, counts = [0, 7, 14, 28], [10, 14, 15, 26]
    seen = [visit(c, 10, d) for d, c in zip(days, counts, strict=True)]
    known = linear_regression(days, [c / 10 for c in counts])

    found = line(seen)

    assert found.per_day.value == pytest.approx(known.slope)
    left = [c / 10 - known.intercept - known.slope * d for d, c in zip(days, counts, strict=True)]
    spread = math.sqrt(sum(e * e for e in left) / 2)
    sum_squares = sum((d - 12.25) ** 2 for d in days)
    reach = 4.302653 * spread / math.sqrt(sum_squares)
    assert found.per_day.high - found.per_day.value == pytest.approx(reach, rel=1e-5)


def days_of(moment: datetime | None):
    return None if moment is None else (moment - NOON).total_seconds() / 86400


def test_the_day_of_a_crossing_and_its_ends_lie_where_the_band_says():
    seen = [visit(c, 10, d) for d, c in ((0, 10), (7, 14), (14, 15), (28, 26), (35, 30))]
    found = line(seen)

    crossing = found.crossing(5.0)

    at = days_of(crossing.at)
    middle, slope = found.middle_days, found.per_day.value
    assert found.middle + slope * (at - middle) == pytest.approx(5.0)
    for end, side in ((crossing.earliest, 1), (crossing.latest, -1)):
        away = days_of(end) - middle
        band = t_quantile(0.975, 3) * found.spread
        band *= math.sqrt(1 / found.n + away**2 / found.sum_squares)
        assert found.middle + slope * away + side * band == pytest.approx(5.0)
    assert crossing.earliest < crossing.at < crossing.latest


def test_visits_that_scatter_have_no_latest_day():
    seen = [visit(c, 10, d) for d, c in ((0, 10), (7, 19), (14, 9), (21, 18))]

    crossing = line(seen).crossing(3.0)

    assert crossing is None or crossing.latest is None


def test_a_line_that_goes_away_from_the_threshold_never_reaches_it():
    seen = [visit(c, 10, d) for d, c in ((0, 30), (7, 20), (14, 12))]

    assert line(seen).crossing(5.0) is None
    assert line(seen).crossing(0.5).at > NOON


@pytest.mark.parametrize("days", [(), (0,), (0, 7), (5, 5, 5)])
def test_fewer_than_three_days_make_no_line(days):
    assert line([visit(10, 10, d) for d in days]) is None


@pytest.mark.parametrize(
    ("freedom", "share", "known"),
    [(1, 0.975, 12.7062), (2, 0.975, 4.30265), (5, 0.975, 2.57058), (30, 0.995, 2.75000)],
)
def test_student_s_t_is_that_of_the_tables(freedom, share, known):
    assert t_quantile(share, freedom) == pytest.approx(known, rel=1e-5)
    assert t_quantile(1 - share, freedom) == pytest.approx(-known, rel=1e-5)


@pytest.mark.parametrize(("a", "b"), [(1, 9), (4, 7), (30, 2), (200, 190)])
def test_a_beta_share_of_whole_numbers_is_a_sum_of_a_binomial(a, b):
    """I_x(a, b) is the chance of at least `a` of a + b - 1 (DLMF 8.17.5)."""
    n, x = a + b - 1, 0.37
    known = sum(math.comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))

    assert beta_share(x, a, b) == pytest.approx(known, rel=1e-9, abs=1e-12)
    assert beta_share(beta_quantile(0.2, a, b), a, b) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.39), (100, 81.36, 121.6)],
)
def test_the_error_of_a_count_is_that_of_the_tables(count, low, high):
    """Garwood's limits, as tabulated for Poisson counts."""
    assert error_of(visit(count, 1)) == pytest.approx((low, high), rel=1e-3)


def test_the_band_reaches_as_far_as_the_crossing_says():
    found = line([visit(c, 10, d) for d, c in ((0, 10), (7, 14), (14, 15), (28, 26), (35, 30))])
    crossing = found.crossing(5.0)

    height, reach = found.at(crossing.earliest)

    assert height + reach == pytest.approx(5.0)
    assert found.at(crossing.at)[0] == pytest.approx(5.0)
