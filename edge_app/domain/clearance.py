"""How fast parasites, or anything else that is counted, leave the blood after a treatment.

The steps are those of the parasite clearance estimator (Flegg, Guerin, White and Stepniewska,
Malaria Journal 10:339, 2011): a line, a parabola and a cubic through the logarithms, of which
Akaike's criterion chooses; what lies before the decline is lag and left out; what was too little
to be seen is a censored value and not a nought (Tobin, Econometrica 26, 1958).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_app.domain.beta import t_quantile
from edge_app.domain.measured import Measured

_FEWEST = 3
_DEGREES = (1, 2, 3)
_LAG_SHARE = 1 / 5  # of the steepest decline: what declines less is lag
_SIDE = 0.975
_STEPS = 200
_CLOSE = 1e-10
_LOG_ROOT_2_PI = math.log(2 * math.pi) / 2
_FAR_BELOW = -30.0  # farther down, the share itself is too small for a number
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Density:
    """What was counted at one time after the treatment.

    Attributes:
        hours: Since the treatment began.
        per_volume: Such as parasites a microlitre, or a count an image; 0 where none was seen.
        least_seen: The density that a single one would have been: where none was, it is less.
    """

    hours: float
    per_volume: float
    least_seen: float

    @property
    def is_seen(self) -> bool:
        """Whether there was anything to count."""
        return self.per_volume > 0


@dataclass(frozen=True, slots=True)
class Clearance:
    """The decline of one patient.

    Attributes:
        per_hour: The slope of the natural logarithm, taken positive, with its 95 % interval.
        half_life_hours: ln 2 over it; its upper end is infinite where the slope may be none.
        lag_hours: Before it, hardly anything declined; those values are left out of the slope.
        n_used: Values that the slope is of.
        degree: Of the curve that was chosen to look for a lag: 1 a line, then there is none.
    """

    per_hour: Measured
    half_life_hours: Measured
    lag_hours: float
    n_used: int
    degree: int


@dataclass(frozen=True, slots=True)
class _Fit:
    """A curve by greatest likelihood: coefficients, lowest power first, and how well it fits."""

    coefficients: Floats
    covariance: Floats
    log_likelihood: float

    @property
    def akaike(self) -> float:
        return 2 * (len(self.coefficients) + 1) - 2 * self.log_likelihood


def clearance(densities: Sequence[Density]) -> Clearance | None:
    """Return how fast one patient's densities decline; None where fewer than three tell."""
    kept = _without_tail(sorted(densities, key=lambda d: d.hours))
    hours = np.array([d.hours for d in kept])
    is_seen = np.array([d.is_seen for d in kept], np.bool_)
    logs = np.log([d.per_volume if d.is_seen else d.least_seen for d in kept])
    if is_seen.sum() < _FEWEST:
        return None
    degree, lag = _lag(hours, logs, is_seen)
    after = hours >= lag
    fit = _fitted(hours[after], logs[after], is_seen[after], 1)
    n_used = int(after.sum())
    return _declared(fit, lag, n_used, degree)


def _without_tail(densities: Sequence[Density]) -> list[Density]:
    """Return the densities up to the first of those at the end at which none was seen."""
    last_seen = max((n for n, d in enumerate(densities) if d.is_seen), default=-1)
    return list(densities[: last_seen + 2])


def _lag(hours: Floats, logs: Floats, is_seen: NDArray[np.bool_]) -> tuple[int, float]:
    """Return the degree of the curve that was chosen, and when the decline begins."""
    fits = {
        degree: _fitted(hours, logs, is_seen, degree)
        for degree in _DEGREES
        if is_seen.sum() >= degree + 2
    }
    degree = min(fits, key=lambda d: fits[d].akaike)
    first = float(hours[0])
    if degree == 1:
        return 1, first
    curve = _powers(hours, degree) @ fits[degree].coefficients
    declines = -np.diff(curve) / np.diff(hours)
    steepest = declines.max()
    if steepest <= 0:
        return degree, first
    begins = int(np.argmax(declines >= _LAG_SHARE * steepest))
    is_enough = is_seen[begins:].sum() >= _FEWEST
    return degree, float(hours[begins]) if is_enough else first


def _powers(hours: Floats, degree: int) -> Floats:
    return np.vander(hours, degree + 1, increasing=True)


