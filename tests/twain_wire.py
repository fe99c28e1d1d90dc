"""Windows and TWAIN's source manager, faked at the one entry that TWAIN has: a scanner of pages."""

import ctypes
import struct
from collections import deque

import numpy as np

from hardware.twain import structures as twain
from hardware.twain.structures import (
    Answer,
    Capability,
    Condition,
    Container,
    Group,
    Item,
    Message,
    Topic,
)

NAME = "Bench Scan 300"
_STRUCTURES = {
    Topic.CAPABILITY: twain.CapabilityCall,
    Topic.EVENT: twain.Event,
    Topic.IDENTITY: twain.Identity,
    Topic.PARENT: ctypes.c_void_p,
    Topic.PENDING: twain.Pending,
    Topic.STATUS: twain.Status,
    Topic.INTERFACE: twain.Interface,
    Topic.LAYOUT: twain.Layout,
    Topic.NATIVE: ctypes.c_void_p,
}
_FORMS = {Item.BOOL: "H", Item.UINT16: "H", Item.INT16: "h", Item.UINT32: "I"}


class Failed(Exception):  # noqa: N818  what a call comes to
    def __init__(self, condition):
        self.condition = condition


def raw(item, value):
    if item is Item.FIX32:
        return struct.pack("<hH", int(value), round(value % 1 * 65536))
    return struct.pack("<" + _FORMS[item], int(value))


def one(item, value):
    return struct.pack("<H4s", item, raw(item, value))


def listed(item, values, current):
    head = struct.pack("<HIII", item, len(values), values.index(current), 0)
    return head + b"".join(raw(item, value) for value in values)


def ranged(item, low, high, step, current):
    parts = [raw(item, value) for value in (low, high, step, low, current)]
    return struct.pack("<H", item) + b"".join(part.ljust(4, b"\0") for part in parts)


def bitmap(pixels, bits=24, dpi=0, *, is_upright=False, used=0):
    """Return pixels [h, w, 3], or numbers [h, w] with a grey table, as a bitmap without a file."""
    height, width = pixels.shape[:2]
    rows = pixels if is_upright else pixels[::-1]
    table = b""
    if bits <= 8:
        n_colours = used or 1 << bits
        grey = np.linspace(0, 255, n_colours).round().astype(np.uint8)
        table = np.stack([grey, grey, grey, grey * 0], axis=1).tobytes()
        shifts = np.arange(bits - 1, -1, -1)
        rows = np.packbits((rows[..., None] >> shifts & 1).reshape(height, -1), axis=1)
    else:
        rows = rows[..., ::-1]
        if bits == 32:
            rows = np.concatenate([rows, rows[..., :1]], axis=2)
        rows = rows.reshape(height, -1)
    stride = (width * bits + 31) // 32 * 4
    lines = b"".join(row.astype(np.uint8).tobytes().ljust(stride, b"\xff") for row in rows)
    said = -height if is_upright else height
    metre = round(dpi / 0.0254)
    head = struct.pack("<IiiHHIIiiII", 40, width, said, 1, bits, 0, 0, metre, metre, used, 0)
    return head + table + lines


class WindowMessage(ctypes.Structure):
    _fields_ = (("number", ctypes.c_uint32),)


