"""The C interface of GStreamer 1.x; only what the driver needs, each call with its types."""

import ctypes
from collections.abc import Callable
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint, c_uint64, c_ulong, c_void_p
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from edge_app.domain.error import ScannerUnavailableError

_CORE, _APP, _VIDEO = "libgstreamer-1.0.so.0", "libgstapp-1.0.so.0", "libgstvideo-1.0.so.0"
STATE_NULL, STATE_PLAYING, STATE_FAILED = 1, 4, 0
MESSAGE_EOS, MESSAGE_ERROR, MESSAGE_ELEMENT = 1, 2, 1 << 15
DISCONT, CORRUPTED, GAP = 1 << 6, 1 << 8, 1 << 11  # GstBufferFlags
_PROBE_DROP, _PROBE_OK, _PROBE_BUFFER = 0, 1, 1 << 4
_MAP_READ = 1
NO_TIME = 2**64 - 1


class _MiniObject(ctypes.Structure):
    _fields_: ClassVar = [
        ("type", c_size_t),
        ("refcount", c_int),
        ("lockstate", c_int),
        ("flags", c_uint),
        ("copy", c_void_p),
        ("dispose", c_void_p),
        ("free", c_void_p),
        ("private_number", c_uint),
        ("private_pointer", c_void_p),
    ]


class _Message(ctypes.Structure):
    _fields_: ClassVar = [("mini", _MiniObject), ("type", c_uint)]


class _Buffer(ctypes.Structure):
    _fields_: ClassVar = [("mini", _MiniObject), ("pool", c_void_p), ("pts", c_uint64)]


class _Map(ctypes.Structure):
    _fields_: ClassVar = [
        ("memory", c_void_p),
        ("flags", c_int),
        ("data", c_void_p),
        ("size", c_size_t),
        ("maxsize", c_size_t),
        ("user", c_void_p * 4),
        ("reserved", c_void_p * 4),
    ]


class _Error(ctypes.Structure):
    _fields_: ClassVar = [("domain", c_uint), ("code", c_int), ("message", c_char_p)]


class _ProbeInfo(ctypes.Structure):
    _fields_: ClassVar = [("type", c_int), ("id", c_ulong), ("data", c_void_p)]


class _VideoMeta(ctypes.Structure):
    _fields_: ClassVar = [
        ("meta_flags", c_int),
        ("meta_info", c_void_p),
        ("buffer", c_void_p),
        ("flags", c_int),
        ("format", c_int),
        ("id", c_int),
        ("width", c_uint),
        ("height", c_uint),
        ("n_planes", c_uint),
        ("offset", c_size_t * 4),
        ("stride", c_int * 4),
    ]


