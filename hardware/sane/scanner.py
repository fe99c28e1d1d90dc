"""A scanner behind SANE: what is attached, what it is, and taking it."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from edge_app.domain.error import ScannerUnavailableError
from edge_app.ports import Clock, DeviceState
from hardware.held import HeldByOne
from hardware.sane import backends, knobs, places
from hardware.sane.library import Handle, Library, is_installed
from hardware.sane.line import StuckError
from hardware.sane.opened import OpenSane, patience
from hardware.sane.session import session
from hardware.sane.status import SaneStatusError, Status, absent, refusal, silent

DEVICE_KIND = "sane"
_FRAME_S = 120.0
_LOOK_S = 9.0
_OPEN_S = 12.0
_MISSING = (Status.INVAL, Status.IO_ERROR, Status.UNSUPPORTED)


class SaneScanner(HeldByOne):
    """A `Scanner` at a place as `places.py` writes it, or at any name that SANE takes."""

    def __init__(
        self, place: str, clock: Clock, choices: Mapping[str, str], frame_s: float | None = None
    ) -> None:
        self._place = places.steady(place)
        can = ("pages", "stills", "repeats")
        super().__init__(DEVICE_KIND, _device_id(self._place), "Scanner", can)
        self._clock = clock
        self._choices = choices
        self._patience = patience(frame_s or _FRAME_S)

    @contextmanager
    def open(self) -> Iterator[OpenSane]:
        """Take the scanner and set its choices.

        Raises:
            ScannerUnavailableError: It is missing, busy, or cannot be set so.
        """
        with self._holding(refusal(Status.DEVICE_BUSY)), _plainly(), session() as (library, line):
            handle = line.ask(lambda: self._taken(library), _OPEN_S)
            opened = OpenSane(line, handle, self._clock, self._device_id, self._patience)
            try:
                yield opened
            finally:
                opened.let_go()

    def _taken(self, library: Library) -> Handle:
        name = places.name_today(self._place)
        if name is None:
            raise absent()
        try:
            handle = library.open(name)
        except SaneStatusError as error:
            raise absent() if error.status in _MISSING else refusal(error.status) from error
        try:
            knobs.choose(handle, self._choices)
        except (SaneStatusError, ScannerUnavailableError):
            handle.close()
            raise
        return handle

    def _state(self) -> DeviceState:
        name = places.name_today(self._place)
        if name is None:
            return DeviceState.ABSENT
        asked = places.backend(name)
        if asked == "net":
            backends.reach(places.host(name))
        try:
            with backends.only([asked]), session() as (library, line):
                return line.ask(lambda: self._looked(library, name), _LOOK_S)
        except (SaneStatusError, StuckError):
            return DeviceState.ABSENT

    def _looked(self, library: Library, name: str) -> DeviceState:
        is_local = places.backend(name) not in backends.NETWORKED
        for found in library.devices(is_local=is_local):
            if found.name == name:
                self._name = f"{found.vendor} {found.model}".strip() or self._name
                return DeviceState.READY
        # A back end does not list all that it can reach, such as an address in the network.
        try:
            library.open(name).close()
        except SaneStatusError as error:
            is_busy = error.status is Status.DEVICE_BUSY
            return DeviceState.BUSY if is_busy else DeviceState.ABSENT
        return DeviceState.READY


def _device_id(place: str) -> str:
    return f"sane-{hashlib.sha256(place.encode()).hexdigest()[:16]}"


def attached() -> tuple[str, ...]:
    """Return the places of the scanners that are attached to this computer.

    Where SANE is not installed there are none. The network is not looked at.

    Raises:
        ScannerUnavailableError: SANE failed, or did not answer in time.
    """
    if not is_installed():
        return ()
    with _plainly(), backends.only(backends.looked_for()), session() as (library, line):
        found = line.ask(lambda: library.devices(is_local=True), _OPEN_S)
    return tuple(places.steady(one.name) for one in found)


@contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except SaneStatusError as error:
        raise refusal(error.status) from error
    except StuckError as error:
        raise silent() from error
