"""A scanner behind TWAIN: what is installed, what it is, and taking it."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from edge_app.ports import Clock, DeviceState
from hardware.held import HeldByOne
from hardware.twain import trouble
from hardware.twain.opened import OpenTwain
from hardware.twain.source import Manager, Source
from hardware.twain.structures import Identity
from hardware.twain.trouble import TwainError
from hardware.twain.windows import windows
from hardware.twain.wire import Wire

DEVICE_KIND = "twain"
_FRAME_S = 120.0


class TwainScanner(HeldByOne):
    """A `Scanner` at a place that `attached` returns: the name of its driver.

    Whether it is switched on, or held by another program, is not known before it is taken.
    """

    def __init__(
        self,
        place: str,
        clock: Clock,
        choices: Mapping[str, str],
        frame_s: float | None = None,
        wire: Callable[[], Wire] = windows,
    ) -> None:
        digest = hashlib.sha256(place.encode()).hexdigest()
        can = ("pages", "stills", "repeats")
        super().__init__(DEVICE_KIND, f"twain-{digest[:16]}", place or "Scanner", can)
        self._place = place
        self._clock = clock
        self._choices = choices
        self._frame_s = frame_s or _FRAME_S
        self._wire = wire

    @contextmanager
    def open(self) -> Iterator[OpenTwain]:
        """Take the scanner and set its choices.

        Raises:
            ScannerUnavailableError: It is missing, busy, or cannot be set so.
        """
        with self._holding(trouble.busy()), _managed(self._wire) as manager:
            source = self._taken(manager)
            try:
                opened = OpenTwain(source, self._clock, self._device_id, self._frame_s)
                opened.choose(self._choices)
                try:
                    yield opened
                finally:
                    opened.let_go()
            finally:
                source.close()

    def _taken(self, manager: Manager) -> Source:
        for identity in manager.sources():
            if _name(identity) == self._place:
                return manager.opened(identity)
        raise trouble.absent()

    def _state(self) -> DeviceState:
        is_there = self._place in _names(self._wire)
        return DeviceState.READY if is_there else DeviceState.ABSENT


def attached(wire: Callable[[], Wire] = windows) -> tuple[str, ...]:
    """Return the names of the scanners whose drivers are installed; none but under Windows.

    Raises:
        ScannerUnavailableError: TWAIN failed.
    """
    try:
        return _names(wire)
    except trouble.NoTwainError:
        return ()


def _names(wire: Callable[[], Wire]) -> tuple[str, ...]:
    with _managed(wire) as manager:
        return tuple(_name(identity) for identity in manager.sources())


def _name(identity: Identity) -> str:
    return bytes(identity.name).decode("ascii", "replace").strip()


@contextmanager
def _managed(wire: Callable[[], Wire]) -> Iterator[Manager]:
    """Open TWAIN for a block, and have what fails in it told plainly."""
    door = wire()
    try:
        manager = Manager(door)
        try:
            yield manager
        finally:
            manager.close()
    except TwainError as error:
        raise trouble.refusal(error.condition) from error
    finally:
        door.close()
