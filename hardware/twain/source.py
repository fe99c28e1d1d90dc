"""TWAIN's calls: the manager, and one source of it from opening to closing."""

import contextlib
import ctypes
import time
from collections.abc import Iterator
from ctypes import Structure, addressof, c_void_p

from hardware.twain import containers, trouble
from hardware.twain import structures as twain
from hardware.twain.containers import Offer
from hardware.twain.structures import Answer, Capability, Condition, Group, Item, Message, Topic
from hardware.twain.trouble import TwainError
from hardware.twain.wire import Wire

_LOOK_S = 0.01
_MOST_SOURCES = 256
_LACKING = (Condition.BAD_CAPABILITY, Condition.UNSUPPORTED, Condition.CANNOT, Condition.DEPENDS)
_OURS = "Edge imaging"


class Manager:
    """The source manager while it is open; every call belongs on one thread.

    Raises:
        TwainError: It cannot be opened.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._us = _identity()
        self._window = c_void_p(wire.window)
        self.call(None, (Group.CONTROL, Topic.PARENT, Message.OPEN_MANAGER), self._window)

    def close(self) -> None:
        """Close it; a source must have been closed before."""
        with contextlib.suppress(TwainError):
            self.call(None, (Group.CONTROL, Topic.PARENT, Message.CLOSE_MANAGER), self._window)

    def sources(self) -> Iterator[twain.Identity]:
        """Yield each installed source; none is taken by that."""
        turn = Message.FIRST
        for _ in range(_MOST_SOURCES):
            found = twain.Identity()
            try:
                answer = self.call(None, (Group.CONTROL, Topic.IDENTITY, turn), found)
            except TwainError as error:
                if error.condition is Condition.NO_SOURCE:
                    return
                raise
            if answer is Answer.END:
                return
            yield found
            turn = Message.NEXT

    def opened(self, identity: twain.Identity) -> "Source":
        """Return a source, taken; raises TwainError."""
        self.call(None, (Group.CONTROL, Topic.IDENTITY, Message.OPEN_SOURCE), identity)
        return Source(self, self._wire, identity)

    def call(
        self,
        source: twain.Identity | None,
        asked: tuple[Group, Topic, Message],
        content: Structure | c_void_p,
    ) -> Answer:
        """Make a call and return what it came to; raises TwainError where it failed."""
        said = self._wire.entry(self._us, source, asked, addressof(content))
        answer = Answer(said) if said in set(Answer) else Answer.FAILURE
        if answer is Answer.FAILURE:
            raise TwainError(self._condition(source))
        return answer

    def _condition(self, source: twain.Identity | None) -> Condition:
        status = twain.Status()
        asked = (Group.CONTROL, Topic.STATUS, Message.GET)
        self._wire.entry(self._us, source, asked, addressof(status))
        known = set(Condition)
        return Condition(status.condition) if status.condition in known else Condition.UNKNOWN


class Source:
    """A source that is taken."""

    def __init__(self, manager: Manager, wire: Wire, identity: twain.Identity) -> None:
        self._manager = manager
        self._wire = wire
        self._identity = identity
        self._shown = twain.Interface(0, 0, wire.window)
        self._is_enabled = False
        self._is_open = True

    def close(self) -> None:
        """End what is under way and let go of the source, once."""
        if not self._is_open:
            return
        self.stop()
        self._is_open = False
        with contextlib.suppress(TwainError):
            asked = (Group.CONTROL, Topic.IDENTITY, Message.CLOSE_SOURCE)
            self._manager.call(None, asked, self._identity)

    def offer(self, capability: Capability) -> Offer | None:
        """Return what the source says of a capability, or None where it has none such."""
        said = twain.CapabilityCall(capability, twain.Container.ANY, None)
        try:
            self._call((Group.CONTROL, Topic.CAPABILITY, Message.GET), said)
        except TwainError as error:
            if error.condition in _LACKING:
                return None
            raise
        return containers.read(said.container, self._taken(said.handle))

    def current(self, capability: Capability, otherwise: float) -> float:
        """Return a capability's present value, or `otherwise` where the source has none such."""
        said = self.offer(capability)
        return otherwise if said is None else said.current

    def set(self, capability: Capability, item: Item, value: float) -> None:
        """Set a capability; raises TwainError where the source does not take the value."""
        content = containers.one(item, value)
        handle = self._wire.allocate(len(content))
        try:
            ctypes.memmove(self._wire.lock(handle), content, len(content))
            self._wire.unlock(handle)
            said = twain.CapabilityCall(capability, twain.Container.ONE, handle)
            self._call((Group.CONTROL, Topic.CAPABILITY, Message.SET), said)
        finally:
            self._wire.free(handle)

    def set_area(self, left: float, top: float, right: float, bottom: float) -> None:
        """Set what is scanned, in inches; the source may take the nearest that it can."""
        sides = [twain.fixed(side) for side in (left, top, right, bottom)]
        self._call((Group.IMAGE, Topic.LAYOUT, Message.SET), twain.Layout(*sides, 1, 1, 1))

    def start(self) -> None:
        """Have the source scan; without a window of its own, where it can."""
        self._call((Group.CONTROL, Topic.INTERFACE, Message.ENABLE), self._shown)
        self._is_enabled = True

    def is_ready(self, until_s: float) -> bool:
        """Wait until `until_s` (monotonic) and return whether a page can be fetched.

        Raises:
            ScannerUnavailableError: Somebody stopped it in the source's own window.
        """
        while time.monotonic() < until_s:
            message = self._wire.message()
            if message is None:
                time.sleep(_LOOK_S)
                continue
            event = twain.Event(addressof(message), Message.NOTHING)
            asked = (Group.CONTROL, Topic.EVENT, Message.PROCESS)
            if self._call(asked, event) is Answer.NO_EVENT:
                self._wire.dispatch(message)
            if event.said == Message.READY:
                return True
            if event.said == Message.CLOSE_WANTED:
                raise trouble.cancelled()
        return False

    def page(self) -> bytes:
        """Fetch the page that is ready.

        Raises:
            ScannerUnavailableError: Somebody stopped it.
            TwainError: The source had a fault.
        """
        handle = c_void_p()
        answer = self._call((Group.IMAGE, Topic.NATIVE, Message.GET), handle)
        if answer is Answer.CANCEL:
            raise trouble.cancelled()
        if answer is not Answer.DONE or not handle.value:
            raise TwainError(Condition.BAD_PROTOCOL)
        return self._taken(handle.value)

    def ended(self) -> int:
        """End the page; return how many wait, where the source knows, or more than none."""
        pending = twain.Pending()
        self._call((Group.CONTROL, Topic.PENDING, Message.END), pending)
        return int(pending.count)

    def stop(self) -> None:
        """Throw away what waits and have the source stop."""
        if not self._is_enabled:
            return
        self._is_enabled = False
        for message in (Message.END, Message.RESET):
            with contextlib.suppress(TwainError):  # one of them fits the state that it is in
                self._call((Group.CONTROL, Topic.PENDING, message), twain.Pending())
        with contextlib.suppress(TwainError):
            self._call((Group.CONTROL, Topic.INTERFACE, Message.DISABLE), self._shown)

    def _call(self, asked: tuple[Group, Topic, Message], content: Structure | c_void_p) -> Answer:
        return self._manager.call(self._identity, asked, content)

    def _taken(self, handle: int | None) -> bytes:
        """Return what shared memory that is ours now holds, and give it back."""
        if not handle:
            raise TwainError(Condition.BAD_PROTOCOL)
        try:
            address = self._wire.lock(handle)
            try:
                return ctypes.string_at(address, self._wire.size(handle))
            finally:
                self._wire.unlock(handle)
        finally:
            self._wire.free(handle)


def _identity() -> twain.Identity:
    """Return what we say of ourselves: a program of TWAIN 1.9, so that memory is Windows' own."""
    us = twain.Identity()
    us.version = twain.Version(1, 0, 13, 1, b"1.0")  # English, USA: a country must be said
    us.protocol_major, us.protocol_minor = 1, 9
    us.groups = Group.CONTROL | Group.IMAGE
    us.maker = us.family = us.name = _OURS.encode("ascii")
    return us
