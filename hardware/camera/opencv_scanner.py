"""A camera under Windows or macOS: named by its number, taken through OpenCV."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from edge_app.domain.error import ScannerUnavailableError
from edge_app.ports import Clock, DeviceState
from hardware.camera import trouble
from hardware.camera.opencv_opened import OpenOpencv
from hardware.camera.opencv_wire import Opener, by_opencv
from hardware.camera.scanner import DEVICE_KIND, FRAME_S
from hardware.held import HeldByOne


class OpencvScanner(HeldByOne):
    """A `Scanner` at a number, from 0, in the order of the system.

    Whether it is there is not known before it is taken: to ask would switch its light on.
    """

    def __init__(
        self,
        place: str,
        clock: Clock,
        choices: Mapping[str, str],
        frame_s: float | None = None,
        opener: Opener = by_opencv,
    ) -> None:
        if not (place.isascii() and place.isdigit() and len(place) <= 3):
            raise ScannerUnavailableError(
                f"On this system a camera is a whole number from 0, not {place!r}.",
                "Try camera:0.",
            )
        super().__init__(DEVICE_KIND, f"camera-{int(place)}", f"Camera {int(place)}", ("live",))
        self._number = int(place)
        self._clock = clock
        self._choices = choices
        self._frame_s = frame_s or FRAME_S
        self._opener = opener

    @contextmanager
    def open(self) -> Iterator[OpenOpencv]:
        """Take the camera and set its choices.

        Raises:
            ScannerUnavailableError: It is missing, busy, or cannot be set so.
        """
        with self._holding(trouble.busy()):
            opened = OpenOpencv(
                self._opener, self._number, self._clock, self._device_id, self._frame_s
            )
            opened.take(self._choices)
            try:
                yield opened
            finally:
                opened.let_go()

    def _state(self) -> DeviceState:
        return DeviceState.READY
