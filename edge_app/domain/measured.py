"""A figure and how sure it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure on validation groups with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float
