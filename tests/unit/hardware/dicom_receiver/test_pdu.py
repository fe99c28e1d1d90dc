"""The guard's reading of PDUs lets nothing through that is too long or does not add up."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.dicom_receiver.pdu import (
    ACCEPTOR,
    LARGEST,
    LARGEST_REQUEST,
    PduRefusedError,
    PduType,
    fragments,
    length_of,
    titles_of,
)


def a_head(kind: int, length: int) -> bytes:
    return struct.pack(">BxI", kind, length)


def an_item(content: bytes, control: int) -> bytes:
    return struct.pack(">IBB", len(content) + 2, 1, control) + content


@pytest.mark.parametrize(
    ("kind", "length"),
    [(1, 68), (1, LARGEST_REQUEST), (4, 6), (4, LARGEST), (5, 4), (6, 4), (7, 4)],
)
def test_what_a_requestor_sends_is_let_through(kind: int, length: int) -> None:
    assert length_of(a_head(kind, length)) == (PduType(kind), length)


@pytest.mark.parametrize(
    ("kind", "length"),
    [
        *[(1, 67), (1, LARGEST_REQUEST + 1), (4, 5), (4, LARGEST + 1), (4, 0xFFFFFFFF)],
        *[(5, 5), (7, 0), (2, 68), (3, 4), (0, 4), (0x16, 4), (255, 4)],
    ],
)
def test_what_nobody_needs_is_refused_by_its_head(kind: int, length: int) -> None:
    with pytest.raises(PduRefusedError):
        length_of(a_head(kind, length))


@given(st.binary(min_size=6, max_size=6))
def test_any_six_bytes_are_a_head_or_refused(head: bytes) -> None:
    try:
        _, length = length_of(head)
    except PduRefusedError:
        return
    assert length <= LARGEST


@given(st.binary(min_size=68, max_size=200))
def test_any_request_has_titles_or_is_refused(body: bytes) -> None:
    try:
        titles = titles_of(body)
    except PduRefusedError:
        return
    assert len(titles.called) <= 16
    assert len(titles.calling) <= 16


def test_titles_come_without_their_spaces() -> None:
    body = b"\0\1\0\0" + b" EDGEAPP        " + b"US 2            " + bytes(32)

    assert titles_of(body).called == "EDGEAPP"
    assert titles_of(body).calling == "US 2"


def test_a_peer_that_was_asked_may_answer_and_not_ask() -> None:
    assert length_of(a_head(2, 68), ACCEPTOR) == (PduType.ASSOCIATE_AC, 68)
    assert length_of(a_head(3, 4), ACCEPTOR) == (PduType.ASSOCIATE_RJ, 4)
    for kind, length in ((1, 68), (2, LARGEST_REQUEST + 1), (3, 5)):
        with pytest.raises(PduRefusedError):
            length_of(a_head(kind, length), ACCEPTOR)


@pytest.mark.parametrize(
    "body", [b"\0\0\0\1\1\3", an_item(b"abc", 0)[:-1], an_item(b"abc", 0) + b"\0", b"\xff" * 12]
)
def test_items_that_do_not_add_up_are_refused(body: bytes) -> None:
    with pytest.raises(PduRefusedError):
        list(fragments(body))


@given(st.binary(max_size=300))
def test_any_body_adds_up_or_is_refused(body: bytes) -> None:
    with contextlib.suppress(PduRefusedError):
        assert sum(len(each.content) + 6 for each in fragments(body)) == len(body)
