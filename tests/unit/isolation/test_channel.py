"""Messages arrive whole, as the ones that were meant, or not at all."""

import os
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_app.isolation.channel import (
    ENVELOPE,
    MOST_HEAD,
    MOST_PAYLOAD,
    Channel,
    ChannelBrokenError,
    DeadlineMissedError,
    Message,
)
from edge_app.isolation.shared_pixels import shared_pixels


class Wire:
    """A channel to itself: what is sent can be received, and bytes can be put in between."""

    def __init__(self, *, lends=False):
        self.reading, self.writing = os.pipe()
        self.pixels = shared_pixels()
        self.channel = Channel(self.reading, self.writing, self.pixels, lends=lends)

    def hang_up(self):
        os.close(self.writing)
        self.writing = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.reading)
        if self.writing is not None:
            os.close(self.writing)
        self.pixels.close()


@given(
    st.lists(st.tuples(st.integers(0, 2**64 - 1), st.binary(max_size=50), st.binary(max_size=50)))
)
def test_messages_arrive_as_they_were_sent_one_after_the_other(messages):
    with Wire() as wire:
        for number, head, payload in messages:
            wire.channel.send(number, Message(head, payload))

            assert wire.channel.receive() == (number, Message(head, payload))


def test_pixels_are_kept_for_ever_unless_they_are_lent():
    for lends, first_afterwards in ((False, b"first"), (True, b"later")):
        with Wire(lends=lends) as wire:
            wire.channel.send(1, Message(b"", b"first"))
            _, first = wire.channel.receive()
            wire.channel.send(2, Message(b"", b"later"))
            _, second = wire.channel.receive()

            assert (first.payload, second.payload) == (first_afterwards, b"later")


def test_lent_room_grows_and_gives_no_more_than_was_sent():
    with Wire(lends=True) as wire:
        for number, content in enumerate((b"small", bytes(100_000), b"tiny")):
            wire.channel.send(number, Message(b"", content))

            assert wire.channel.receive()[1].payload == content


def test_a_stream_that_is_cut_anywhere_is_broken():
    whole = ENVELOPE.pack(1, 4, 0) + b"head"

    for cut in range(len(whole)):
        with Wire() as wire:
            os.write(wire.writing, whole[:cut])
            wire.hang_up()
            with pytest.raises(ChannelBrokenError):
                wire.channel.receive()


@pytest.mark.parametrize(
    "envelope",
    [
        ENVELOPE.pack(1, MOST_HEAD + 1, 0),
        ENVELOPE.pack(1, 0, MOST_PAYLOAD + 1),
        b"\xff" * ENVELOPE.size,
    ],
)
def test_a_length_beyond_its_cap_is_refused_before_it_is_read(envelope):
    with Wire() as wire:
        os.write(wire.writing, envelope)
        with pytest.raises(ChannelBrokenError, match="over the cap"):
            wire.channel.receive()


def test_pixels_that_were_announced_and_are_not_there_are_refused():
    with Wire() as wire:
        wire.pixels.put(b"123", 1)
        os.write(wire.writing, ENVELOPE.pack(1, 0, 4096))
        with pytest.raises(ChannelBrokenError, match="only 11 of 4096"):
            wire.channel.receive()


def test_pixels_of_another_message_are_refused():
    with Wire() as wire:
        wire.pixels.put(b"old pixels", 1)
        os.write(wire.writing, ENVELOPE.pack(2, 0, 10))
        with pytest.raises(ChannelBrokenError, match="another message"):
            wire.channel.receive()


def test_nobody_waits_longer_than_the_deadline():
    with Wire() as wire:
        started = time.monotonic()
        with pytest.raises(DeadlineMissedError):
            wire.channel.receive(started + 0.1)
        with pytest.raises(DeadlineMissedError):
            wire.channel.send(1, Message(bytes(1_000_000)), time.monotonic() + 0.1)

        assert 0.2 <= time.monotonic() - started < 2


def test_a_head_larger_than_the_pipe_arrives_whole():
    head = os.urandom(1_000_000)
    with Wire() as wire:
        sending = threading.Thread(target=wire.channel.send, args=(1, Message(head), None))
        sending.start()

        assert wire.channel.receive(time.monotonic() + 10) == (1, Message(head))
        sending.join()


def test_a_side_that_is_gone_is_broken_for_the_sender_too():
    with Wire() as wire:
        os.close(wire.reading)
        with pytest.raises(ChannelBrokenError):
            wire.channel.send(1, Message(b"x"))
        wire.reading = os.open(os.devnull, os.O_RDONLY)
