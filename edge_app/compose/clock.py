"""The machine's clocks."""

import time
from dataclasses import dataclass
from datetime import datetime, timezone

from edge_app.storage.boot_clock import boot_clock_s, boot_id

BUILT = datetime(2026, 11, 1, tzinfo=timezone.utc)
"""Before this the program was not there, so that no clock that shows less is right."""


@dataclass(frozen=True, slots=True)
class Ran:
    """For how many seconds the machine has been running, and since which start."""

    boot: str
    boot_s: float


def system_ran() -> Ran:
    """Return the machine's running time; nobody can set it."""
    return Ran(boot_id(), boot_clock_s())


class SystemClock:
    """Answers `Clock` from the machine."""

    def now(self) -> datetime:
        """Return the wall clock with time zone."""
        return datetime.now(timezone.utc).astimezone()

    def monotonic_ns(self) -> int:
        """Return the monotonic clock."""
        return time.monotonic_ns()
