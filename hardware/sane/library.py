"""The C interface of libsane.so.1; any call may block for as long as the scanner likes."""

import contextlib
import ctypes
import signal
from collections.abc import Iterator
from ctypes import POINTER, byref, c_char_p, c_int, c_void_p
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from edge_app.domain.error import ScannerUnavailableError
from hardware.sane.status import SaneStatusError, Status

_LIBRARY = "libsane.so.1"
_GET, _SET = 0, 1
_SOFT_SELECT, _SOFT_DETECT, _INACTIVE = 1, 4, 32  # SANE standard, 4.2.9.4
_RANGE, _WORD_LIST, _STRING_LIST = 1, 2, 3
_IGNORED = 1  # SIG_IGN
_FIXED = 65536  # a fixed-point number's one


class ValueType(IntEnum):
    """What an option holds."""

    BOOL = 0
    INT = 1
    FIXED = 2
    STRING = 3
    BUTTON = 4
    GROUP = 5


class Frame(IntEnum):
    """What one pass over the page measures."""

    GREY = 0
    RGB = 1
    RED = 2
    GREEN = 3
    BLUE = 4


class _Device(ctypes.Structure):
    _fields_: ClassVar = [(name, c_char_p) for name in ("name", "vendor", "model", "type")]


class _Range(ctypes.Structure):
    _fields_: ClassVar = [(name, c_int) for name in ("low", "high", "step")]


class _Constraint(ctypes.Union):
    _fields_: ClassVar = [
        ("strings", POINTER(c_char_p)),
        ("words", POINTER(c_int)),
        ("range", POINTER(_Range)),
    ]


class _Descriptor(ctypes.Structure):
    _fields_: ClassVar = [
        ("name", c_char_p),
        ("title", c_char_p),
        ("description", c_char_p),
        ("type", c_int),
        ("unit", c_int),
        ("size", c_int),
        ("able", c_int),
        ("constrained", c_int),
        ("constraint", _Constraint),
    ]


class _Parameters(ctypes.Structure):
    _fields_: ClassVar = [
        (name, c_int)
        for name in ("frame", "is_last", "bytes_per_line", "pixels_per_line", "lines", "depth")
    ]


