"""V4L2's structures and requests, as linux/videodev2.h has them."""

import ctypes
from ctypes import c_char, c_int32, c_int64, c_long, c_uint8, c_uint32
from enum import IntEnum

CAPTURE, MMAP, PROGRESSIVE = 1, 1, 1  # v4l2_buf_type, v4l2_memory, v4l2_field
CAN_CAPTURE, CAN_STREAM, SAYS_DEVICE_CAPS = 0x1, 0x04000000, 0x80000000  # V4L2_CAP_*
BROKEN = 0x40  # V4L2_BUF_FLAG_ERROR
TIME_PER_FRAME = 0x1000
NEXT = 0x80000000  # V4L2_CTRL_FLAG_NEXT_CTRL
NOT_NOW = 0x1 | 0x4 | 0x40  # disabled, read only, write only
DISCRETE = 1  # of frame sizes and frame intervals


class Kind(IntEnum):
    """What a control takes (v4l2_ctrl_type), as far as it is read here."""

    INTEGER = 1
    BOOLEAN = 2
    MENU = 3
    INTEGER_MENU = 9


class Capability(ctypes.Structure):
    """v4l2_capability."""

    _fields_ = (
        ("driver", c_char * 16),
        ("card", c_char * 32),
        ("bus_info", c_char * 32),
        ("version", c_uint32),
        ("capabilities", c_uint32),
        ("device_caps", c_uint32),
        ("reserved", c_uint32 * 3),
    )


class FormatDescription(ctypes.Structure):
    """v4l2_fmtdesc."""

    _fields_ = (
        ("index", c_uint32),
        ("type", c_uint32),
        ("flags", c_uint32),
        ("description", c_char * 32),
        ("pixelformat", c_uint32),
        ("mbus_code", c_uint32),
        ("reserved", c_uint32 * 3),
    )


class PixelLayout(ctypes.Structure):
    """v4l2_pix_format."""

    _fields_ = (
        ("width", c_uint32),
        ("height", c_uint32),
        ("pixelformat", c_uint32),
        ("field", c_uint32),
        ("bytesperline", c_uint32),
        ("sizeimage", c_uint32),
        ("colorspace", c_uint32),
        ("priv", c_uint32),
        ("flags", c_uint32),
        ("ycbcr_enc", c_uint32),
        ("quantization", c_uint32),
        ("xfer_func", c_uint32),
    )


class _FormatUnion(ctypes.Union):
    _fields_ = (("pix", PixelLayout), ("raw", c_uint8 * 200), ("aligned", ctypes.c_void_p))


class Format(ctypes.Structure):
    """v4l2_format."""

    _fields_ = (("type", c_uint32), ("fmt", _FormatUnion))


class Fraction(ctypes.Structure):
    """v4l2_fract."""

    _fields_ = (("numerator", c_uint32), ("denominator", c_uint32))


class _CaptureParameters(ctypes.Structure):
    _fields_ = (
        ("capability", c_uint32),
        ("capturemode", c_uint32),
        ("timeperframe", Fraction),
        ("extendedmode", c_uint32),
        ("readbuffers", c_uint32),
        ("reserved", c_uint32 * 4),
    )


class _ParametersUnion(ctypes.Union):
    _fields_ = (("capture", _CaptureParameters), ("raw", c_uint8 * 200))


class Parameters(ctypes.Structure):
    """v4l2_streamparm."""

    _fields_ = (("type", c_uint32), ("parm", _ParametersUnion))


class BuffersRequest(ctypes.Structure):
    """v4l2_requestbuffers."""

    _fields_ = (
        ("count", c_uint32),
        ("type", c_uint32),
        ("memory", c_uint32),
        ("capabilities", c_uint32),
        ("flags", c_uint8),
        ("reserved", c_uint8 * 3),
    )


class _Time(ctypes.Structure):
    _fields_ = (("seconds", c_long), ("microseconds", c_long))


class _TimeCode(ctypes.Structure):
    _fields_ = (("type", c_uint32), ("flags", c_uint32), ("digits", c_uint8 * 8))


