"""A figure and how sure it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure with its 95 % interval; of accuracy, a bootstrap over validation groups."""

    value: float
    low: float
    high: float