@dataclass(frozen=True, slots=True)
class Listed:
    """A device that SANE found."""

    name: str
    vendor: str
    model: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """What one pass will deliver; `lines` is -1 where the scanner does not know yet."""

    frame: int
    is_last: bool
    bytes_per_line: int
    pixels_per_line: int
    lines: int
    depth: int


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be set now.

    Attributes:
        number: SANE's number for it; may change when another option is set.
        unit: 0 none, 1 pixel, 2 bit, 3 mm, 4 dpi, 5 percent, 6 microsecond.
        low: Least value of a number; None where numbers have no limits or there are none.
        step: Distance between the values of a range, 0 where any will do.
        numbers: The only values of a number, in rising order, where it has a list.
        words: The only values of a text, where it has a list.
    """

    number: int
    name: str
    type: ValueType
    unit: int
    size: int
    low: float | None = None
    high: float | None = None
    step: float = 0.0
    numbers: tuple[float, ...] = ()
    words: tuple[str, ...] = ()


def is_installed() -> bool:
    """Return whether there is SANE on this computer."""
    try:
        ctypes.CDLL(_LIBRARY)
    except OSError:
        return False
    return True


class Library:
    """SANE in this process, between `begin` and `end`.

    Raises:
        ScannerUnavailableError: SANE is not installed.
    """

    def __init__(self) -> None:
        try:
            self._c = ctypes.CDLL(_LIBRARY)
        except OSError as error:
            raise ScannerUnavailableError(
                "Scanners cannot be used here: SANE is not installed.",
                "Have a technician install the package libsane1.",
            ) from error
        for call in (self._c.sane_exit, self._c.sane_close, self._c.sane_cancel):
            call.restype = None
        for call in (self._c.sane_close, self._c.sane_cancel):
            call.argtypes = [c_void_p]
        self._c.sane_get_option_descriptor.restype = POINTER(_Descriptor)
        self._c.sane_get_option_descriptor.argtypes = [c_void_p, c_int]
        self._c.sane_control_option.argtypes = [c_void_p, c_int, c_int, c_void_p, POINTER(c_int)]
        self._c.sane_get_parameters.argtypes = [c_void_p, POINTER(_Parameters)]
        self._c.sane_start.argtypes = [c_void_p]
        self._c.sane_read.argtypes = [c_void_p, c_void_p, c_int, POINTER(c_int)]

    def begin(self) -> None:
        """Start SANE; it reads its configuration."""
        _load_unwinder()
        ensure_good(self._c.sane_init(byref(c_int()), None))

    def end(self) -> None:
        """Close every device and unload all back ends."""
        self._c.sane_exit()
        _keep_broken_pipes_silent()

    def devices(self, *, is_local: bool) -> tuple[Listed, ...]:
        """Return what is attached, by asking each back end; may take seconds."""
        found = POINTER(POINTER(_Device))()
        ensure_good(self._c.sane_get_devices(byref(found), c_int(is_local)))
        return tuple(_listed(found))

    def open(self, name: str) -> "Handle":
        """Take the device `name`; raises SaneStatusError."""
        handle = c_void_p()
        ensure_good(self._c.sane_open(name.encode(), byref(handle)))
        return Handle(self._c, handle)


class Handle:
    """A device that was opened; every call raises SaneStatusError where it is refused."""

    def __init__(self, c: ctypes.CDLL, handle: c_void_p) -> None:
        self._c = c
        self._handle = handle

    def options(self) -> dict[str, Option]:
        """Return what a program can set now, by name."""
        # Back ends refuse every other question until descriptors that changed were read again.
        self._c.sane_get_option_descriptor(self._handle, 0)
        total = c_int()
        ensure_good(self._c.sane_control_option(self._handle, 0, _GET, byref(total), None))
        found: dict[str, Option] = {}
        for number in range(1, total.value):
            pointer = self._c.sane_get_option_descriptor(self._handle, number)
            if pointer and _can_be_set(pointer.contents):
                option = _option(number, pointer.contents)
                found[option.name] = option
        return found

    def number(self, option: Option) -> float:
        """Return the value of a number or a truth (0 or 1)."""
        value = c_int()
        self._control(option, _GET, byref(value))
        return value.value / (_FIXED if option.type is ValueType.FIXED else 1)

    def set_number(self, option: Option, value: float) -> None:
        """Set a number or a truth."""
        scale = _FIXED if option.type is ValueType.FIXED else 1
        self._control(option, _SET, byref(c_int(round(value * scale))))

    def word(self, option: Option) -> str:
        """Return the value of a text."""
        room = ctypes.create_string_buffer(option.size + 1)
        self._control(option, _GET, room)
        return room.value.decode(errors="replace")

    def set_word(self, option: Option, value: str) -> None:
        """Set a text, which must be one of its words."""
        said = value.encode()
        room = ctypes.create_string_buffer(said, max(option.size, len(said)) + 1)
        self._control(option, _SET, room)

    def start(self) -> None:
        """Begin a pass: the first of a page, or the next of one in several."""
        ensure_good(self._c.sane_start(self._handle))

    def parameters(self) -> Parameters:
        """Return what the pass under way delivers."""
        said = _Parameters()
        ensure_good(self._c.sane_get_parameters(self._handle, byref(said)))
        return Parameters(
            said.frame,
            bool(said.is_last),
            said.bytes_per_line,
            said.pixels_per_line,
            said.lines,
            said.depth,
        )

    def read(self, room: "ctypes.Array[ctypes.c_char]") -> int:
        """Fill some of `room` and return how many bytes; raises with EOF after the last."""
        length = c_int()
        status = self._c.sane_read(self._handle, room, len(room), byref(length))
        _keep_broken_pipes_silent()
        ensure_good(status)
        return length.value

    def cancel(self) -> None:
        """Stop the page, or let go of one that was read; allowed from another thread."""
        self._c.sane_cancel(self._handle)
        _keep_broken_pipes_silent()

    def close(self) -> None:
        """Let go of the device."""
        self._c.sane_close(self._handle)
        _keep_broken_pipes_silent()

    def _control(self, option: Option, action: int, value: object) -> None:
        did = c_int()
        ensure_good(
            self._c.sane_control_option(self._handle, option.number, action, value, byref(did))
        )


def _keep_broken_pipes_silent() -> None:
    """Undo what SANE's helper of threads does: it gives SIGPIPE back to the system.

    Then a channel whose other end is gone would end this process, and no device were let go.
    """
    ctypes.CDLL(None).signal(signal.SIGPIPE, c_void_p(_IGNORED))


def _load_unwinder() -> None:
    """Have the C library load now what it needs to end a thread.

    It would do so with the first thread that ends. Back ends end their reading thread by force; if
    that happens while it loads, a lock is never given back, and the next thread hangs for ever.
    """
    with contextlib.suppress(AttributeError):  # a C library that has no such call
        ctypes.CDLL(None).backtrace((c_void_p * 1)(), 1)


def ensure_good(status: int) -> None:
    """Return where a call went well; raises SaneStatusError, for an unknown status as IO_ERROR."""
    if status != Status.GOOD:
        known = status in Status.__members__.values()
        raise SaneStatusError(Status(status) if known else Status.IO_ERROR)


def _listed(found: "ctypes._Pointer[ctypes._Pointer[_Device]]") -> Iterator[Listed]:
    place = 0
    while found and found[place]:
        device = found[place].contents
        yield Listed(_text(device.name), _text(device.vendor), _text(device.model))
        place += 1


def _text(said: bytes | None) -> str:
    return (said or b"").decode(errors="replace").strip()


def _can_be_set(said: _Descriptor) -> bool:
    is_able = said.able & _SOFT_SELECT and said.able & _SOFT_DETECT and not said.able & _INACTIVE
    return bool(is_able) and 0 <= said.type <= ValueType.STRING and bool(said.name)


def _option(number: int, said: _Descriptor) -> Option:
    kind = ValueType(said.type)
    name, unit, size = _text(said.name), said.unit, said.size
    scale = _FIXED if kind is ValueType.FIXED else 1
    if said.constrained == _RANGE:
        low, high, step = (
            getattr(said.constraint.range.contents, part) / scale
            for part in ("low", "high", "step")
        )
        return Option(number, name, kind, unit, size, low, high, step)
    if said.constrained == _WORD_LIST:
        words = said.constraint.words
        numbers = sorted(words[place] / scale for place in range(1, words[0] + 1))
        low, high = numbers[0], numbers[-1]
        return Option(number, name, kind, unit, size, low, high, numbers=tuple(numbers))
    strings = tuple(_strings(said.constraint)) if said.constrained == _STRING_LIST else ()
    return Option(number, name, kind, unit, size, words=strings)


def _strings(constraint: _Constraint) -> Iterator[str]:
    place = 0
    while constraint.strings[place]:
        yield constraint.strings[place].decode(errors="replace")
        place += 1
