"""The outside of DICOM's upper layer (PS3.8, 9.3): heads, titles, and where messages end."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

HEAD = 6
LARGEST = 256 << 10
LARGEST_REQUEST = 64 << 10
_SHORT = 4
_COMMAND, _LAST = 1, 2  # PS3.8, E.2


class PduType(IntEnum):
    """What a peer may send (PS3.8, 9.3.1)."""

    ASSOCIATE_RQ = 1
    ASSOCIATE_AC = 2
    ASSOCIATE_RJ = 3
    P_DATA = 4
    RELEASE_RQ = 5
    RELEASE_RP = 6
    ABORT = 7


_ANSWERS = frozenset({PduType.ASSOCIATE_AC, PduType.ASSOCIATE_RJ})
REQUESTOR = frozenset(PduType) - _ANSWERS
"""What may come from a peer that asked for an association."""
ACCEPTOR = frozenset(PduType) - {PduType.ASSOCIATE_RQ}
"""What may come from a peer that was asked for one."""


class NoAeTitle(IntEnum):
    """Which title an association was refused for (PS3.8, table 9-21, service user)."""

    CALLING = 3
    CALLED = 7


class PduRefusedError(Exception):
    """What came is not DICOM's upper layer, or larger than anybody needs."""


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles of an association request, without the spaces around them."""

    called: str
    calling: str


def length_of(head: bytes, senders: frozenset[PduType] = REQUESTOR) -> tuple[PduType, int]:
    """Return type and length of the PDU that begins with six bytes `head`.

    Raises:
        PduRefusedError: The type is not one of `senders`, or it is too long for its type.
    """
    kind, length = struct.unpack(">BxI", head)
    try:
        found = PduType(kind)
    except ValueError as error:
        raise PduRefusedError("no such PDU") from error
    if found not in senders:
        raise PduRefusedError("a PDU that is not its turn")
    if found in {PduType.ASSOCIATE_RQ, PduType.ASSOCIATE_AC}:
        allowed = 68 <= length <= LARGEST_REQUEST
    elif found is PduType.P_DATA:
        allowed = HEAD <= length <= LARGEST
    else:
        allowed = length == _SHORT
    if not allowed:
        raise PduRefusedError("a PDU of a length that is not allowed")
    return found, length


def titles_of(body: bytes) -> Titles:
    """Return the titles in the body of an A-ASSOCIATE-RQ of 68 bytes or more (PS3.8, 9.3.2).

    Raises:
        PduRefusedError: They are not in DICOM's basic letters.
    """
    try:
        called, calling = body[4:20].decode("ascii"), body[20:36].decode("ascii")
    except UnicodeDecodeError as error:
        raise PduRefusedError("a title that is not ASCII") from error
    return Titles(called.strip(" "), calling.strip(" "))


@dataclass(frozen=True, slots=True)
class Fragment:
    """One item of a P-DATA-TF: a part of a command or of a data set."""

    is_command: bool
    is_last: bool
    content: bytes


def fragments(body: bytes) -> Iterator[Fragment]:
    """Yield the items in the body of a P-DATA-TF (PS3.8, 9.3.5 and annex E).

    Raises:
        PduRefusedError: They do not add up to its length.
    """
    place = 0
    while place < len(body):
        if place + HEAD > len(body):
            raise PduRefusedError("a data item that is cut off")
        (length,) = struct.unpack_from(">I", body, place)
        if not 2 <= length <= len(body) - place - 4:
            raise PduRefusedError("a data item of a wrong length")
        control, end = body[place + 5], place + 4 + length
        yield Fragment(
            is_command=bool(control & _COMMAND),
            is_last=bool(control & _LAST),
            content=body[place + HEAD : end],
        )
        place = end


def refusal(reason: NoAeTitle) -> bytes:
    """Return an A-ASSOCIATE-RJ: for good, by the service user."""
    return struct.pack(">BxIxBBB", 3, 4, 1, 1, reason)


def busy() -> bytes:
    """Return an A-ASSOCIATE-RJ: for now, local limit exceeded."""
    return struct.pack(">BxIxBBB", 3, 4, 2, 3, 2)


def abort() -> bytes:
    """Return an A-ABORT by the service provider."""
    return struct.pack(">BxIxxBB", 7, 4, 2, 0)
