"""The machine's clocks."""

import time
from datetime import datetime, timezone

BUILT = datetime(2026, 11, 1, tzinfo=timezone.utc)
"""Before this the program was not there, so that no clock that shows less is right."""


class SystemClock:
    """Answers `Clock` from the machine."""

    def now(self) -> datetime:
        """Return the wall clock with time zone."""
        return datetime.now(timezone.utc).astimezone()

    def monotonic_ns(self) -> int:
        """Return the monotonic clock."""
        return time.monotonic_ns()
