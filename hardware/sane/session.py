"""SANE in this process: its state is the process's, so one device at a time."""

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from hardware.sane.library import Library
from hardware.sane.line import Line, StuckError
from hardware.sane.status import Status, refusal

_BEGIN_S = 5.0
_END_S = 5.0
_in_use = threading.Lock()


@contextmanager
def session() -> Iterator[tuple[Library, Line]]:
    """Start SANE and stop it after the block; all its calls belong on the line.

    A call that never came back leaves SANE in use until this process ends.

    Raises:
        ScannerUnavailableError: SANE is not installed, or in use by this process.
        SaneStatusError: It did not start.
        StuckError: It did not start in time.
    """
    library = Library()
    if not _in_use.acquire(blocking=False):
        raise refusal(Status.DEVICE_BUSY)
    line = Line()
    try:
        line.ask(library.begin, _BEGIN_S)
        try:
            yield library, line
        finally:
            with contextlib.suppress(StuckError):
                line.ask(library.end, _END_S)
    finally:
        line.hang_up()
        if not line.is_stuck:
            _in_use.release()
