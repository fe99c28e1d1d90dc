"""Only an image to store may be large; nothing comes that no command announced."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.dicom_receiver import limits
from hardware.dicom_receiver.messages import Messages
from hardware.dicom_receiver.pdu import PduRefusedError
from tests.peers.dicom_wire import echo_request

STORE, ECHO, ACTION = 0x0001, 0x0030, 0x0130


def an_item(content: bytes, control: int) -> bytes:
    return struct.pack(">IBB", len(content) + 2, 1, control) + content


def an_element(element: int, value: bytes) -> bytes:
    return struct.pack("<HHI", 0, element, len(value)) + value


def a_command(field: int, *, has_data: bool = True) -> bytes:
    kind = struct.pack("<H", 1 if has_data else 0x0101)
    return an_element(0x0100, struct.pack("<H", field)) + an_element(0x0800, kind)


def test_a_command_and_its_data_set_are_followed_to_their_ends() -> None:
    messages = Messages()
    begun = messages.take(an_item(a_command(STORE), 3) + an_item(b"d" * 100, 0))
    assert (begun.ended, begun.is_open, begun.asks) == (True, True, False)
    ended = messages.take(an_item(b"d", 2))

    assert (ended.ended, ended.is_open, ended.asks) == (True, False, True)


def test_a_command_alone_asks_for_nothing_that_takes_long() -> None:
    assert not Messages().take(an_item(a_command(ECHO, has_data=False), 3)).asks


@pytest.mark.parametrize(
    ("field", "most"), [(STORE, limits.OBJECT_BYTES), (ACTION, limits.REQUEST_BYTES)]
)
def test_a_data_set_may_be_as_large_as_its_command_needs(field: int, most: int) -> None:
    messages, part = Messages(), an_item(bytes(1 << 20), 0)
    messages.take(an_item(a_command(field), 3))
    for _ in range(most >> 20):
        messages.take(part)

    with pytest.raises(PduRefusedError):
        messages.take(an_item(b"x", 2))


@pytest.mark.parametrize(
    "before", [b"", an_item(a_command(STORE, has_data=False), 3), an_item(a_command(STORE), 1)]
)
def test_a_data_set_that_no_command_announced_is_refused(before: bytes) -> None:
    with pytest.raises(PduRefusedError):
        Messages().take(before + an_item(b"d", 0))


def test_a_second_data_set_needs_a_command_of_its_own() -> None:
    messages = Messages()
    messages.take(an_item(a_command(STORE), 3) + an_item(b"d", 2))

    with pytest.raises(PduRefusedError):
        messages.take(an_item(b"d", 0))


def test_a_command_in_many_parts_is_read_as_one_and_may_not_grow_without_end() -> None:
    messages, command = Messages(), a_command(ACTION)
    for place in range(len(command)):
        messages.take(an_item(command[place : place + 1], 1 | 2 * (place == len(command) - 1)))
    messages.take(an_item(bytes(limits.REQUEST_BYTES), 2))

    with pytest.raises(PduRefusedError):
        messages.take(an_item(bytes(1000), 1) * (limits.COMMAND_BYTES // 1000 + 2))


@pytest.mark.parametrize(
    "command",
    [
        a_command(STORE) + an_element(0x0100, struct.pack("<H", ACTION)),  # the last would count
        a_command(STORE)[:-1],
        a_command(STORE) + b"\0",
        struct.pack("<HHI", 8, 0x16, 2) + b"ab",
        struct.pack("<HHI", 0, 0x0100, 0xFFFFFFFF),
    ],
)
def test_a_command_that_two_readers_may_read_in_two_ways_is_refused(command: bytes) -> None:
    with pytest.raises(PduRefusedError):
        Messages().take(an_item(command, 3))


def test_a_command_within_a_data_set_is_refused() -> None:
    messages = Messages()
    messages.take(an_item(a_command(STORE), 3) + an_item(b"d", 0))

    with pytest.raises(PduRefusedError):
        messages.take(an_item(a_command(ECHO), 3))


def test_a_real_echo_is_let_through() -> None:
    assert Messages().take(echo_request()[6:]).ended


@given(st.binary(max_size=300))
def test_any_body_is_followed_or_refused(body: bytes) -> None:
    with contextlib.suppress(PduRefusedError):
        Messages().take(body)
