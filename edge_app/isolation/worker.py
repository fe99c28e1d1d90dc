"""The child's side: answers questions on its standard streams until they close."""

import contextlib
import os
import sys
from collections.abc import Callable

import msgspec

from edge_app.isolation.channel import Channel, ChannelBrokenError, Message
from edge_app.isolation.sandbox import Layer, Profile, enter
from edge_app.isolation.shared_pixels import PIXELS_HANDLE, SharedPixels

GREETING = 0
"""The number of the message that a worker sends before it is asked anything."""


class Greeting(msgspec.Struct, frozen=True, tag="greeting", forbid_unknown_fields=True):
    """The worker has come up, and this is what it gave up."""

    layers: tuple[Layer, ...]


def serve(answer: Callable[[Message], Message], profile: Profile) -> None:
    """Enter the sandbox of `profile`, then answer each question with `answer`.

    Whatever a library prints goes to standard error.
    """
    pixels = SharedPixels(int(os.environ[PIXELS_HANDLE]))
    channel = Channel(os.dup(0), os.dup(1), pixels, lends=True)
    os.dup2(sys.stderr.fileno(), 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    greeting = Greeting(enter(profile))
    with contextlib.suppress(ChannelBrokenError):
        channel.send(GREETING, Message(msgspec.msgpack.encode(greeting)))
        while True:
            number, question = channel.receive()
            channel.send(number, answer(question))
