"""Messages arrive whole or not at all."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_app.isolation.channel import (
    MOST_HEAD,
    MOST_PAYLOAD,
    ChannelBrokenError,
    Message,
    receive,
    send,
)


def sent(*messages):
    stream = BytesIO()
    for message in messages:
        send(stream, message)
    return stream.getvalue()


@given(st.lists(st.builds(Message, st.binary(max_size=50), st.binary(max_size=50)), max_size=4))
def test_messages_arrive_as_they_were_sent_in_order(messages):
    stream = BytesIO(sent(*messages))

    assert [receive(stream) for _ in messages] == messages


def test_a_stream_that_is_cut_anywhere_is_broken():
    whole = sent(Message(b"head", b"payload"))

    for cut in range(len(whole)):
        with pytest.raises(ChannelBrokenError):
            receive(BytesIO(whole[:cut]))


@pytest.mark.parametrize(
    "content",
    [
        (MOST_HEAD + 1).to_bytes(8, "big"),
        (0).to_bytes(8, "big") + (MOST_PAYLOAD + 1).to_bytes(8, "big"),
        b"\xff" * 8,
    ],
)
def test_a_length_beyond_its_cap_is_refused_before_it_is_read(content):
    with pytest.raises(ChannelBrokenError, match="over the cap"):
        receive(BytesIO(content))


def test_a_closed_stream_is_broken_for_both_sides():
    stream = BytesIO()
    stream.close()

    with pytest.raises(ChannelBrokenError):
        send(stream, Message(b"x"))
    with pytest.raises(ChannelBrokenError):
        receive(stream)