class FakeScanner:
    """One source, its settings, and what lies in its feeder.

    Attributes:
        pages: How many sheets lie in the feeder.
        fails: What a call comes to, by its topic and message; taken out as it is met.
        is_silent: It never says that a page is ready.
        says_close: Somebody closes its window instead of scanning.
        answers_cancel: Somebody stops the transfer.
        says_more_on_glass: How many pages it says wait after one on glass; 0xFFFF is "who knows".
    """

    def __init__(self, name=NAME):
        self.name = name
        self.pages = 0
        self.fails = {}
        self.is_silent = self.says_close = self.answers_cancel = False
        self.says_more_on_glass = 0
        self.n_scanned = 0
        self.layout = None
        self.state = 3
        self.resolution = 300.0
        self.lacks = set()
        self.bits = 24
        self.dpi_said = None
        self.values = {
            Capability.PAGES: -1,
            Capability.PIXEL_TYPE: 2,
            Capability.UNITS: 0,
            Capability.TRANSFER: 2,
            Capability.FEEDER_ENABLED: 0,
            Capability.INDICATORS: 1,
            Capability.AUTO_FEED: 0,
        }
        self.is_taken_by_others = False

    def offer(self, capability):
        resolutions = (Capability.X_RESOLUTION, Capability.Y_RESOLUTION)
        if capability in self.lacks:
            raise Failed(Condition.UNSUPPORTED)
        if capability in resolutions:
            return Container.RANGE, ranged(Item.FIX32, 75.0, 1200.0, 1.0, self.resolution)
        if capability in {Capability.WIDTH, Capability.HEIGHT}:
            inches = 8.5 if capability is Capability.WIDTH else 11.75
            return Container.ONE, one(Item.FIX32, inches)
        if capability is Capability.PIXEL_TYPE:
            values = listed(Item.UINT16, [0, 1, 2], self.values[capability])
            return Container.ENUMERATION, values
        if capability is Capability.FEEDER_LOADED:
            return Container.ONE, one(Item.BOOL, self.pages > 0)
        item = Item.INT16 if capability is Capability.PAGES else Item.UINT16
        return Container.ONE, one(item, self.values[capability])

    def set(self, capability, content):
        item, value = struct.unpack("<H4s", content)
        form = "<hH" if item == Item.FIX32 else "<" + _FORMS[Item(item)]
        said = struct.unpack_from(form, value)[0]
        if self.state != 4:
            raise Failed(Condition.SEQUENCE)
        if capability in {Capability.X_RESOLUTION, Capability.Y_RESOLUTION}:
            self.resolution = float(said)
        elif capability in self.values:
            self.values[capability] = said
        else:
            raise Failed(Condition.CANNOT)

    @property
    def is_feeding(self):
        return bool(self.values[Capability.FEEDER_ENABLED])

    def page(self):
        """Return the next page as a bitmap; each is another picture."""
        self.n_scanned += 1
        pixels = picture(self.n_scanned)
        if self.bits == 24:
            return bitmap(pixels, dpi=self.dpi_said or self.resolution)
        return bitmap(pixels[..., 0] >> (8 - self.bits), self.bits)


def picture(number):
    return np.random.default_rng(number).integers(0, 255, (30, 41, 3)).astype(np.uint8)


