"""A camera while this process holds it through OpenCV: each frame is one that was waited for."""

import time
from collections.abc import Sequence

import cv2
import numpy as np

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.field_change import glance, shows_nothing
from edge_app.domain.freshness import STANDS_STILL_NS
from edge_app.domain.image import CapturedImage, Pixels
from edge_app.ports import Clock, Control
from hardware.camera import trouble
from hardware.camera.opencv_choices import choose
from hardware.camera.opencv_wire import Capture, Opener
from hardware.retaken import RetakenCamera

_DEEPEST_QUEUE = 8  # more frames than any of OpenCV's ways holds
_USUAL_RATE = 30.0
_BREATH_S = 0.002


class OpenOpencv(RetakenCamera):
    """A camera that OpenCV holds; one that went away is taken again when it is back.

    OpenCV tells neither when a frame was taken nor whether it waited. What comes without being
    waited for is from before the call, so it is left out; and after half a second in which nobody
    looked, so are as many frames as may have waited, whatever their time says.
    """

    def __init__(
        self, opener: Opener, number: int, clock: Clock, device_id: str, frame_s: float
    ) -> None:
        super().__init__(clock, device_id, frame_s)
        self._opener = opener
        self._number = number
        self._capture: Capture | None = None
        self._last: Pixels | None = None
        self._still_since_ns: int | None = None
        self._n_owed = 0

    def frame(self) -> CapturedImage | None:
        """Return the next frame that is waited for; a camera that went away is taken again.

        Raises:
            ScannerUnavailableError: It is away, sends nothing, or gives its last frame again.
        """
        until_ns = self._clock.monotonic_ns() + round(self._patience_s * 1e9)
        capture = self._attach()
        while self._clock.monotonic_ns() < until_ns:
            image = self._next(capture)
            if image is not None:
                return image
        raise self._lost(trouble.silent())

    def controls(self) -> Sequence[Control]:
        """Return no knobs: OpenCV does not tell how far a camera's go."""
        return ()

    def adjust(self, name: str, value: float) -> None:
        """Refuse: there are no knobs.

        Raises:
            ValueError: Always.
        """
        message = f"no knob {name!r} that takes {value}; through OpenCV a camera has none"
        raise ValueError(message)

    def let_go(self) -> None:
        """Let go of the camera, and refuse everything from now on."""
        self._is_held = False
        self._detach()

    def _attach(self) -> Capture:
        """Return the camera; take it and set it as it was set before where it is not held."""
        self._ensure_held()
        if self._capture is None:
            capture = self._opener(self._number)
            if capture is None:
                raise trouble.away_or_busy()
            try:
                choose(capture, self._choices)
            except ScannerUnavailableError:
                capture.release()
                raise
            self._capture, self._last, self._still_since_ns = capture, None, None
            self._n_owed = _DEEPEST_QUEUE
        return self._capture

    def _detach(self) -> None:
        capture, self._capture = self._capture, None
        if capture:
            capture.release()

    def _lost(self, why: ScannerUnavailableError) -> ScannerUnavailableError:
        self._detach()
        return why

    def _next(self, capture: Capture) -> CapturedImage | None:
        """Return the frame that comes now, or None where it is no new one."""
        began_ns = self._clock.monotonic_ns()
        came, sent = capture.read()
        moment = self._now()
        if self._has_slept():
            self._n_owed = _DEEPEST_QUEUE
        pixels = _rgb(sent) if came else None
        if pixels is None or not capture.isOpened():
            raise self._lost(trouble.unplugged())
        if self._is_same(pixels):
            time.sleep(_BREATH_S)
            return None
        if self._n_owed:
            self._n_owed -= 1
            return None
        was_waited_for = moment[1] - began_ns >= _least_wait_ns(capture)
        return self._captured(pixels, moment) if was_waited_for else None

    def _is_same(self, pixels: Pixels) -> bool:
        """Return whether a frame is the one before; raises where that lasts.

        A sensor has noise. Where it cannot show, an equal frame says nothing: docs/decisions/0018.
        """
        before, self._last = self._last, pixels
        if before is None or not np.array_equal(before, pixels) or shows_nothing(glance(pixels)):
            self._still_since_ns = None
            return False
        now_ns = self._clock.monotonic_ns()
        self._still_since_ns = self._still_since_ns or now_ns
        if now_ns - self._still_since_ns > STANDS_STILL_NS:
            raise self._lost(trouble.unplugged())
        return True


def _least_wait_ns(capture: Capture) -> int:
    """Return how long a new frame is waited for at least: a quarter of the time between two."""
    said = capture.get(cv2.CAP_PROP_FPS)
    rate = said if 0 < said < 1000 else _USUAL_RATE
    return round(0.25e9 / rate)


def _rgb(sent: object) -> Pixels | None:
    """Return a frame of three colours in bytes as RGB; None for anything else."""
    if not isinstance(sent, np.ndarray) or sent.dtype != np.uint8 or sent.ndim != 3:
        return None
    if sent.shape[2] != 3 or not sent.size:
        return None
    return np.asarray(cv2.cvtColor(sent, cv2.COLOR_BGR2RGB), np.uint8)