_Probe = ctypes.CFUNCTYPE(c_int, c_void_p, POINTER(_ProbeInfo), c_void_p)
# What is called: (its result, its arguments).
_CORE_CALLS: dict[str, tuple[object, list[object]]] = {
    "gst_segtrap_set_enabled": (None, [c_int]),
    "gst_init_check": (c_int, [c_void_p, c_void_p, c_void_p]),
    "gst_element_factory_find": (c_void_p, [c_char_p]),
    "gst_parse_launch": (c_void_p, [c_char_p, c_void_p]),
    "gst_bin_get_by_name": (c_void_p, [c_void_p, c_char_p]),
    "gst_util_set_object_arg": (None, [c_void_p, c_char_p, c_char_p]),
    "gst_element_set_state": (c_int, [c_void_p, c_int]),
    "gst_element_get_bus": (c_void_p, [c_void_p]),
    "gst_element_get_static_pad": (c_void_p, [c_void_p, c_char_p]),
    "gst_pad_add_probe": (c_ulong, [c_void_p, c_int, _Probe, c_void_p, c_void_p]),
    "gst_bus_timed_pop_filtered": (POINTER(_Message), [c_void_p, c_uint64, c_uint]),
    "gst_message_parse_error": (None, [c_void_p, POINTER(POINTER(_Error)), c_void_p]),
    "gst_message_parse_error_details": (None, [c_void_p, POINTER(c_void_p)]),
    "gst_message_get_structure": (c_void_p, [c_void_p]),
    "gst_structure_get_name": (c_char_p, [c_void_p]),
    "gst_structure_get_int": (c_int, [c_void_p, c_char_p, POINTER(c_int)]),
    "gst_structure_get_uint": (c_int, [c_void_p, c_char_p, POINTER(c_uint)]),
    "gst_sample_get_buffer": (POINTER(_Buffer), [c_void_p]),
    "gst_sample_get_caps": (c_void_p, [c_void_p]),
    "gst_caps_get_structure": (c_void_p, [c_void_p, c_uint]),
    "gst_buffer_map": (c_int, [c_void_p, POINTER(_Map), c_int]),
    "gst_buffer_unmap": (None, [c_void_p, POINTER(_Map)]),
    "gst_buffer_get_size": (c_size_t, [c_void_p]),
    "gst_buffer_extract": (c_size_t, [c_void_p, c_size_t, c_void_p, c_size_t]),
    "gst_mini_object_unref": (None, [c_void_p]),
    "gst_object_unref": (None, [c_void_p]),
    "g_error_free": (None, [c_void_p]),
    "g_quark_to_string": (c_char_p, [c_uint]),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a pipeline said of itself: its end, or a fault by GStreamer's domain and number."""

    domain: str
    number: int


@dataclass(frozen=True, slots=True)
class RawFrame:
    """One picture as it lies in GStreamer's memory: `height` rows, `stride` bytes apart."""

    rows: bytes
    width: int
    height: int
    stride: int
    flags: int
    pts: int


HTTP = "http"
END = Said("end", 0)
NO_DECODER = Said("no-decoder", 0)


def is_installed() -> bool:
    """Return whether there is GStreamer on this computer."""
    try:
        for name in (_CORE, _APP, _VIDEO):
            ctypes.CDLL(name)
    except OSError:
        return False
    return True


class Library:
    """GStreamer in this process."""

    def __init__(self) -> None:
        try:
            self._c = ctypes.CDLL(_CORE)
            self._app = ctypes.CDLL(_APP)
            self._video = ctypes.CDLL(_VIDEO)
        except OSError as error:
            raise ScannerUnavailableError(
                "Video streams cannot be used here: GStreamer is not installed.",
                "Have a technician install the packages libgstreamer1.0-0, "
                "libgstreamer-plugins-base1.0-0 and gstreamer1.0-plugins-good.",
            ) from error
        for name, (result, arguments) in _CORE_CALLS.items():
            call = getattr(self._c, name)
            call.restype, call.argtypes = result, arguments
        pull = self._app.gst_app_sink_try_pull_sample
        pull.restype, pull.argtypes = c_void_p, [c_void_p, c_uint64]
        meta = self._video.gst_buffer_get_video_meta
        meta.restype, meta.argtypes = POINTER(_VideoMeta), [c_void_p]
        self._c.gst_segtrap_set_enabled(0)
        if not self._c.gst_init_check(None, None, None):
            raise ScannerUnavailableError(
                "Video streams cannot be used here: GStreamer does not start.",
                "Have a technician install its packages anew.",
            )

    def has_element(self, name: str) -> bool:
        """Return whether this computer has the element `name`."""
        factory = self._c.gst_element_factory_find(name.encode())
        if factory:
            self._c.gst_object_unref(factory)
        return bool(factory)

    def built(self, text: str) -> "Pipeline | None":
        """Return the pipeline that `text` describes, at rest; None where it makes no sense."""
        made = self._c.gst_parse_launch(text.encode("ascii"), None)
        return Pipeline(self._c, self._app, self._video, c_void_p(made)) if made else None


@lru_cache(maxsize=1)
def library() -> Library:
    """Return GStreamer, started once in this process.

    Raises:
        ScannerUnavailableError: It is not installed, or does not start.
    """
    return Library()


class Pipeline:
    """A pipeline whose last element is an appsink named `out`."""

    def __init__(
        self, c: ctypes.CDLL, app: ctypes.CDLL, video: ctypes.CDLL, made: c_void_p
    ) -> None:
        self._c, self._app, self._video = c, app, video
        self._made = made
        self._bus = c_void_p(c.gst_element_get_bus(made))
        self._sink = self._element("out")
        self._watching: list[object] = []

    def _element(self, name: str) -> c_void_p:
        return c_void_p(self._c.gst_bin_get_by_name(self._made, name.encode()))

    def set(self, element: str, values: dict[str, str]) -> None:
        """Set properties of the element that the text named so."""
        found = self._element(element)
        for name, value in values.items():
            self._c.gst_util_set_object_arg(found, name.encode(), value.encode())
        self._c.gst_object_unref(found)

    def watch(self, element: str, passes: Callable[[bytes], bool]) -> None:
        """Have `passes` asked of each buffer that reaches `element`, with its last 16 bytes.

        It is asked on a thread of GStreamer; what does not pass is left out.
        """

        def asked(_pad: int, info: "ctypes._Pointer[_ProbeInfo]", _: int) -> int:
            return _PROBE_OK if passes(self._tail(info.contents.data)) else _PROBE_DROP

        kept = _Probe(asked)
        self._watching.append(kept)
        found = self._element(element)
        pad = c_void_p(self._c.gst_element_get_static_pad(found, b"sink"))
        self._c.gst_pad_add_probe(pad, _PROBE_BUFFER, kept, None, None)
        self._c.gst_object_unref(pad)
        self._c.gst_object_unref(found)

    def _tail(self, buffer: int) -> bytes:
        size = self._c.gst_buffer_get_size(buffer)
        room = ctypes.create_string_buffer(min(16, size))
        self._c.gst_buffer_extract(buffer, size - len(room), room, len(room))
        return room.raw

    def play(self) -> bool:
        """Start it; return whether it could. May block."""
        return int(self._c.gst_element_set_state(self._made, STATE_PLAYING)) != STATE_FAILED

    def end(self) -> None:
        """Stop it and free it; the last call. May block."""
        self._c.gst_element_set_state(self._made, STATE_NULL)
        for held in (self._sink, self._bus, self._made):
            self._c.gst_object_unref(held)

    def said(self) -> Said | None:
        """Return the next end or fault that it told of, or None."""
        kinds = MESSAGE_EOS | MESSAGE_ERROR | MESSAGE_ELEMENT
        while message := self._c.gst_bus_timed_pop_filtered(self._bus, 0, kinds):
            told = self._told(message)
            self._c.gst_mini_object_unref(message)
            if told:
                return told
        return None

    def _told(self, message: "ctypes._Pointer[_Message]") -> Said | None:
        if message.contents.type == MESSAGE_EOS:
            return END
        if message.contents.type == MESSAGE_ELEMENT:
            said = self._c.gst_message_get_structure(message)
            is_missing = said and self._c.gst_structure_get_name(said) == b"missing-plugin"
            return NO_DECODER if is_missing else None
        return self._answer(message) or self._fault(message)

    def _answer(self, message: "ctypes._Pointer[_Message]") -> Said | None:
        """Return a web server's number for why it refused, where that is in the message."""
        details, number = c_void_p(), c_uint()
        self._c.gst_message_parse_error_details(message, byref(details))
        if details and self._c.gst_structure_get_uint(details, b"http-status-code", byref(number)):
            return Said(HTTP, number.value) if number.value >= 300 else None
        return None

    def _fault(self, message: "ctypes._Pointer[_Message]") -> Said:
        error = POINTER(_Error)()
        self._c.gst_message_parse_error(message, byref(error), None)
        domain = self._c.g_quark_to_string(error.contents.domain) or b""
        fault = Said(domain.decode("ascii", "replace"), error.contents.code)
        self._c.g_error_free(error)
        return fault

    def pull(self, wait_ns: int) -> RawFrame | None:
        """Return a copy of the newest frame, waited for; None where none came in time."""
        sample = self._app.gst_app_sink_try_pull_sample(self._sink, wait_ns)
        if not sample:
            return None
        try:
            return self._copied(sample)
        finally:
            self._c.gst_mini_object_unref(sample)

    def empty(self) -> None:
        """Let go of the frame that waits, if one does."""
        while sample := self._app.gst_app_sink_try_pull_sample(self._sink, 0):
            self._c.gst_mini_object_unref(sample)

    def _copied(self, sample: int) -> RawFrame | None:
        buffer = self._c.gst_sample_get_buffer(sample)
        caps = self._c.gst_sample_get_caps(sample)
        width, height, mapped = c_int(), c_int(), _Map()
        if not buffer or not caps or not self._c.gst_buffer_map(buffer, byref(mapped), _MAP_READ):
            return None
        fields = self._c.gst_caps_get_structure(caps, 0)
        self._c.gst_structure_get_int(fields, b"width", byref(width))
        self._c.gst_structure_get_int(fields, b"height", byref(height))
        meta = self._video.gst_buffer_get_video_meta(buffer)
        # Without a word of the buffer itself, rows of RGB begin at multiples of four bytes.
        stride = meta.contents.stride[0] if meta else (3 * width.value + 3) // 4 * 4
        start = meta.contents.offset[0] if meta else 0
        rows = ctypes.string_at(mapped.data, mapped.size)[start:]
        self._c.gst_buffer_unmap(buffer, byref(mapped))
        about = buffer.contents
        return RawFrame(rows, width.value, height.value, stride, about.mini.flags, about.pts)
