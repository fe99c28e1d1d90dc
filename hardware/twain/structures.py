"""TWAIN's numbers and structures, as its specification 2.4 gives them for Windows."""

import ctypes
from ctypes import c_char, c_int16, c_uint16, c_uint32, c_void_p
from enum import IntEnum

Text = c_char * 34  # TW_STR32


class Group(IntEnum):
    """What a call is about (DG_*)."""

    CONTROL = 1
    IMAGE = 2


class Topic(IntEnum):
    """Which structure a call carries (DAT_*)."""

    CAPABILITY = 0x0001
    EVENT = 0x0002
    IDENTITY = 0x0003
    PARENT = 0x0004
    PENDING = 0x0005
    STATUS = 0x0008
    INTERFACE = 0x0009
    LAYOUT = 0x0102
    NATIVE = 0x0104


class Message(IntEnum):
    """What is to be done, or what a source says (MSG_*)."""

    NOTHING = 0
    GET = 0x0001
    CURRENT = 0x0002
    FIRST = 0x0004
    NEXT = 0x0005
    SET = 0x0006
    RESET = 0x0007
    READY = 0x0101
    CLOSE_WANTED = 0x0102
    OPEN_MANAGER = 0x0301
    CLOSE_MANAGER = 0x0302
    OPEN_SOURCE = 0x0401
    CLOSE_SOURCE = 0x0402
    DISABLE = 0x0501
    ENABLE = 0x0502
    PROCESS = 0x0601
    END = 0x0701


class Answer(IntEnum):
    """What a call comes to (TWRC_*)."""

    SUCCESS = 0
    FAILURE = 1
    CHECK = 2
    CANCEL = 3
    EVENT = 4
    NO_EVENT = 5
    DONE = 6
    END = 7


class Condition(IntEnum):
    """Why a call failed (TWCC_*)."""

    UNKNOWN = 0
    BUMMER = 1
    LOW_MEMORY = 2
    NO_SOURCE = 3
    TOO_MANY = 4
    OPERATION = 5
    BAD_CAPABILITY = 6
    BAD_PROTOCOL = 9
    BAD_VALUE = 10
    SEQUENCE = 11
    BAD_DESTINATION = 12
    UNSUPPORTED = 13
    CANNOT = 14
    DEPENDS = 15
    DENIED = 16
    JAMMED = 20
    DOUBLE_FEED = 21
    OFFLINE = 23
    COVER_OPEN = 24
    DAMAGED_CORNER = 25
    NO_PAPER = 29


class Capability(IntEnum):
    """What a source can be asked and set (CAP_*, ICAP_*)."""

    PAGES = 0x0001
    PIXEL_TYPE = 0x0101
    UNITS = 0x0102
    TRANSFER = 0x0103
    FEEDER_ENABLED = 0x1002
    FEEDER_LOADED = 0x1003
    AUTO_FEED = 0x1007
    INDICATORS = 0x100B
    WIDTH = 0x1111
    HEIGHT = 0x1112
    X_RESOLUTION = 0x1118
    Y_RESOLUTION = 0x1119


class Item(IntEnum):
    """The type of a capability's values (TWTY_*)."""

    INT8 = 0
    INT16 = 1
    INT32 = 2
    UINT8 = 3
    UINT16 = 4
    UINT32 = 5
    BOOL = 6
    FIX32 = 7


class Container(IntEnum):
    """How a capability's values are laid out (TWON_*)."""

    ARRAY = 3
    ENUMERATION = 4
    ONE = 5
    RANGE = 6
    ANY = 0xFFFF


class Version(ctypes.Structure):
    """TW_VERSION."""

    _pack_ = 2
    _fields_ = (
        ("major", c_uint16),
        ("minor", c_uint16),
        ("language", c_uint16),
        ("country", c_uint16),
        ("text", Text),
    )


class Identity(ctypes.Structure):
    """TW_IDENTITY, of a program or of a source."""

    _pack_ = 2
    _fields_ = (
        ("id", c_uint32),
        ("version", Version),
        ("protocol_major", c_uint16),
        ("protocol_minor", c_uint16),
        ("groups", c_uint32),
        ("maker", Text),
        ("family", Text),
        ("name", Text),
    )


class Interface(ctypes.Structure):
    """TW_USERINTERFACE."""

    _pack_ = 2
    _fields_ = (("shows", c_uint16), ("is_modal", c_uint16), ("window", c_void_p))


class CapabilityCall(ctypes.Structure):
    """TW_CAPABILITY."""

    _pack_ = 2
    _fields_ = (("capability", c_uint16), ("container", c_uint16), ("handle", c_void_p))


class Event(ctypes.Structure):
    """TW_EVENT."""

    _pack_ = 2
    _fields_ = (("message", c_void_p), ("said", c_uint16))


class Status(ctypes.Structure):
    """TW_STATUS."""

    _pack_ = 2
    _fields_ = (("condition", c_uint16), ("data", c_uint16))


class Pending(ctypes.Structure):
    """TW_PENDINGXFERS."""

    _pack_ = 2
    _fields_ = (("count", c_uint16), ("end_of_job", c_uint32))


class Fixed(ctypes.Structure):
    """TW_FIX32."""

    _pack_ = 2
    _fields_ = (("whole", c_int16), ("fraction", c_uint16))


class Layout(ctypes.Structure):
    """TW_IMAGELAYOUT; the four sides are in the source's units."""

    _pack_ = 2
    _fields_ = (
        ("left", Fixed),
        ("top", Fixed),
        ("right", Fixed),
        ("bottom", Fixed),
        ("document", c_uint32),
        ("page", c_uint32),
        ("frame", c_uint32),
    )


def fixed(value: float) -> Fixed:
    """Return a number in TWAIN's form; raises OverflowError beyond 16 bits."""
    whole, fraction = divmod(round(value * 65536), 65536)
    if not -32768 <= whole <= 32767:
        message = f"{value} is beyond what TWAIN can say"
        raise OverflowError(message)
    return Fixed(whole, fraction)


def number(said: Fixed) -> float:
    """Return the number that TWAIN said."""
    return float(said.whole) + float(said.fraction) / 65536
