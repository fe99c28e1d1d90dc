"""One line of the table before and after."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One graph's size, speed and agreement.

    Attributes:
        agreement: With the float graph's detections on pictures held out; None where that is
            not the question or could not be measured.
    """

    name: str
    size_bytes: int
    ms: float
    agreement: float | None
