"""A detector on its way to its first reading, which may take an accelerator minutes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preparing:
    """What is being made ready now.

    Attributes:
        variant: The detector's, such as int8.
        title: The provider that it is made ready for, as people call it.
        so_far_s: Since it began.
        last_s: What it took when it was last done on this machine; 0 where nobody knows.
        is_long: Whether this provider may take minutes.
    """

    variant: str
    title: str
    so_far_s: float
    last_s: float
    is_long: bool


def minutes_words(seconds: float) -> str:
    """Return a duration as minutes and seconds, such as 3:10."""
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    return f"{minutes}:{rest:02}"
