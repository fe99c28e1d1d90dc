"""Whether a frame is a new picture: what may be shown as live, read, or captured.

Why an equal hash counts as a frozen picture, and where it does not: docs/decisions/0018.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from edge_app.domain.field_change import glance, shows_nothing
from edge_app.domain.image import CapturedImage

OLD_NS = 2_000_000_000
STANDS_STILL_NS = 900_000_000
_REPEATS, _STILLS, _SETTLES, _PATIENTS = "repeats", "stills", "settles", "patients"


class Freshness(Enum):
    """What a frame is, beside the frames before it."""

    FRESH = "fresh"
    REPEATED = "the same picture as before"
    STUCK = "its number did not go up, or its time went back"
    OLD = "taken too long ago"
    RESIZED = "of another size than before"
    OTHER_DEVICE = "from another device"


_AT_ONCE = frozenset({Freshness.RESIZED, Freshness.OTHER_DEVICE})
"""What no later frame of the same device makes good; a person looks and connects again."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What a device may do honestly.

    Attributes:
        repeats: Two frames in a row may be the same: there is no sensor, so no noise.
        stills: Each frame is a picture of its own, so its size may be another.
        names_patients: Its pictures say whose they are, and it keeps those that are others'.
        settles: It is to be told what was decided on each frame.
    """

    repeats: bool = False
    stills: bool = False
    names_patients: bool = False
    settles: bool = False


def habits_of(capabilities: Sequence[str]) -> Habits:
    """Return the habits that a device declares; one that declares none is a live camera."""
    names_patients = _PATIENTS in capabilities
    return Habits(
        repeats=_REPEATS in capabilities,
        stills=_STILLS in capabilities,
        names_patients=names_patients,
        settles=names_patients or _SETTLES in capabilities,
    )


class FrameGuard:
    """Holds each frame of one opened device against those before it; only `FRESH` is a picture.

    A frame that is not fresh changes nothing of what the next one is held against.
    """

    def __init__(self, device_id: str, habits: Habits) -> None:
        self._device_id = device_id
        self._habits = habits
        self._last: CapturedImage | None = None
        self._not_fresh_since_ns = 0
        self._verdict = Freshness.FRESH

    def judged(self, frame: CapturedImage, now_ns: int) -> Freshness:
        """Return what the newest frame is, which came at `now_ns` on the monotonic clock."""
        before, self._verdict = self._verdict, self._of(frame, now_ns)
        if self._verdict is Freshness.FRESH:
            self._last = frame
        elif before is Freshness.FRESH:
            self._not_fresh_since_ns = now_ns
        return self._verdict

    def trouble(self, now_ns: int) -> Freshness | None:
        """Return what a person must be told now, or None.

        One repeated frame is a camera that keeps its beat; nearly a second of them is a frozen
        picture.
        """
        if self._verdict is Freshness.FRESH:
            return None
        has_lasted = now_ns - self._not_fresh_since_ns > STANDS_STILL_NS
        return self._verdict if self._verdict in _AT_ONCE or has_lasted else None

    def _of(self, frame: CapturedImage, now_ns: int) -> Freshness:
        if frame.device_id != self._device_id:
            return Freshness.OTHER_DEVICE
        if now_ns - frame.monotonic_ns > OLD_NS:
            return Freshness.OLD
        if self._last is None:
            return Freshness.FRESH
        return self._beside(frame, self._last)

    def _beside(self, frame: CapturedImage, last: CapturedImage) -> Freshness:
        if frame.sequence <= last.sequence or frame.monotonic_ns < last.monotonic_ns:
            return Freshness.STUCK
        if frame.pixels.shape != last.pixels.shape and not self._habits.stills:
            return Freshness.RESIZED
        if frame.hash == last.hash and not self._may_repeat(frame):
            return Freshness.REPEATED
        return Freshness.FRESH

    def _may_repeat(self, frame: CapturedImage) -> bool:
        """Whether equal pixels say nothing: no sensor, or too dark or bright for its noise."""
        return self._habits.repeats or (
            not self._habits.stills and shows_nothing(glance(frame.pixels))
        )
