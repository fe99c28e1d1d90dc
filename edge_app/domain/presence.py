"""Whether the patient of the open study may have left without anybody saying so."""

from enum import Enum

IDLE_NS = 5 * 60 * 1_000_000_000


class Doubt(Enum):
    """Why a person must say whose the next picture is."""

    IDLE = "idle"
    OTHER_DEVICE = "other device"


class Presence:
    """Becomes doubtful when nobody is there for five minutes, or when the device is changed.

    A doubt stays until a person has answered it: touching the screen again is no answer. Times
    are monotonic, in ns.
    """

    def __init__(self) -> None:
        self._touched_ns = 0
        self._doubt: Doubt | None = None

    def confirmed(self, now_ns: int) -> None:
        """Take it that a person has just said who the patient is."""
        self._touched_ns = now_ns
        self._doubt = None

    def touched(self, now_ns: int) -> None:
        """Take it that somebody is there."""
        self._doubt = self.doubt(now_ns)
        self._touched_ns = now_ns

    def device_changed(self) -> None:
        """Take it that another device delivers from now on."""
        self._doubt = Doubt.OTHER_DEVICE

    def doubt(self, now_ns: int) -> Doubt | None:
        """Return why the patient is doubtful now, or None."""
        is_idle = now_ns - self._touched_ns > IDLE_NS
        return self._doubt or (Doubt.IDLE if is_idle else None)
