"""What a printer answers is read as IPP, or refused; nothing that comes can do harm."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_app.exchange.ipp import IppError, Operation, Tag, answer_of, request


def test_what_is_asked_reads_back_as_it_was_written():
    asked = request(
        Operation.SEND_DOCUMENT,
        "ipp://localhost/x",
        [(Tag.INTEGER, "job-id", 7), (Tag.BOOLEAN, "last-document", True)],
    )

    told = answer_of(asked)

    assert asked[:4] == struct.pack(">HH", 0x0200, 0x0006)
    assert told.attributes["printer-uri"] == ["ipp://localhost/x"]
    assert told.attributes["job-id"] == [7]


def test_further_values_belong_to_the_name_before_them():
    more = bytes([Tag.KEYWORD]) + struct.pack(">HH", 0, 5) + b"paper"
    first = request(Operation.GET_PRINTER, "u", [(Tag.KEYWORD, "printer-state-reasons", "ink")])

    told = answer_of(first[:-1] + more + first[-1:])

    assert told.attributes["printer-state-reasons"] == ["ink", "paper"]


def test_an_answer_that_is_cut_short_anywhere_is_none():
    whole = request(Operation.GET_JOB, "ipp://localhost/x", [(Tag.INTEGER, "job-id", 7)])

    for end in range(len(whole)):
        with pytest.raises(IppError):
            answer_of(whole[:end])


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(content):
    try:
        answer_of(content)
    except IppError:
        return
