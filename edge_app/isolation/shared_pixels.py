"""Pixels that two processes share: one file without a name, in memory where there is such."""

import errno
import os
import struct
import tempfile

PIXELS_HANDLE = "EDGE_APP_PIXELS_HANDLE"
"""The variable that tells a child which of its open files holds the pixels."""

Payload = bytes | bytearray | memoryview
_NUMBER = struct.Struct("!Q")
_NO_MEMFD = (errno.ENOSYS, errno.EPERM, errno.EINVAL)


class PixelsLostError(Exception):
    """Fewer bytes are there than were announced."""


class SharedPixels:
    """Written by one side, copied out by the other; grows when it must and is used again.

    It is read and written, not mapped: a mapping whose file the other side cuts short ends
    the process that looks at it (SIGBUS), a read only comes back short.
    """

    def __init__(self, handle: int) -> None:
        self.handle = handle

    def put(self, payload: Payload, number: int) -> None:
        """Lay down the pixels of message `number` and, behind them, that number.

        Raises:
            OSError: There is no room for them.
        """
        rest = [memoryview(payload).cast("B"), memoryview(_NUMBER.pack(number))]
        place = 0
        while rest:
            written = os.pwritev(self.handle, rest, place)
            place += written
            rest = _after(rest, written)

    def copy_to(self, room: memoryview, number: int) -> None:
        """Fill `room` with the pixels of message `number`; nobody else can change them there.

        Raises:
            PixelsLostError: There are not as many bytes, or they are of another message.
        """
        tag = bytearray(_NUMBER.size)
        rest = [room, memoryview(tag)]
        place = 0
        while rest:
            try:
                read = os.preadv(self.handle, rest, place)
            except OSError as error:
                raise PixelsLostError("they cannot be read") from error
            if not read:
                raise PixelsLostError(f"only {place} of {room.nbytes} bytes are there")
            place += read
            rest = _after(rest, read)
        if _NUMBER.unpack(tag) != (number,):
            raise PixelsLostError("they belong to another message")

    def close(self) -> None:
        """Let go of it; the pixels are gone when the last side did."""
        os.close(self.handle)


def _after(parts: list[memoryview], done: int) -> list[memoryview]:
    """Return what is left of `parts` when `done` bytes of them were moved."""
    left = []
    for part in parts:
        if done < len(part):
            left.append(part[done:])
        done = max(0, done - len(part))
    return left


def shared_pixels() -> SharedPixels:
    """Return a new place for pixels; raises OSError where even a temporary file cannot be made."""
    try:
        return SharedPixels(os.memfd_create("pixels", os.MFD_CLOEXEC))
    except OSError as error:
        if error.errno not in _NO_MEMFD:
            raise
    return unnamed_file()


def unnamed_file() -> SharedPixels:
    """Return a place on the disk that only this user could ever open, and that has no name."""
    with tempfile.TemporaryFile(prefix="edge-app-") as file:
        return SharedPixels(os.dup(file.fileno()))
