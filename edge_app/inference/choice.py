"""Which variant, provider and operating point a caller wants."""

from dataclasses import dataclass

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Choice:
    """What to load; "auto" takes the best that passes its golden check here.

    Attributes:
        threads: Of the runtime for one run; 0 leaves it to the runtime. With several runs at
            once, one each (docs/decisions/0012).
    """

    variant: str = AUTO
    provider: str = AUTO
    point: str = ""
    threads: int = 0
