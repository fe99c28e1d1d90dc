"""The outside of DICOM's upper layer (PS3.8, 9.3): heads, titles, and where messages end."""

import struct
from dataclasses import dataclass
from enum import IntEnum

HEAD = 6
LARGEST = 256 << 10
LARGEST_REQUEST = 64 << 10
_SHORT = 4
_COMMAND, _LAST = 1, 2  # PS3.8, E.2


class PduType(IntEnum):
    """What a peer that asked for an association may send."""

    ASSOCIATE_RQ = 1
    P_DATA = 4
    RELEASE_RQ = 5
    RELEASE_RP = 6
    ABORT = 7


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


def length_of(head: bytes) -> tuple[PduType, int]:
    """Return type and length of the PDU that begins with six bytes `head`.

    Raises:
        PduRefusedError: The type is not one that a requestor sends, or it is too long for it.
    """
    kind, length = struct.unpack(">BxI", head)
    try:
        found = PduType(kind)
    except ValueError as error:
        raise PduRefusedError("no such PDU") from error
    if found is PduType.ASSOCIATE_RQ:
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
class Carried:
    """What a P-DATA-TF brought.

    Attributes:
        trailing: Bytes since the last end of a command or data set in it.
        ended: Whether a command or data set ended in it.
        is_open: Whether more of what came last must come.
        asks: Whether a data set ended last: now the other side has to answer.
    """

    trailing: int
    ended: bool
    is_open: bool
    asks: bool


def carried(body: bytes) -> Carried:
    """Return what the body of a P-DATA-TF brought (PS3.8, 9.3.5 and annex E).

    Raises:
        PduRefusedError: Its items do not add up to its length.
    """
    place, trailing, ended, control = 0, 0, False, 0
    while place < len(body):
        if place + HEAD > len(body):
            raise PduRefusedError("a data item that is cut off")
        (length,) = struct.unpack_from(">I", body, place)
        if not 2 <= length <= len(body) - place - 4:
            raise PduRefusedError("a data item of a wrong length")
        trailing += length - 2
        control = body[place + 5]
        if control & _LAST:
            trailing, ended = 0, True
        place += 4 + length
    is_open = not control & _LAST
    return Carried(trailing, ended, is_open, asks=not is_open and not control & _COMMAND)


def refusal(reason: NoAeTitle) -> bytes:
    """Return an A-ASSOCIATE-RJ: for good, by the service user."""
    return struct.pack(">BxIxBBB", 3, 4, 1, 1, reason)


def busy() -> bytes:
    """Return an A-ASSOCIATE-RJ: for now, local limit exceeded."""
    return struct.pack(">BxIxBBB", 3, 4, 2, 3, 2)


def abort() -> bytes:
    """Return an A-ABORT by the service provider."""
    return struct.pack(">BxIxxBB", 7, 4, 2, 0)
