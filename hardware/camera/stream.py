"""The frames of one camera as they come in: a round of buffers, each lent and given back."""

import contextlib
import errno
from ctypes import c_int32

from hardware.camera import structures as v4l2
from hardware.camera.structures import Buffer, Request
from hardware.camera.video import Video
from hardware.camera.wire import Memory

_BUFFERS = 4


class Stream:
    """Frames that arrive, in their order, from now until `close`; raises OSError."""

    def __init__(self, video: Video) -> None:
        self._video = video
        self._shared: list[Memory] = []
        count = video.request_buffers(_BUFFERS)
        if not count:
            raise OSError(errno.ENOMEM, "no buffers")
        try:
            for place in range(count):
                self._shared.append(self._share(place))
                self._queue(place)
            video.ask(Request.STREAMON, _capture())
        except OSError:
            self._forget()
            raise

    @property
    def room(self) -> int:
        """How many frames can wait; what comes after them is received by nobody."""
        return len(self._shared)

    def next(self, wait_s: float) -> "Lent | None":
        """Return the next frame, whole or not, or None where none comes within `wait_s`.

        Raises:
            OSError: The camera went away, or its driver gave up.
        """
        if not self._video.wait(wait_s):
            return None
        taken = _buffer()
        try:
            self._video.ask(Request.DQBUF, taken)
        except OSError as error:
            if error.errno == errno.EAGAIN:
                return None
            raise
        return Lent(self, self._shared[taken.index], taken)

    def close(self) -> None:
        """Have the camera send nothing any more, and give the buffers back."""
        with contextlib.suppress(OSError):  # it may be gone
            self._video.ask(Request.STREAMOFF, _capture())
        self._forget()

    def _share(self, place: int) -> Memory:
        said = _buffer(place)
        self._video.ask(Request.QUERYBUF, said)
        return self._video.share(said.length, said.m.offset)

    def _queue(self, place: int) -> None:
        self._video.ask(Request.QBUF, _buffer(place))

    def _forget(self) -> None:
        for memory in self._shared:
            memory.close()
        self._shared = []


class Lent:
    """A frame in its buffer, to be given back at the end of a `with` block."""

    def __init__(self, stream: Stream, memory: Memory, taken: Buffer) -> None:
        self._stream = stream
        self._memory = memory
        self._taken = taken

    def __enter__(self) -> "Lent":
        """Lend it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give it back; a camera that went away meanwhile takes nothing, and `next` tells that."""
        with contextlib.suppress(OSError):
            self._stream._queue(self._taken.index)  # noqa: SLF001  the one who lent it

    @property
    def number(self) -> int:
        """What the driver numbered the frame."""
        return int(self._taken.sequence)

    def content(self) -> bytes | None:
        """Return a copy of what came, or None where the driver says that it is damaged."""
        if self._taken.flags & v4l2.BROKEN:
            return None
        return self._memory[: self._taken.bytesused]


def _capture() -> c_int32:
    return c_int32(v4l2.CAPTURE)


def _buffer(place: int = 0) -> Buffer:
    return Buffer(index=place, type=v4l2.CAPTURE, memory=v4l2.MMAP)
