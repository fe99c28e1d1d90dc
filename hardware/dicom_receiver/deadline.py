"""A deadline that is set again and again while something goes on."""

import asyncio
from collections.abc import Callable


class Deadline:
    """Calls `missed` once, unless it is set again or ended before."""

    def __init__(self, missed: Callable[[], object]) -> None:
        self._missed = missed
        self._timer: asyncio.TimerHandle | None = None

    def within(self, seconds: float) -> None:
        """Begin anew, with so many seconds."""
        self.end()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._missed)

    def end(self) -> None:
        """Call nothing any more."""
        if self._timer:
            self._timer.cancel()