class _Place(ctypes.Union):
    _fields_ = (("offset", c_uint32), ("aligned", ctypes.c_ulong))


class Buffer(ctypes.Structure):
    """v4l2_buffer."""

    _fields_ = (
        ("index", c_uint32),
        ("type", c_uint32),
        ("bytesused", c_uint32),
        ("flags", c_uint32),
        ("field", c_uint32),
        ("timestamp", _Time),
        ("timecode", _TimeCode),
        ("sequence", c_uint32),
        ("memory", c_uint32),
        ("m", _Place),
        ("length", c_uint32),
        ("reserved", c_uint32),
        ("request", c_int32),
    )


class ControlQuery(ctypes.Structure):
    """v4l2_queryctrl."""

    _fields_ = (
        ("id", c_uint32),
        ("type", c_uint32),
        ("name", c_char * 32),
        ("minimum", c_int32),
        ("maximum", c_int32),
        ("step", c_int32),
        ("default", c_int32),
        ("flags", c_uint32),
        ("reserved", c_uint32 * 2),
    )


class _MenuUnion(ctypes.Union):
    _pack_ = 1
    _fields_ = (("name", c_char * 32), ("value", c_int64))


class MenuQuery(ctypes.Structure):
    """v4l2_querymenu."""

    _pack_ = 1
    _fields_ = (("id", c_uint32), ("index", c_uint32), ("m", _MenuUnion), ("reserved", c_uint32))


class ControlValue(ctypes.Structure):
    """v4l2_control."""

    _fields_ = (("id", c_uint32), ("value", c_int32))


class SizeQuery(ctypes.Structure):
    """v4l2_frmsizeenum; `numbers` are width and height where it is one size."""

    _fields_ = (
        ("index", c_uint32),
        ("pixelformat", c_uint32),
        ("type", c_uint32),
        ("numbers", c_uint32 * 6),
        ("reserved", c_uint32 * 2),
    )


class IntervalQuery(ctypes.Structure):
    """v4l2_frmivalenum; the first of `times` counts where it is one interval."""

    _fields_ = (
        ("index", c_uint32),
        ("pixelformat", c_uint32),
        ("width", c_uint32),
        ("height", c_uint32),
        ("type", c_uint32),
        ("times", Fraction * 3),
        ("reserved", c_uint32 * 2),
    )


Structure = ctypes.Structure | c_int32
"""What a request is asked with, and answered in."""

_WRITES, _READS = 1, 2


def _number(direction: int, number: int, structure: type[Structure]) -> int:
    """Return the request's number as the kernel's macro _IOC makes it."""
    return direction << 30 | ctypes.sizeof(structure) << 16 | ord("V") << 8 | number


class Request(IntEnum):
    """What can be asked of a device (VIDIOC_*)."""

    QUERYCAP = _number(_READS, 0, Capability)
    ENUM_FMT = _number(_READS | _WRITES, 2, FormatDescription)
    G_FMT = _number(_READS | _WRITES, 4, Format)
    S_FMT = _number(_READS | _WRITES, 5, Format)
    REQBUFS = _number(_READS | _WRITES, 8, BuffersRequest)
    QUERYBUF = _number(_READS | _WRITES, 9, Buffer)
    QBUF = _number(_READS | _WRITES, 15, Buffer)
    DQBUF = _number(_READS | _WRITES, 17, Buffer)
    STREAMON = _number(_WRITES, 18, c_int32)
    STREAMOFF = _number(_WRITES, 19, c_int32)
    S_PARM = _number(_READS | _WRITES, 22, Parameters)
    G_CTRL = _number(_READS | _WRITES, 27, ControlValue)
    S_CTRL = _number(_READS | _WRITES, 28, ControlValue)
    QUERYCTRL = _number(_READS | _WRITES, 36, ControlQuery)
    QUERYMENU = _number(_READS | _WRITES, 37, MenuQuery)
    ENUM_FRAMESIZES = _number(_READS | _WRITES, 74, SizeQuery)
    ENUM_FRAMEINTERVALS = _number(_READS | _WRITES, 75, IntervalQuery)
