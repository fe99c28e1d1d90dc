"""A simulated device: one that is held by one opening at a time, around what makes its pictures."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.image import CapturedImage
from edge_app.ports import Clock, Control, DeviceInfo, DeviceState
from hardware.lent import Frame
from hardware.simulated.knobs import Knobs


class Source(Protocol):
    """What makes the pictures of one opening."""

    def picture(self, knobs: Mapping[str, float]) -> Frame:
        """Return the next picture, taken with these knobs; may block for as long as one takes.

        Raises:
            ScannerUnavailableError: This one cannot be had.
        """


class StandIn:
    """A `Scanner` around a source; `begun` makes one for each opening."""

    def __init__(
        self,
        info: DeviceInfo,
        begun: Callable[[], Source],
        clock: Clock,
        controls: Sequence[Control] = (),
    ) -> None:
        self._info = info
        self._begun = begun
        self._clock = clock
        self._controls = tuple(controls)
        self._held = threading.Lock()

    def info(self) -> DeviceInfo:
        """Return what the device is, without taking it."""
        return replace(self._info, state=DeviceState.BUSY) if self._held.locked() else self._info

    @contextmanager
    def open(self) -> Iterator["OpenStandIn"]:
        """Take the device with all knobs at their first values.

        Raises:
            ScannerUnavailableError: Somebody holds it already, or it has no pictures.
        """
        if not self._held.acquire(blocking=False):
            raise ScannerUnavailableError(
                "The simulated device is already in use.", "Close the other view of it."
            )
        try:
            device_id = self._info.device_id
            opened = OpenStandIn(device_id, self._begun(), self._clock, self._controls)
            try:
                yield opened
            finally:
                opened.let_go()
        finally:
            self._held.release()


class OpenStandIn:
    """The device while it is held; not for more than one thread."""

    def __init__(
        self, device_id: str, source: Source, clock: Clock, controls: Sequence[Control]
    ) -> None:
        self._device_id = device_id
        self._source = source
        self._clock = clock
        self._knobs = Knobs(controls)
        self._sequence = 0
        self._is_held = True

    def frame(self) -> CapturedImage:
        """Return the next picture.

        Raises:
            ScannerUnavailableError: The device was let go, or this picture cannot be had.
        """
        self._ensure_held()
        taken = self._source.picture(self._knobs.values)
        self._sequence += 1
        return CapturedImage(
            taken.pixels,
            self._device_id,
            self._sequence,
            self._clock.now(),
            self._clock.monotonic_ns(),
            taken.spacing_mm,
            deep=taken.deep,
        )

    def controls(self) -> Sequence[Control]:
        """Return the knobs with their present values."""
        return self._knobs.all

    def adjust(self, name: str, value: float) -> None:
        """Turn the knob `name`; values beyond its range stop at the end of it.

        Raises:
            ScannerUnavailableError: The device was let go.
            ValueError: No knob has this name, or the value is not a number.
        """
        self._ensure_held()
        self._knobs.turn(name, value)

    def let_go(self) -> None:
        """Refuse everything from now on."""
        self._is_held = False

    def _ensure_held(self) -> None:
        if not self._is_held:
            raise ScannerUnavailableError("The simulated device was let go.", "Open it again.")
