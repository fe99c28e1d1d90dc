"""A USB camera: what is attached, what it is, and taking it."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from edge_app.ports import Clock, DeviceState
from hardware.camera import places, trouble
from hardware.camera.opened import OpenCamera
from hardware.camera.video import Video
from hardware.camera.wire import Kernel, Wire
from hardware.held import HeldByOne

DEVICE_KIND = "camera"
FRAME_S = 8.0


class CameraScanner(HeldByOne):
    """A `Scanner` at a place that `attached` returns: by serial number, or by socket."""

    def __init__(
        self,
        place: str,
        clock: Clock,
        choices: Mapping[str, str],
        frame_s: float | None = None,
        wire: Wire | None = None,
    ) -> None:
        super().__init__(DEVICE_KIND, f"camera-{places.plain(place)}", "Camera", ("live",))
        self._place = place
        self._clock = clock
        self._choices = choices
        self._frame_s = frame_s or FRAME_S
        self._wire = wire

    @contextmanager
    def open(self) -> Iterator[OpenCamera]:
        """Take the camera, set its choices and have it send frames.

        Raises:
            ScannerUnavailableError: It is missing, busy, or cannot be set so.
        """
        with self._holding(trouble.busy()):
            wire = self._wire or Kernel()
            opened = OpenCamera(wire, self._place, self._clock, self._device_id, self._frame_s)
            opened.take(self._choices)
            try:
                yield opened
            finally:
                opened.let_go()

    def _state(self) -> DeviceState:
        wire = self._wire or Kernel()
        found = places.at(self._place, places.look(wire))
        if found is None:
            return DeviceState.ABSENT
        self._name = found.name or self._name
        try:
            video = Video(wire, found.node)
            try:
                return DeviceState.BUSY if video.is_busy() else DeviceState.READY
            finally:
                video.close()
        except OSError as error:
            if trouble.is_gone(error):  # meanwhile
                return DeviceState.ABSENT
            raise trouble.refusal(error) from error


def attached() -> tuple[str, ...]:
    """Return the places of the cameras that are attached; none on a system other than Linux.

    There they have numbers, and to look which one is there would take them.

    Raises:
        ScannerUnavailableError: This user may not ask them what they are.
    """
    if sys.platform != "linux":
        return ()
    return places.places(places.look(Kernel()))
