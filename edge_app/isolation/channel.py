"""Messages between two processes: a length, a head, a length, a payload. Never pickle."""

from dataclasses import dataclass
from typing import BinaryIO

MOST_HEAD = 4 * 1024 * 1024
MOST_PAYLOAD = 512 * 1024 * 1024


class ChannelBrokenError(Exception):
    """The other side is gone, or said something that is no message."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is said (`head`, msgpack by both sides' schema) and the pixels that go with it."""

    head: bytes
    payload: bytes = b""


def send(stream: BinaryIO, message: Message) -> None:
    """Write one message.

    Raises:
        ChannelBrokenError: The other side does not read any more.
    """
    try:
        for part in (message.head, message.payload):
            stream.write(len(part).to_bytes(8, "big"))
            stream.write(part)
        stream.flush()
    except (OSError, ValueError) as error:
        raise ChannelBrokenError("the other side is gone") from error


def receive(stream: BinaryIO) -> Message:
    """Return the next message, waiting for it.

    Raises:
        ChannelBrokenError: The stream ended, or a length is beyond its cap.
    """
    return Message(_part(stream, MOST_HEAD), _part(stream, MOST_PAYLOAD))


def _part(stream: BinaryIO, most: int) -> bytes:
    length = int.from_bytes(_exactly(stream, 8), "big")
    if length > most:
        raise ChannelBrokenError(f"a part of {length} bytes is over the cap of {most}")
    return _exactly(stream, length)


def _exactly(stream: BinaryIO, length: int) -> bytes:
    try:
        content = stream.read(length)
    except (OSError, ValueError) as error:
        raise ChannelBrokenError("the stream cannot be read") from error
    if len(content) != length:
        raise ChannelBrokenError("the stream ended")
    return content
