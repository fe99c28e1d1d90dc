"""The system asks the program to end, as at a shutdown: it ends as if the window were closed."""

import contextlib
import signal
import socket
from collections.abc import Callable
from types import FrameType, TracebackType

from PyQt6.QtCore import QObject, QSocketNotifier

_ASKING = (signal.SIGTERM, signal.SIGHUP) if hasattr(signal, "SIGHUP") else (signal.SIGTERM,)


class AskedToEnd(QObject):
    """Within its block, calls `end` on the window's thread when the system asks for it.

    Python's own handlers run between two of its instructions, of which there are none while Qt
    waits. So a byte on a socket wakes Qt.
    """

    def __init__(self, end: Callable[[], None]) -> None:
        super().__init__()
        self._end = end

    def __enter__(self) -> "AskedToEnd":
        """Listen."""
        self._ours, self._theirs = socket.socketpair()
        for side in (self._ours, self._theirs):
            side.settimeout(0)
        self._former_wake = signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)
        self._former = {number: signal.signal(number, _noticed) for number in _ASKING}
        kind = QSocketNotifier.Type.Read
        self._bell = QSocketNotifier(self._ours.fileno(), kind, self)  # type: ignore[call-overload]  # an int it is
        self._bell.activated.connect(self._woken)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Listen no more."""
        self._bell.setEnabled(False)
        signal.set_wakeup_fd(self._former_wake)
        for number, former in self._former.items():
            signal.signal(number, former)
        self._ours.close()
        self._theirs.close()

    def _woken(self) -> None:
        with contextlib.suppress(BlockingIOError):
            numbers = self._ours.recv(64)
            if any(number in _ASKING for number in numbers):
                self._end()


def _noticed(_number: int, _frame: FrameType | None) -> None:
    """Keep the process alive; the byte on the socket says the rest."""
