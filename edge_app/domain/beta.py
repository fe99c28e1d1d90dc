"""Quantiles of the beta, Student's and the Poisson distribution, for few measurements."""

import math

_STEPS = 300
_TINY = 1e-300
_CLOSE = 1e-15
_HALVINGS = 80


def beta_share(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b), by its continued fraction.

    NIST Digital Library of Mathematical Functions, 8.17.22, by Lentz's method.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_share(1 - x, b, a)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front += a * math.log(x) + b * math.log1p(-x)
    return math.exp(front) / (a * _fraction(x, a, b))


def _fraction(x: float, a: float, b: float) -> float:
    value, above, below = 1.0, 1.0, 0.0
    for step in range(1, _STEPS):
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        below = 1 / ((1 + term * below) or _TINY)
        above = (1 + term / above) or _TINY
        value *= above * below
        if abs(above * below - 1) < _CLOSE:
            break
    return value


def beta_quantile(share: float, a: float, b: float) -> float:
    """Return the x of which I_x(a, b) is `share`, to full precision by halving."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if beta_share(middle, a, b) < share else (low, middle)
    return (low + high) / 2


def t_quantile(share: float, freedom: int) -> float:
    """Return Student's t below which `share` lies, for one or more degrees of freedom.

    From the beta distribution: DLMF 8.17 and Abramowitz and Stegun, 26.7.1.
    """
    outside = 2 * min(share, 1 - share)
    x = beta_quantile(outside, freedom / 2, 0.5)
    size = math.sqrt(freedom * (1 - x) / x)
    return size if share > 0.5 else -size


def poisson_bound(count: int, share: float) -> float:
    """Return the mean at which a Poisson count is at least `count` with the chance `share`.

    Args:
        count: One or more.
        share: Between 0 and 1.
    """
    low, high = 0.0, 2.0 * count + 20.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_least(count, middle) < share else (low, middle)
    return (low + high) / 2


def _at_least(count: int, mean: float) -> float:
    logs = (k * math.log(mean) - mean - math.lgamma(k + 1) for k in range(count)) if mean else ()
    return 1 - math.fsum(math.exp(x) for x in logs) if mean else 0.0