def _fitted(hours: Floats, logs: Floats, is_seen: NDArray[np.bool_], degree: int) -> _Fit:
    """Return the curve of greatest likelihood; values that were not seen lie below theirs.

    Newton's steps in the parameters in which the likelihood has one top only (Olsen,
    Econometrica 46, 1978): coefficients over spread, and one over the spread.
    """
    scale = max(float(np.abs(hours).max()), 1.0)
    powers = _powers(hours / scale, degree)
    start = np.linalg.lstsq(powers[is_seen], logs[is_seen], rcond=None)[0]
    left = float(np.std(logs[is_seen] - powers[is_seen] @ start))
    at = np.append(start, 1.0) / max(left, 1e-3)
    sides = np.column_stack([-powers, logs])  # what a step of each parameter moves z by
    value, slope, curvature = _likelihood(at, sides, is_seen)
    for _ in range(_STEPS):
        step = np.linalg.lstsq(-curvature, slope, rcond=None)[0]
        share = 1.0
        while share > _CLOSE:
            tried = at + share * step
            if tried[-1] > 0:
                there = _likelihood(tried, sides, is_seen)
                if there[0] >= value:
                    break
            share /= 2
        else:
            break
        gained = there[0] - value
        at, (value, slope, curvature) = tried, there
        if gained < _CLOSE:
            break
    return _read_off(at, curvature, value, scale, is_seen)


def _likelihood(
    at: Floats, sides: Floats, is_seen: NDArray[np.bool_]
) -> tuple[float, Floats, Floats]:
    """Return the log likelihood with its first and second derivatives."""
    precision = at[-1]
    z = sides @ at
    below = z[~is_seen]
    logs_of_shares = np.array([_log_share_below(float(x)) for x in below])
    ratios = np.exp(-below * below / 2 - _LOG_ROOT_2_PI - logs_of_shares)
    value = float(
        is_seen.sum() * (math.log(precision) - _LOG_ROOT_2_PI)
        - (z[is_seen] ** 2).sum() / 2
        + logs_of_shares.sum()
    )
    slope = ratios @ sides[~is_seen] - z[is_seen] @ sides[is_seen]
    curvature = -sides[is_seen].T @ sides[is_seen]
    curvature -= (sides[~is_seen] * (ratios * (below + ratios))[:, None]).T @ sides[~is_seen]
    slope[-1] += is_seen.sum() / precision
    curvature[-1, -1] -= is_seen.sum() / precision**2
    return value, slope, curvature


def _log_share_below(z: float) -> float:
    """Return the logarithm of the share of a normal distribution below `z`, however small."""
    if z > _FAR_BELOW:
        return math.log(math.erfc(-z / math.sqrt(2)) / 2)
    return -z * z / 2 - _LOG_ROOT_2_PI - math.log(-z) + math.log1p(-1 / (z * z))


def _read_off(
    at: Floats, curvature: Floats, value: float, scale: float, is_seen: NDArray[np.bool_]
) -> _Fit:
    """Return the curve in hours again, its covariance by the delta method."""
    n_powers = len(at) - 1
    by_power = scale ** -np.arange(n_powers, dtype=np.float64)
    coefficients = at[:-1] / at[-1] * by_power
    turning = np.column_stack([np.eye(n_powers) / at[-1], -at[:-1] / at[-1] ** 2])
    turning *= by_power[:, None]
    covariance = turning @ np.linalg.pinv(-curvature) @ turning.T
    n = int(is_seen.sum())
    unbiased = n / max(n - n_powers, 1)  # greatest likelihood takes the spread too small
    return _Fit(coefficients, covariance * unbiased, value)


def _declared(fit: _Fit, lag: float, n_used: int, degree: int) -> Clearance:
    rate = -float(fit.coefficients[1])
    reach = t_quantile(_SIDE, max(n_used - 2, 1)) * math.sqrt(max(float(fit.covariance[1, 1]), 0.0))
    per_hour = Measured(rate, rate - reach, rate + reach)
    half = Measured(_half_life(rate), _half_life(per_hour.high), _half_life(per_hour.low))
    return Clearance(per_hour, half, lag, n_used, degree)


def _half_life(rate: float) -> float:
    return math.log(2) / rate if rate > 0 else math.inf
