"""What of a camera's frames arrived, and how many did not."""

_LARGEST_SHORT = 0xFFFF
_HALF = 0x8000


class Arrivals:
    """Counts the frames of one camera that were lost, from the numbers that it gives them.

    Attributes:
        broken: Frames that arrived with parts missing.
        missing: Frames of which nothing arrived.
    """

    def __init__(self) -> None:
        self.broken = 0
        self.missing = 0
        self._last: int | None = None
        self._is_resuming = False

    @property
    def dropped(self) -> int:
        """How many frames were lost so far."""
        return self.broken + self.missing

    def came(self, number: int, *, is_whole: bool) -> None:
        """Count the frame that came; the numbers between it and the one before are missing."""
        self.broken += not is_whole and not self._is_resuming
        self._is_resuming = False
        if self._last is not None:
            self.missing += _between(self._last, number)
        self._last = number

    def skipped(self) -> None:
        """Have the next number begin anew: what lies between was asked for by nobody."""
        self._last = None

    def resumed(self) -> None:
        """Have the next frame count as skipped too where it is broken.

        It was half over when there was room for it again.
        """
        self._last = None
        self._is_resuming = True


def _between(last: int, number: int) -> int:
    """Return how many frames lie between two numbers.

    Older GigE Vision cameras count in 16 bits and leave out 0 when they begin again.
    """
    if number > last:
        return number - last - 1
    if last <= _LARGEST_SHORT and last - number > _HALF:
        return max(0, _LARGEST_SHORT - last + number - 1)
    return 0
