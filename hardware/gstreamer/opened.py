"""A stream while this process holds it."""

import time
from collections.abc import Sequence
from dataclasses import replace

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.image import CapturedImage, Pixels
from edge_app.ports import Clock, Control
from hardware.gstreamer import said
from hardware.gstreamer.library import Library
from hardware.gstreamer.pipeline import Plan
from hardware.gstreamer.stream import LeftOut, Stream


class OpenStream:
    """A camera or grabber that this process holds.

    After a fault, the next `frame` starts the stream anew.
    """

    def __init__(
        self, library: Library, plan: Plan, clock: Clock, device_id: str, frame_s: float
    ) -> None:
        self._library = library
        self._plan = plan
        self._clock = clock
        self._device_id = device_id
        self._frame_s = frame_s
        self._sequence = 0
        self._left_out = LeftOut()
        self._stream: Stream | None = None
        self._is_held = True

    def take(self, limit_s: float) -> None:
        """Start the stream; raises ScannerUnavailableError where no frame comes in time."""
        self._started(time.monotonic() + limit_s)

    def frame(self) -> CapturedImage:
        """Return the next frame that comes after this call; it never ends.

        Raises:
            ScannerUnavailableError: The camera went away, refused, or sent nothing in time.
        """
        if not self._is_held:
            raise said.let_go()
        until = time.monotonic() + self._frame_s
        try:
            pixels = self._next(until)
        except ScannerUnavailableError:
            self._stop()
            raise
        self._sequence += 1
        return CapturedImage(
            pixels,
            self._device_id,
            self._sequence,
            self._clock.now(),
            self._clock.monotonic_ns(),
            dropped=self._dropped(),
        )

    def left_out(self) -> LeftOut:
        """Return how many frames came since opening and were not delivered, and why."""
        now = self._stream
        if now is None:
            return replace(self._left_out)
        return replace(self._left_out, passed=now.passed, damaged=now.damaged)

    def _dropped(self) -> int:
        left_out = self.left_out()
        return left_out.damaged + left_out.old

    def controls(self) -> Sequence[Control]:
        """Return no knobs."""
        if not self._is_held:
            raise said.let_go()
        return ()

    def adjust(self, name: str, value: float) -> None:
        """Raise ValueError: there are no knobs."""
        message = f"no knob {name!r} that takes {value}"
        raise ValueError(message)

    def let_go(self) -> None:
        """Stop the stream and refuse everything from now on."""
        self._is_held = False
        self._stop()

    def _next(self, until: float) -> Pixels:
        stream = self._stream or self._started(until)
        stream.forget()
        while time.monotonic() < until:
            if stream.has_broken:
                self._stop()
                stream = self._started(until)
            pixels = stream.picture()
            if pixels is not None:
                return pixels
            stream.ensure_sound()
        raise said.no_picture()

    def _started(self, until: float) -> Stream:
        self._stream = Stream(self._library, self._plan, self._left_out)
        self._stream.start(until)
        return self._stream

    def _stop(self) -> None:
        stream, self._stream = self._stream, None
        if stream:
            stream.stop()
