"""Messages between two processes: numbers, lengths, a head, and pixels beside the pipe."""

import os
import select
import struct
import time
from dataclasses import dataclass

from edge_app.isolation.shared_pixels import Payload, PixelsLostError, SharedPixels

MOST_HEAD = 4 * 1024 * 1024
MOST_PAYLOAD = 512 * 1024 * 1024
_AT_ONCE = 64 * 1024
ENVELOPE = struct.Struct("!QIQ")
"""Number of the question, bytes of the head (follows in the pipe), bytes in the shared pixels."""


class ChannelBrokenError(Exception):
    """The other side is gone, or said something that is no message."""


class DeadlineMissedError(ChannelBrokenError):
    """The other side did not read or write in time."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is said (`head`, msgpack by both sides' schema) and the pixels that go with it."""

    head: bytes
    payload: Payload = b""


class Channel:
    """One end of the two pipes, and the pixels that both sides share. Never pickle.

    One question is under way at a time, so one place for pixels serves both ways. Times are
    of `time.monotonic`; None waits for ever. Where it `lends`, the pixels of a message hold
    only until the next one: a copy into memory that is in use already is the quicker one.
    """

    def __init__(
        self, reading: int, writing: int, pixels: SharedPixels, *, lends: bool = False
    ) -> None:
        self._reading = reading
        self._writing = writing
        self._pixels = pixels
        self._lent: bytearray | None = bytearray() if lends else None
        self._said = b""
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)

    def send(self, number: int, message: Message, until: float | None = None) -> None:
        """Hand over one message.

        Raises:
            ChannelBrokenError: The other side is gone, or does not read in time.
        """
        length = memoryview(message.payload).nbytes
        try:
            if length:
                self._pixels.put(message.payload, number)
            rest = memoryview(ENVELOPE.pack(number, len(message.head), length) + message.head)
            while rest:
                rest = rest[self._written(rest, until) :]
        except OSError as error:
            raise ChannelBrokenError("it does not listen any more") from error

    def receive(self, until: float | None = None) -> tuple[int, Message]:
        """Return the next message with its number, its pixels copied out of what is shared.

        Raises:
            ChannelBrokenError: The stream ended, a length is beyond its cap, the pixels are
                not those that were said, or nothing came in time.
        """
        number, head, length = ENVELOPE.unpack(self._exactly(ENVELOPE.size, until))
        if head > MOST_HEAD or length > MOST_PAYLOAD:
            raise ChannelBrokenError(f"a message of {head} + {length} bytes is over the cap")
        said = self._exactly(head, until)
        if not length:
            return number, Message(said)
        room = self._room(length)
        try:
            self._pixels.copy_to(room, number)
        except PixelsLostError as error:
            raise ChannelBrokenError(f"the pixels are wrong: {error}") from error
        return number, Message(said, room)

    def has_word(self, within_s: float) -> bool:
        """Return whether there is something to receive, or an end, within `within_s` seconds."""
        if self._said:
            return True
        poll = select.poll()
        poll.register(self._reading, select.POLLIN)
        return bool(poll.poll(within_s * 1e3))

    def _room(self, length: int) -> memoryview:
        if self._lent is None:
            return memoryview(bytearray(length))
        if len(self._lent) < length:
            self._lent = bytearray(length)
        return memoryview(self._lent)[:length]

    def _written(self, rest: memoryview, until: float | None) -> int:
        try:
            return os.write(self._writing, rest)
        except BlockingIOError:
            _wait(self._writing, select.POLLOUT, until)
            return 0

    def _exactly(self, length: int, until: float | None) -> bytes:
        """Return the next `length` bytes; what comes with them is kept for the next call."""
        while len(self._said) < length:
            try:
                part = os.read(self._reading, max(_AT_ONCE, length - len(self._said)))
            except BlockingIOError:
                _wait(self._reading, select.POLLIN, until)
                continue
            except OSError as error:
                raise ChannelBrokenError("the stream cannot be read") from error
            if not part:
                raise ChannelBrokenError("the stream ended")
            self._said += part
        content, self._said = self._said[:length], self._said[length:]
        return content


def _wait(handle: int, event: int, until: float | None) -> None:
    poll = select.poll()
    poll.register(handle, event)
    left_ms = None if until is None else max(0.0, until - time.monotonic()) * 1e3
    if not poll.poll(left_ms):
        raise DeadlineMissedError("it did not answer in time")
