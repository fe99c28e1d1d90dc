"""How long an answer may take, learned from the answers that came."""

from collections import deque

_REMEMBERED = 50
_TIMES = 8.0
_LEAST_S = 1.0


class Pace:
    """The deadline of a warm child: some times the slowest of its latest answers.

    A question larger than any that was answered, or the first one of a child, gets all of
    `most_s`: nobody knows yet how long it takes.
    """

    def __init__(self, most_s: float) -> None:
        self._most_s = most_s
        self._took_s: deque[float] = deque(maxlen=_REMEMBERED)
        self._largest = 0

    def deadline_s(self, size: int) -> float:
        """Return how long a question with `size` bytes of pixels may take."""
        if not self._took_s or size > self._largest:
            return self._most_s
        return min(self._most_s, max(_LEAST_S, _TIMES * max(self._took_s)))

    def answered(self, size: int, took_s: float) -> None:
        """Remember a good answer."""
        self._took_s.append(took_s)
        self._largest = max(self._largest, size)

    def start_anew(self) -> None:
        """Forget what a former child could do."""
        self._took_s.clear()
        self._largest = 0
