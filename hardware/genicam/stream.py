"""The frames of one camera as they come in: a round of buffers, each lent and given back."""

import ctypes
from ctypes import byref, c_int, c_size_t

import numpy as np

from hardware.genicam.library import Answer, Library
from hardware.genicam.pixels import Sent
from hardware.genicam.trouble import AravisError, Code

_BUFFERS = 8
_SUCCESS = 0  # ArvBufferStatus; everything else is a frame that did not arrive whole
_FIXED = 0  # ArvGvStreamSocketBuffer
_LEAST_ROOM, _MOST_ROOM = 4 << 20, 64 << 20


class Stream:
    """Frames that arrive, in their order.

    Raises:
        AravisError: There is nothing to receive.
    """

    def __init__(self, library: Library, stream: Answer, frame_bytes: int) -> None:
        if not stream or not frame_bytes:
            raise AravisError(Code.PROTOCOL, "no stream")
        self._library = library
        self._stream = stream
        self._frame_bytes = frame_bytes
        for _ in range(_BUFFERS):
            self._give_back(library.arv.arv_buffer_new_allocate(frame_bytes))

    def make_room(self) -> None:
        """Have the system hold some frames' packets, for a computer that is busy for a moment.

        The system may give less. With what it gives by itself, frames of half a megabyte that came
        at once arrived broken.
        """
        room = min(max(2 * self._frame_bytes, _LEAST_ROOM), _MOST_ROOM)
        set_both = b"socket-buffer", _FIXED, b"socket-buffer-size", room
        self._library.gobject.g_object_set(self._stream, *set_both, None)

    @property
    def is_full(self) -> bool:
        """Whether every buffer waits to be taken, so that further frames are not received."""
        free, waiting = c_int(), c_int()
        self._library.arv.arv_stream_get_n_buffers(self._stream, byref(free), byref(waiting))
        return not free.value and waiting.value > 0

    def next(self, wait_s: float) -> "Lent | None":
        """Return the next frame, whole or not, or None where none comes within `wait_s`."""
        wait_us = max(0, round(wait_s * 1e6))
        arv = self._library.arv
        if wait_us:
            buffer = arv.arv_stream_timeout_pop_buffer(self._stream, wait_us)
        else:
            buffer = arv.arv_stream_try_pop_buffer(self._stream)
        return Lent(self, self._library, buffer) if buffer else None

    def close(self) -> None:
        """Stop receiving and let go of the buffers; a lent one must have been given back."""
        self._library.gobject.g_object_unref(self._stream)

    def _give_back(self, buffer: int) -> None:
        self._library.arv.arv_stream_push_buffer(self._stream, buffer)


class Lent:
    """A buffer with a frame, to be given back at the end of a `with` block."""

    def __init__(self, stream: Stream, library: Library, buffer: int) -> None:
        self._stream = stream
        self._arv = library.arv
        self._buffer = buffer

    def __enter__(self) -> "Lent":
        """Lend it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give it back; its pixels are written over from now on."""
        self._stream._give_back(self._buffer)  # noqa: SLF001  the one who lent it

    @property
    def number(self) -> int:
        """What the camera numbered the frame."""
        return int(self._arv.arv_buffer_get_frame_id(self._buffer))

    def sent(self) -> Sent | None:
        """Return the frame's pixels, or None where it did not arrive whole."""
        arv, buffer = self._arv, self._buffer
        if arv.arv_buffer_get_status(buffer) != _SUCCESS:
            return None
        size, right, below = c_size_t(), c_int(), c_int()
        start = arv.arv_buffer_get_image_data(buffer, byref(size))
        if not start:
            return None
        arv.arv_buffer_get_image_padding(buffer, byref(right), byref(below))
        content = np.ctypeslib.as_array((ctypes.c_uint8 * size.value).from_address(start))
        return Sent(
            content,
            arv.arv_buffer_get_image_pixel_format(buffer),
            arv.arv_buffer_get_image_width(buffer),
            arv.arv_buffer_get_image_height(buffer),
            right.value,
        )
