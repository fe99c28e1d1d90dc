"""A camera in the network or a video grabber: what it is, and taking it."""

import hashlib
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from edge_app.domain.error import ScannerUnavailableError
from edge_app.ports import Clock, DeviceState
from hardware.gstreamer import pipeline, said
from hardware.gstreamer.library import Library, library
from hardware.gstreamer.opened import OpenStream
from hardware.gstreamer.place import Address, address, login_in
from hardware.held import HeldByOne

DEVICE_KIND = "gstreamer"
FRAME_S = 10.0
_OPEN_S = 12.0
_LOOK_S = 3.0
_IN_TIME = 0.8
_PIPELINE, _LOGIN, _REPEATS = "pipeline", "login file", "repeats"
_YES_NO = ("no", "yes")


class GstreamerScanner(HeldByOne):
    """A `Scanner` at an address, or behind the pipeline of a profile's choices.

    Raises:
        ScannerUnavailableError: The address, the pipeline or a choice means nothing or is not
            allowed.
    """

    def __init__(
        self, place: str, clock: Clock, choices: Mapping[str, str], frame_s: float | None = None
    ) -> None:
        _ensure_known(choices)
        # The last fifth is for telling why no picture came.
        self._frame_s = _IN_TIME * (frame_s or FRAME_S)
        self._address: Address | None = None
        if _PIPELINE in choices:
            self._plan = pipeline.plan_of_pipeline(choices[_PIPELINE], place)
            self._device = place if place.startswith("/") else ""
            named = f"{choices[_PIPELINE]} {place}"
        else:
            self._address = address(place)
            login = self._address.login
            if _LOGIN in choices:
                login = login_in(Path(choices[_LOGIN]))
            self._plan = pipeline.plan_of_address(self._address, login, self._frame_s)
            self._device = ""
            named = self._address.plain
        super().__init__(
            DEVICE_KIND,
            f"gstreamer-{hashlib.sha256(named.encode()).hexdigest()[:16]}",
            "Network camera" if self._address else "Video input",
            ("live", "repeats") if choices.get(_REPEATS) == "yes" else ("live",),
        )
        self._clock = clock

    @contextmanager
    def open(self) -> Iterator[OpenStream]:
        """Take the device; its first frame has come when this returns.

        Raises:
            ScannerUnavailableError: It cannot be reached, refused, or sent nothing in time.
        """
        found = self._equipped()
        with self._holding(said.in_use()):
            opened = OpenStream(found, self._plan, self._clock, self._device_id, self._frame_s)
            try:
                opened.take(min(self._frame_s, _OPEN_S))
                yield opened
            finally:
                opened.let_go()

    def _equipped(self) -> Library:
        found = library()
        refusal = pipeline.missing(self._plan, found.has_element)
        if refusal:
            raise refusal
        return found

    def _state(self) -> DeviceState:
        """Ask the address for a connection and nothing else."""
        self._equipped()
        if self._address:
            try:
                where = (self._address.host, self._address.port)
                with socket.create_connection(where, _LOOK_S):
                    return DeviceState.READY
            except OSError:
                return DeviceState.ABSENT
        is_there = not self._device or Path(self._device).exists()
        return DeviceState.READY if is_there else DeviceState.ABSENT


def _ensure_known(choices: Mapping[str, str]) -> None:
    known = (_PIPELINE, _LOGIN, _REPEATS)
    unknown = sorted(set(choices) - set(known))
    if unknown:
        raise ScannerUnavailableError(
            f"A video stream has no choice {unknown[0]!r}.", f"Choose from: {', '.join(known)}."
        )
    if choices.get(_REPEATS, "no") not in _YES_NO:
        raise ScannerUnavailableError(
            f"The choice {_REPEATS!r} is yes or no.", "Correct the device's profile."
        )
    if _PIPELINE in choices and _LOGIN in choices:
        raise ScannerUnavailableError(
            "A pipeline takes no name and password.", f"Take {_LOGIN!r} out of the profile."
        )
