"""A GigE Vision or USB3 Vision camera: what is attached, what it is, and taking it."""

import contextlib
import ipaddress
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from edge_app.ports import Clock, DeviceState
from hardware.genicam.library import Library, is_installed
from hardware.genicam.opened import OpenGenicam
from hardware.genicam.trouble import absent, busy
from hardware.held import HeldByOne

DEVICE_KIND = "genicam"
FRAME_S = 8.0
_NO_NAME = re.compile(r"[^A-Za-z0-9.]+")


class GenicamScanner(HeldByOne):
    """A `Scanner` at a place that `attached` returns: vendor, model and serial number.

    Whether another program holds the camera is not known before it is taken.
    """

    def __init__(
        self, place: str, clock: Clock, choices: Mapping[str, str], frame_s: float | None = None
    ) -> None:
        super().__init__(DEVICE_KIND, _device_id(place), "Camera", ("live",))
        self._place = place
        self._clock = clock
        self._choices = choices
        self._frame_s = frame_s or FRAME_S

    @contextmanager
    def open(self) -> Iterator[OpenGenicam]:
        """Take the camera, set its choices and have it send frames.

        Raises:
            ScannerUnavailableError: It is missing, busy, or cannot be set so.
        """
        with self._holding(busy()):
            if _is_address(self._place):
                raise absent()
            opened = OpenGenicam(
                Library(), self._place, self._clock, self._device_id, self._frame_s
            )
            opened.take(self._choices)
            try:
                yield opened
            finally:
                opened.let_go()

    def _state(self) -> DeviceState:
        for found in Library().look():
            if found.id == self._place:
                self._name = f"{found.vendor} {found.model}".strip() or self._name
                return DeviceState.READY
        return DeviceState.ABSENT


def _device_id(place: str) -> str:
    return f"genicam-{_NO_NAME.sub('-', place)}"


def _is_address(place: str) -> bool:
    """Return whether Aravis would reach the place as an address, which is no name of a camera."""
    with contextlib.suppress(ValueError):
        return bool(ipaddress.ip_address(place))
    return False


def attached() -> tuple[str, ...]:
    """Return the places of the cameras that are attached; none where Aravis is not installed."""
    if not is_installed():
        return ()
    return tuple(found.id for found in Library().look())
