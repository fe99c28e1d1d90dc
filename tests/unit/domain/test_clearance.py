"""The decline of densities: what a published method gives, checked by other means."""

import math
from statistics import linear_regression

import numpy as np
import pytest

from edge_app.domain.clearance import Density, clearance

LN2 = math.log(2)


def densities(hours, logs):
    return [Density(h, math.exp(x), 16) for h, x in zip(hours, logs, strict=True)]


def test_a_straight_decline_is_found_exactly():
    found = clearance([Density(h, 1e5 * 2 ** (-h / 3), 16) for h in range(0, 31, 6)])

    assert found.per_hour.value == pytest.approx(LN2 / 3)
    assert found.half_life_hours.value == pytest.approx(3)
    assert (found.lag_hours, found.n_used, found.degree) == (0, 6, 1)


def test_slope_and_interval_are_those_of_least_squares_where_all_was_seen():
    """By the textbook's formulas in the standard library, and a tabulated t of 3 degrees."""
    hours = [0, 6, 12, 18, 24]
    logs = [11.1, 10.2, 8.4, 7.5, 5.9]
    line = linear_regression(hours, logs)
    left = [y - line.intercept - line.slope * x for x, y in zip(hours, logs, strict=True)]
    error = math.sqrt(sum(e * e for e in left) / 3 / sum((x - 12) ** 2 for x in hours))

    found = clearance(densities(hours, logs)).per_hour

    assert found.value == pytest.approx(-line.slope, rel=1e-6)
    assert found.low == pytest.approx(-line.slope - 3.182446 * error, rel=1e-5)
    assert found.high == pytest.approx(-line.slope + 3.182446 * error, rel=1e-5)


def test_the_order_of_the_values_does_not_matter():
    values = densities([0, 6, 12, 18, 24], [11.1, 10.2, 8.4, 7.5, 5.9])

    assert clearance(values[::-1]) == clearance(values)


def test_what_was_not_seen_counts_as_less_than_one_seen_and_not_as_nothing():
    """The likelihood is looked through on a grid, by another formula for the same thing."""
    hours = np.array([0.0, 6, 12, 18, 24])
    logs = np.array([11.1, 9.0, 7.6, 5.2, math.log(16)])

    found = clearance([*densities(hours[:4], logs[:4]), Density(24, 0, 16)]).per_hour.value

    best = max(
        (_tobit(hours, logs, a, b, s), b)
        for a in np.arange(10.6, 11.6, 0.02)
        for b in np.arange(-0.42, -0.22, 0.002)
        for s in np.arange(0.1, 0.5, 0.02)
    )
    assert found == pytest.approx(-best[1], abs=0.003)
    assert found > clearance(densities(hours[:5], logs)).per_hour.value


def _tobit(hours, logs, start, slope, spread):
    z = (logs - start - slope * hours) / spread
    seen = -(z[:4] ** 2).sum() / 2 - 4 * math.log(spread * math.sqrt(2 * math.pi))
    return seen + math.log(max(math.erfc(-z[4] / math.sqrt(2)) / 2, 1e-300))


def test_of_the_noughts_at_the_end_only_the_first_one_tells():
    seen = densities([0, 6, 12, 18], [11.1, 9.0, 7.6, 5.2])

    once = clearance([*seen, Density(24, 0, 16)])
    often = clearance([*seen, *(Density(h, 0, 16) for h in (24, 30, 36, 42))])

    assert often == once


def test_what_stands_still_before_the_decline_is_lag_and_left_out():
    hours = [0, 3, 6, 9, 12, 15, 18, 21, 24]
    logs = [11.5, 11.52, 11.45, 11.3, 10.3, 9.2, 8.1, 7.0, 5.95]

    found = clearance(densities(hours, logs))

    declining = linear_regression(hours[2:], logs[2:]).slope
    assert (found.degree, found.lag_hours, found.n_used) == (3, 6, 7)
    assert found.per_hour.value == pytest.approx(-declining, rel=1e-6)
    assert found.per_hour.value > -1.25 * linear_regression(hours, logs).slope


@pytest.mark.parametrize("n_seen", [0, 1, 2])
def test_fewer_than_three_values_tell_nothing(n_seen):
    values = [Density(6.0 * n, 1000.0 / (n + 1), 16) for n in range(n_seen)]

    assert clearance([*values, Density(50, 0, 16), Density(60, 0, 16)]) is None


def test_what_does_not_decline_has_no_half_life():
    found = clearance(densities([0, 6, 12, 18], [8.0, 8.1, 8.3, 8.2]))

    assert found.per_hour.value < 0
    assert math.isinf(found.half_life_hours.value)
    assert math.isinf(found.half_life_hours.high)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    """300 patients with a known decline; 95 % of their intervals should hold it."""
    rng = np.random.default_rng(11)
    hours = np.arange(0, 43, 6.0)
    held = 0
    for _ in range(300):
        logs = 11.5 - 0.25 * hours + rng.normal(0, 0.4, len(hours))
        seen = np.where(logs >= math.log(16), np.exp(logs), 0)
        found = clearance([Density(h, d, 16) for h, d in zip(hours, seen, strict=True)]).per_hour
        held += found.low <= 0.25 <= found.high

    assert 0.88 <= held / 300 <= 0.99