class FakeWindows:
    """Answers `Wire`, and holds each call against the states that TWAIN allows it in."""

    window = 77

    def __init__(self, *scanners):
        self.scanners = scanners
        self.memory = {}
        self.locked = set()
        self.messages = deque()
        self.n_dispatched = 0
        self.is_open = self.is_closed = False
        self.condition = Condition.UNKNOWN
        self.turn = 0
        self.opened = None
        self.calls = []

    def door(self):
        self.is_closed = False
        return self

    def close(self):
        assert not self.is_open
        assert not self.memory
        self.is_closed = True

    def allocate(self, size):
        handle = 1000 + len(self.calls) * 10 + len(self.memory)
        self.memory[handle] = ctypes.create_string_buffer(size)
        return handle

    def lock(self, handle):
        self.locked.add(handle)
        return ctypes.addressof(self.memory[handle])

    def unlock(self, handle):
        self.locked.remove(handle)

    def size(self, handle):
        return len(self.memory[handle])

    def free(self, handle):
        assert handle not in self.locked
        del self.memory[handle]

    def given(self, content):
        handle = self.allocate(len(content))
        self.memory[handle].raw = content
        return handle

    def message(self):
        return self.messages.popleft() if self.messages else None

    def dispatch(self, _message):
        self.n_dispatched += 1

    def entry(self, origin, source, asked, content):
        group, topic, message = asked
        self.calls.append((topic, message))
        structure = _STRUCTURES[topic].from_address(content)
        assert origin.protocol_major == 1
        expected = Group.IMAGE if topic in {Topic.LAYOUT, Topic.NATIVE} else Group.CONTROL
        assert group is expected
        try:
            self._ensure_sound(topic, message)
            if source is None:
                return self._of_manager(topic, message, structure)
            assert source.name == self.opened.name.encode()
            return self._of_source(topic, message, structure)
        except Failed as error:
            self.condition = error.condition
            return Answer.FAILURE

    def _ensure_sound(self, topic, message):
        failure = self.opened and self.opened.fails.pop((topic, message), None)
        if failure:
            raise Failed(failure)

    def _of_manager(self, topic, message, structure):
        if topic is Topic.STATUS:
            structure.condition = self.condition
        elif topic is Topic.IDENTITY:
            return self._identity(message, structure)
        elif message is Message.OPEN_MANAGER:
            assert structure.value == self.window
            assert not self.is_open
            self.is_open = True
        elif message is Message.CLOSE_MANAGER:
            assert self.opened is None
            self.is_open = False
        return Answer.SUCCESS

    def _identity(self, message, structure):
        if message in {Message.FIRST, Message.NEXT}:
            self.turn = 0 if message is Message.FIRST else self.turn + 1
            if not self.scanners:
                raise Failed(Condition.NO_SOURCE)
            if self.turn == len(self.scanners):
                return Answer.END
            structure.name = self.scanners[self.turn].name.encode()
        elif message is Message.OPEN_SOURCE:
            name = structure.name.decode()
            self.opened = next(one for one in self.scanners if one.name == name)
            if self.opened.is_taken_by_others:
                self.opened = None
                raise Failed(Condition.TOO_MANY)
            self.opened.state = 4
        else:
            self._ensure_in(4)
            self.opened.state, self.opened = 3, None
        return Answer.SUCCESS

    def _ensure_in(self, *states):
        if self.opened.state not in states:
            raise Failed(Condition.SEQUENCE)

    def _of_source(self, topic, message, structure):
        if topic is Topic.STATUS:
            structure.condition = self.condition
            return Answer.SUCCESS
        return {
            Topic.CAPABILITY: self._capability,
            Topic.LAYOUT: self._layout,
            Topic.INTERFACE: self._interface,
            Topic.EVENT: self._event,
            Topic.NATIVE: self._native,
            Topic.PENDING: self._pending,
        }[topic](message, structure)

    def _capability(self, message, said):
        capability = Capability(said.capability)
        if message is Message.GET:
            said.container, content = self.opened.offer(capability)
            said.handle = self.given(content)
        else:
            assert said.container == Container.ONE
            self.opened.set(capability, self.memory[said.handle].raw)
        return Answer.SUCCESS

    def _layout(self, _message, said):
        self._ensure_in(4)
        sides = (said.left, said.top, said.right, said.bottom)
        self.opened.layout = tuple(round(twain.number(side) * 25.4, 1) for side in sides)
        return Answer.CHECK

    def _interface(self, message, said):
        assert (said.shows, said.window) == (0, self.window)
        if message is Message.ENABLE:
            self._ensure_in(4)
            self.opened.state = 5
            self.messages += [WindowMessage(1), WindowMessage(2)]  # the second one is the source's
        else:
            self._ensure_in(5)
            self.opened.state = 4
        return Answer.SUCCESS

    def _event(self, _message, event):
        number = WindowMessage.from_address(event.message).number
        if number == 1:
            return Answer.NO_EVENT
        if self.opened.is_silent:
            self.messages.append(WindowMessage(2))
            return Answer.EVENT
        event.said = Message.CLOSE_WANTED if self.opened.says_close else Message.READY
        self.opened.state = 5 if self.opened.says_close else 6
        return Answer.EVENT

    def _native(self, _message, handle):
        self._ensure_in(6)
        scanner = self.opened
        scanner.state = 7
        if scanner.answers_cancel:
            return Answer.CANCEL
        if scanner.is_feeding:
            if not scanner.pages:
                raise Failed(Condition.NO_PAPER)
            scanner.pages -= 1
        handle.value = self.given(scanner.page())
        return Answer.DONE

    def _pending(self, message, pending):
        scanner = self.opened
        if message is Message.RESET:
            self._ensure_in(6)
            scanner.state = 5
            return Answer.SUCCESS
        self._ensure_in(6, 7)
        pending.count = scanner.pages if scanner.is_feeding else scanner.says_more_on_glass
        scanner.state = 6 if pending.count else 5
        return Answer.SUCCESS
