"""What drivers share whose camera is taken and set again by the process that holds it."""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.image import CapturedImage, Pixels
from edge_app.ports import Clock
from hardware.arrivals import Arrivals

_SLEPT_S = 0.5
Moment = tuple[datetime, int]
"""The wall clock and the monotonic one."""


class RetakenCamera(ABC):
    """The part of a held camera that outlasts its being unplugged.

    Attributes:
        _patience_s: How long to wait for a frame. The last fifth of what the profile allows is for
            taking the camera again, so that the program does not give up first.
        _turned: The knobs that were turned, with their values.
    """

    def __init__(self, clock: Clock, device_id: str, frame_s: float) -> None:
        self._clock = clock
        self._device_id = device_id
        self._patience_s = 0.8 * frame_s
        self._choices: Mapping[str, str] = {}
        self._turned: dict[str, float] = {}
        self._arrivals = Arrivals()
        self._sequence = 0
        self._is_held = True
        self._looked_s = 0.0

    def take(self, choices: Mapping[str, str]) -> None:
        """Take the camera and set its choices.

        Raises:
            ScannerUnavailableError: It is missing, busy, or cannot be set so.
        """
        self._choices = choices
        self._attach()

    @abstractmethod
    def _attach(self) -> object:
        """Take the camera, set as it was set before; raises ScannerUnavailableError."""

    def _ensure_held(self) -> None:
        if not self._is_held:
            raise ScannerUnavailableError("The camera was let go.", "Open it again.")

    def _now(self) -> Moment:
        return self._clock.now(), self._clock.monotonic_ns()

    def _look(self) -> None:
        """Have what is asked next count from now on."""
        self._looked_s = _awake_s()

    def _has_slept(self) -> bool:
        """Return whether longer went by since the last look than anybody waits.

        Then the computer slept or this process was stopped, and what waits is from before. Asked
        after the clock was read: of a stop that comes later, the frame's own time tells.
        """
        before = self._looked_s
        self._look()
        return self._looked_s - before > _SLEPT_S

    def _captured(self, pixels: Pixels, moment: Moment) -> CapturedImage:
        """Return pixels that arrived at `moment` as the camera's next image."""
        self._sequence += 1
        dropped = self._arrivals.dropped
        return CapturedImage(pixels, self._device_id, self._sequence, *moment, dropped=dropped)


def _awake_s() -> float:
    """Return the seconds since this computer was started, with those that Linux slept."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
