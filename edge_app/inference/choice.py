"""Which variant, provider and operating point a caller wants."""

from dataclasses import dataclass

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Choice:
    """What to load; "auto" takes the best that passes its golden check here."""

    variant: str = AUTO
    provider: str = AUTO
    point: str = ""
