"""The child's side: answers questions on its standard streams until they close."""

import contextlib
import os
import sys
from collections.abc import Callable

import msgspec

from edge_app.isolation.channel import Channel, ChannelBrokenError, Message
from edge_app.isolation.named_work import NAMED
from edge_app.isolation.sandbox import Layer, Profile, enter
from edge_app.isolation.shared_pixels import PIXELS_HANDLE, SharedPixels

GREETING = 0
"""The number of the message that a worker sends before it is asked anything."""


class Greeting(msgspec.Struct, frozen=True, tag="greeting", forbid_unknown_fields=True):
    """The worker has come up, and this is what it gave up."""

    layers: tuple[Layer, ...]


class Voice:
    """Says, while a question is being answered, what long work the worker is at."""

    def __init__(self) -> None:
        self._channel: Channel | None = None

    def lend(self, channel: Channel) -> None:
        """Speak on `channel` from now on."""
        self._channel = channel

    def say(self, head: bytes) -> None:
        """Name the work that begins now; nobody hears it before `serve` has begun."""
        if self._channel:
            self._channel.send(NAMED, Message(head))


def serve(
    answer: Callable[[Message], Message], profile: Profile, voice: Voice | None = None
) -> None:
    """Enter the sandbox of `profile`, then answer each question with `answer`.

    Whatever a library prints goes to standard error. `voice` is what `answer` speaks by.
    """
    pixels = SharedPixels(int(os.environ[PIXELS_HANDLE]))
    channel = Channel(os.dup(0), os.dup(1), pixels, lends=True)
    if voice:
        voice.lend(channel)
    os.dup2(sys.stderr.fileno(), 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    greeting = Greeting(enter(profile))
    with contextlib.suppress(ChannelBrokenError):
        channel.send(GREETING, Message(msgspec.msgpack.encode(greeting)))
        while True:
            number, question = channel.receive()
            channel.send(number, answer(question))
