"""`python -m edge_app.compose.calibration_worker PLACE PROFILE [DRIVER...]`: one device, measured.

It answers what the capture worker answers, and measures on the frames that it gave last.
"""

import sys
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack

import msgspec

from edge_app.compose.capture_worker import Answering, hold
from edge_app.compose.clock import SystemClock
from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.image import CapturedImage
from edge_app.isolation.channel import Message
from edge_app.ports import OpenScanner, Scanner
from hardware.light import FRAMES_OF_LIGHT, evened, measured_light, unevenness
from hardware.remote import (
    FrameRequest,
    LightReply,
    LightRequest,
    LinesReply,
    LinesRequest,
    Request,
    frame_message,
)
from hardware.scale import spacing_from_lines


class _Measuring(Answering):
    """Remembers the frames that it gave last."""

    def __init__(self, scanner: Callable[[bytes], Scanner], stack: ExitStack) -> None:
        super().__init__(scanner, stack)
        self._given: deque[CapturedImage] = deque(maxlen=FRAMES_OF_LIGHT)

    def of_held(self, device: OpenScanner, request: Request) -> Message:
        """Return the answer, which may be what was measured."""
        if isinstance(request, FrameRequest):
            image = device.frame()
            if image:
                self._given.append(image)
            return frame_message(image)
        if isinstance(request, LightRequest):
            return Message(msgspec.msgpack.encode(self._light()))
        if isinstance(request, LinesRequest):
            return Message(msgspec.msgpack.encode(self._lines(request)))
        return super().of_held(device, request)

    def _light(self) -> LightReply:
        frames = [image.pixels for image in self._given]
        if len(frames) < FRAMES_OF_LIGHT:
            what = f"The device gave {len(frames)} of {FRAMES_OF_LIGHT} pictures."
            raise ScannerUnavailableError(what, "Look at the device, then do it again.")
        light = measured_light(frames, SystemClock().now().date())
        after = evened(frames[-1], light.gain(*frames[-1].shape[:2]))
        return LightReply(light, unevenness(frames[-1]), unevenness(after))

    def _lines(self, asked: LinesRequest) -> LinesReply:
        for image in self._given:
            if image.sequence == asked.sequence:
                return LinesReply(spacing_from_lines(image.pixels, asked.apart_mm, asked.spaces))
        raise ScannerUnavailableError("That picture is gone.", "Take another one of the scale.")


if __name__ == "__main__":
    hold(sys.argv[1:], _Measuring)
