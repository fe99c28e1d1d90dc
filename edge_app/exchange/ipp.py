"""What is asked of a printer and what it answers, in IPP's own bytes (RFC 8010, RFC 8011)."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

_VERSION = 0x0200
_HEAD = struct.Struct(">HHI")
_OPERATION_ATTRIBUTES, _END = 0x01, 0x03
_FIRST_VALUE_TAG = 0x10
_BROKEN = "it does not answer in IPP"


class Operation(IntEnum):
    """What can be asked, RFC 8011, 5.4.15."""

    CREATE_JOB = 0x0005
    SEND_DOCUMENT = 0x0006
    CANCEL_JOB = 0x0008
    GET_JOB = 0x0009
    GET_PRINTER = 0x000B


class Tag(IntEnum):
    """How a value is written, RFC 8010, 3.5.2."""

    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME_TYPE = 0x49


_NUMBERS = frozenset({Tag.INTEGER, Tag.ENUM})
Value = int | str
Attribute = tuple[Tag, str, Value]


class IppError(Exception):
    """What came is no answer of IPP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a printer answered.

    Attributes:
        status: RFC 8011, appendix B; below 0x0100 it did what was asked.
        attributes: Values by name, over all groups; those of other types than numbers and words
            are left out.
    """

    status: int
    attributes: Mapping[str, Sequence[Value]]

    @property
    def is_done(self) -> bool:
        """Whether what was asked was done."""
        return self.status < 0x0100


def request(operation: Operation, uri: str, attributes: Sequence[Attribute] = ()) -> bytes:
    """Return what asks the printer at `uri`; a document's bytes are put behind it."""
    first: list[Attribute] = [
        (Tag.CHARSET, "attributes-charset", "utf-8"),
        (Tag.LANGUAGE, "attributes-natural-language", "en"),
        (Tag.URI, "printer-uri", uri),
    ]
    written = b"".join(_written(*each) for each in (*first, *attributes))
    head = _HEAD.pack(_VERSION, operation, 1)
    return head + bytes([_OPERATION_ATTRIBUTES]) + written + bytes([_END])


def _written(tag: Tag, name: str, value: Value) -> bytes:
    if isinstance(value, str):
        content = value.encode()
    elif tag is Tag.BOOLEAN:
        content = bytes([value])
    else:
        content = struct.pack(">i", value)
    return bytes([tag]) + _sized(name.encode()) + _sized(content)


def _sized(content: bytes) -> bytes:
    return struct.pack(">H", len(content)) + content


def answer_of(content: bytes) -> Answer:
    """Return what an answer says.

    Raises:
        IppError: It is not one, or is cut short.
    """
    if len(content) < _HEAD.size:
        raise IppError(_BROKEN)
    _, status, _ = _HEAD.unpack_from(content)
    found: dict[str, list[Value]] = {}
    for name, value in _values(content):
        found.setdefault(name, []).append(value)
    return Answer(status, found)


def _values(content: bytes) -> Iterator[tuple[str, Value]]:
    at, name = _HEAD.size, ""
    while True:
        tag, at = _piece(content, at, 1)
        if tag[0] == _END:
            return
        if tag[0] < _FIRST_VALUE_TAG:  # a group begins
            continue
        named, at = _lengthy(content, at)
        value, at = _lengthy(content, at)
        name = named.decode("ascii", "replace") or name  # one more value has no name of its own
        if tag[0] in _NUMBERS and len(value) == struct.calcsize(">i"):
            yield name, int(struct.unpack(">i", value)[0])
        elif tag[0] >= Tag.NAME:
            yield name, value.decode("utf-8", "replace")


def _lengthy(content: bytes, at: int) -> tuple[bytes, int]:
    size, at = _piece(content, at, 2)
    return _piece(content, at, int.from_bytes(size, "big"))


def _piece(content: bytes, at: int, size: int) -> tuple[bytes, int]:
    if at + size > len(content):
        raise IppError(_BROKEN)
    return content[at : at + size], at + size
