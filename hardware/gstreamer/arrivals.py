"""When frames came, and what that says of their age.

A stream has no clock that we share with the camera. What is known is the order and the pace: after
a break, the network hands over what waited in its memory, and those pictures are old.
"""

import statistics
import threading
from collections import deque

_BREAK_NS = 1_000_000_000
_LONGER = 4
_LATE_NS = 1_000_000_000
_WINDOW_NS = 30_000_000_000


class Pace:
    """Notices breaks: a wait of over a second that is four times as long as usual.

    Asked on two threads: frames are noted on GStreamer's.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last_ns: int | None = None
        self._waits: deque[int] = deque(maxlen=9)
        self._count = 0
        self._has_broken = False

    def note(self, now_ns: int) -> None:
        """Count a frame that came now."""
        with self._lock:
            self._count += 1
            if self._last_ns is not None:
                wait_ns = now_ns - self._last_ns
                usual_ns = statistics.median(self._waits) if self._waits else wait_ns
                self._has_broken |= wait_ns > max(_BREAK_NS, _LONGER * usual_ns)
                self._waits.append(wait_ns)
            self._last_ns = now_ns

    @property
    def count(self) -> int:
        """How many frames came."""
        with self._lock:
            return self._count

    @property
    def has_broken(self) -> bool:
        """Whether there was a break, so that what comes after it may be old."""
        with self._lock:
            return self._has_broken


class Lag:
    """Notices a stream that falls behind, by the time that the sender stamped on its frames.

    The frame with the shortest way among those of the last half minute or more is the measure, so
    clocks that drift apart do no harm.
    """

    def __init__(self) -> None:
        self._since_ns = 0
        self._before_ns: int | None = None
        self._shortest_ns: int | None = None

    def is_late(self, now_ns: int, stamp_ns: int) -> bool:
        """Return whether a frame that came now was over a second longer on its way than others."""
        way_ns = now_ns - stamp_ns
        if self._shortest_ns is None or now_ns - self._since_ns > _WINDOW_NS:
            self._before_ns, self._shortest_ns, self._since_ns = self._shortest_ns, way_ns, now_ns
        self._shortest_ns = min(self._shortest_ns, way_ns)
        least_ns = self._shortest_ns
        if self._before_ns is not None:
            least_ns = min(least_ns, self._before_ns)
        return way_ns - least_ns > _LATE_NS
