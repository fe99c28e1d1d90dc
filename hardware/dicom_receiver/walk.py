"""Every element of a data set, to its last byte: pydicom takes a cut one without a word."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

PIXEL_DATA = 0x7FE00010
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_OPEN = 0xFFFFFFFF
_LONG = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
_SHORT = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
_DEEPEST = 32
_MOST_ELEMENTS = 200_000
_PART_10 = b"DICM"


class CutOffError(Exception):
    """The data set ends in the middle of something, or is not one."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a value lies in the file."""

    start: int
    length: int


@dataclass(frozen=True, slots=True)
class DataSet:
    """The top of a data set.

    Attributes:
        values: Of each element of known length, by its tag.
        fragments: Of compressed pixel data, the first being the table of offsets.
    """

    start: int
    values: Mapping[int, Span]
    fragments: tuple[Span, ...]


@dataclass(slots=True)
class _Walk:
    file: BinaryIO
    end: int
    seen: int = 0
    values: dict[int, Span] = field(default_factory=dict)
    fragments: list[Span] = field(default_factory=list)

    def take(self, count: int) -> bytes:
        found = self.file.read(count)
        if len(found) < count:
            raise CutOffError("an element is cut off")
        return found

    def skip(self, length: int) -> Span:
        start = self.file.tell()
        if length > self.end - start:
            raise CutOffError("a value is cut off")
        self.file.seek(start + length)
        return Span(start, length)

    def tag(self) -> int:
        self.seen += 1
        if self.seen > _MOST_ELEMENTS:
            raise CutOffError("it has more elements than any image")
        group, element = struct.unpack("<HH", self.take(4))
        return int(group << 16 | element)

    def length(self) -> int:
        return int(struct.unpack("<I", self.take(4))[0])


def walked(file: BinaryIO, *, is_implicit: bool) -> DataSet:
    """Return the data set of a little-endian Part 10 file, if it is whole to its last byte.

    Raises:
        CutOffError: It is not.
    """
    end = file.seek(0, 2)
    start = data_set_at(file)
    walk = _Walk(file, end)
    file.seek(start)
    while file.tell() < end:
        _element(walk, walk.tag(), is_implicit=is_implicit, depth=0)
    return DataSet(start, walk.values, tuple(walk.fragments))


def data_set_at(file: BinaryIO) -> int:
    """Return where the data set of a Part 10 file begins; raises CutOffError."""
    file.seek(128)
    head = file.read(16)
    if len(head) < 16 or head[:4] != _PART_10 or head[4:10] != b"\x02\x00\x00\x00UL":
        raise CutOffError("it has no DICOM head")
    return 144 + int(struct.unpack("<I", head[12:])[0])


def _element(walk: _Walk, tag: int, *, is_implicit: bool, depth: int) -> None:
    if tag >> 16 == 0xFFFE:
        raise CutOffError("an item stands outside of a sequence")
    vr = b"" if is_implicit else walk.take(2)
    if is_implicit:
        length = walk.length()
    elif vr in _LONG:
        walk.take(2)
        length = walk.length()
    elif vr in _SHORT:
        length = int(struct.unpack("<H", walk.take(2))[0])
    else:
        raise CutOffError("an element has no known kind")
    if length != _OPEN:
        span = walk.skip(length)
        if not depth:
            walk.values[tag] = span
    elif tag == PIXEL_DATA and not depth:
        _fragments(walk)
    else:  # PS3.5, 6.2.2: UN of unknown length is a sequence with implicit kinds
        _sequence(walk, is_implicit=is_implicit or vr == b"UN", depth=depth + 1)


def _sequence(walk: _Walk, *, is_implicit: bool, depth: int) -> None:
    if depth > _DEEPEST:
        raise CutOffError("its sequences are too deep")
    while (tag := walk.tag()) != _SEQUENCE_END:
        length = walk.length()
        if tag != _ITEM:
            raise CutOffError("a sequence holds what is no item")
        if length != _OPEN:
            walk.skip(length)
            continue
        while (tag := walk.tag()) != _ITEM_END:
            _element(walk, tag, is_implicit=is_implicit, depth=depth)
        walk.skip(walk.length())
    walk.skip(walk.length())


def _fragments(walk: _Walk) -> None:
    while (tag := walk.tag()) != _SEQUENCE_END:
        length = walk.length()
        if tag != _ITEM or length == _OPEN:
            raise CutOffError("compressed pixels hold what is no fragment")
        walk.fragments.append(walk.skip(length))
    walk.skip(walk.length())
