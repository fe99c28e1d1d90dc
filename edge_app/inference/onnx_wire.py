"""Reads an ONNX file as protobuf, strictly: what is not plain and whole is refused.

Source of the encoding: protobuf.dev, "Encoding". A lenient parser takes the last of two values,
merges two messages, skips what it does not know and cuts numbers that are too long; two lenient
parsers may then see two models in one file. Here each of these is a refusal, so what was checked
is what the runtime will see. Tensors are not copied: they stay views of the file's bytes.
"""

from dataclasses import dataclass, field
from struct import Struct
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from edge_app.domain.error import DetectorRefusedError
from edge_app.inference.onnx_fields import MODEL, TABLES, Field, Kind

MOST_FIELDS = 1_000_000
MOST_MESSAGES = 200_000
_LONGEST_NAME = 1024
_LONGEST_WHY = 300
_LONGEST_TEXT = 256 * 1024
_LONGEST_LIST = 1024 * 1024  # bytes of one packed list of whole numbers
REMEDY = "Ask the detector's maker for a plain ONNX export that is one whole file."

_VARINT, _FIXED64, _SIZED, _FIXED32 = 0, 1, 2, 5
_WIRE = {
    Kind.INT64: _VARINT,
    Kind.INT32: _VARINT,
    Kind.UINT64: _VARINT,
    Kind.FLOAT: _FIXED32,
    Kind.DOUBLE: _FIXED64,
}
_FLOAT, _DOUBLE = Struct("<f"), Struct("<d")
_HALF, _WHOLE = 1 << 63, 1 << 64


def refusal(why: str) -> DetectorRefusedError:
    """Return the error for a model that `why` (the end of a sentence) keeps out."""
    said = why if len(why) <= _LONGEST_WHY else f"{why[:_LONGEST_WHY]}..."
    return DetectorRefusedError(f"The model is not accepted: {said}.", REMEDY)


@dataclass(slots=True)
class Message:
    """One message: each field's values, in the order of the file.

    Attributes:
        numbers: Whole numbers, as signed 64 bit.
        reals: Floating-point numbers that stand alone.
        texts: Names and texts.
        spans: Raw bytes, and packed lists of floats (little endian), as views of the file.
        inner: Messages.
    """

    numbers: dict[str, list[int]] = field(default_factory=dict)
    reals: dict[str, list[float]] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)
    spans: dict[str, list[memoryview]] = field(default_factory=dict)
    inner: dict[str, list["Message"]] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """Return a single number; 0, as protobuf has it, where it is not written."""
        return self.numbers.get(name, (0,))[0]

    def text(self, name: str) -> str:
        """Return a single name or text; "" where it is not written."""
        return self.texts.get(name, ("",))[0]

    def messages(self, name: str) -> list["Message"]:
        """Return the inner messages of one field."""
        return self.inner.get(name, [])

    def floats(self, name: str, letter: str = "<f4") -> NDArray[np.float64]:
        """Return a list of floats, however it was written."""
        packed = [np.frombuffer(span, letter) for span in self.spans.get(name, [])]
        alone = np.array(self.reals.get(name, []), np.float64)
        return np.concatenate([*packed, alone]).astype(np.float64)

    def names(self) -> list[str]:
        """Return the names of the fields that are written."""
        return [*self.numbers, *self.reals, *self.texts, *self.spans, *self.inner]


def _by_tag(table: dict[int, Field]) -> dict[int, Field]:
    """Return the fields by the tag that announces them; a repeated number may come packed."""
    tags = {number << 3 | _WIRE.get(f.kind, _SIZED): f for number, f in table.items()}
    packed = {n << 3 | _SIZED: f for n, f in table.items() if f.is_repeated and f.kind in _WIRE}
    return {tag: f for tag, f in (tags | packed).items() if f.kind is not Kind.REFUSED}


_BY_TAG = {name: _by_tag(dict(table)) for name, table in TABLES.items()}
Kept = TypeVar("Kept")


def _signed(value: int) -> int:
    return value - _WHOLE if value >= _HALF else value


def packed_numbers(span: memoryview) -> list[int]:
    """Return the whole numbers of a packed list, as signed 64 bit.

    Raises:
        DetectorRefusedError: One of them is cut, overlong or does not fit 64 bits.
    """
    octets = np.frombuffer(span, np.uint8)
    ends = np.flatnonzero(octets < 0x80)
    if not len(octets):
        return []
    if len(octets) > _LONGEST_LIST:
        raise refusal("it lists too many numbers one by one")
    if not len(ends) or ends[-1] != len(octets) - 1:
        raise refusal("it is damaged: a list of numbers is cut")
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts + 1
    last = octets[ends]
    too_long = (lengths > 10) | ((lengths > 1) & (last == 0)) | ((lengths == 10) & (last > 1))
    if too_long.any():
        raise refusal("it is damaged: a number is longer than it may be")
    values = np.zeros(len(ends), np.uint64)
    for step in range(int(lengths.max())):
        here = np.flatnonzero(lengths > step)
        septets = (octets[starts[here] + step] & 0x7F).astype(np.uint64)
        values[here] |= septets << np.uint64(7 * step)
    return [int(v) for v in values.view(np.int64)]


class _Reader:
    """One file being read; counts what it has read."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._view = memoryview(content)
        self._n_fields = 0
        self._n_messages = 0

    def message(self, table: str, at: int, end: int) -> Message:
        """Return the message that fills the bytes from `at` to `end`."""
        self._n_messages += 1
        if self._n_messages > MOST_MESSAGES:
            raise refusal(f"it has more than {MOST_MESSAGES:,} parts")
        found, tags, content = Message(), _BY_TAG[table], self._content
        while at < end:
            tag = content[at]
            if tag < 0x80:
                at += 1
            else:
                tag, at = self._varint(at, end)
            known = tags.get(tag)
            if known is None:
                raise _strange(table, tag)
            self._n_fields += 1
            if self._n_fields > MOST_FIELDS:
                raise refusal(f"it has more than {MOST_FIELDS:,} entries")
            at = self._value(found, known, tag & 7, at, end)
        return found

    def _varint(self, at: int, end: int) -> tuple[int, int]:
        """Return the number at `at` (unsigned) and where it ends."""
        if at < end and (octet := self._content[at]) < 0x80:  # most are one byte long
            return octet, at + 1
        value = shift = 0
        while at < end:
            octet = self._content[at]
            at += 1
            value |= (octet & 0x7F) << shift
            if octet < 0x80:
                if (octet == 0 and shift) or value >= _WHOLE:
                    break
                return value, at
            shift += 7
            if shift > 63:
                break
        else:
            raise refusal(f"it is damaged: it ends in the middle of a number at byte {at:,}")
        raise refusal(f"it is damaged: a number is longer than it may be at byte {at:,}")

    def _value(self, found: Message, known: Field, wire: int, at: int, end: int) -> int:
        """Read one field's value into `found`; return where it ends."""
        if wire == _VARINT:
            value, at = self._varint(at, end)
            _keep(found.numbers, known, _fitting(known, _signed(value)))
            return at
        if wire == _SIZED:
            length, at = self._varint(at, end)
            stop = at + length
            if stop > end:
                raise refusal(f"it is damaged: a part at byte {at:,} is longer than the file")
            self._sized(found, known, at, stop)
            return stop
        form = _FLOAT if wire == _FIXED32 else _DOUBLE
        if at + form.size > end:
            raise refusal(f"it is damaged: it ends in the middle of a number at byte {at:,}")
        _keep(found.reals, known, form.unpack_from(self._content, at)[0])
        return at + form.size

    def _sized(self, found: Message, known: Field, at: int, stop: int) -> None:
        kind = known.kind
        if kind is Kind.MESSAGE:
            _keep(found.inner, known, self.message(known.message, at, stop))
        elif kind is Kind.NAME or kind is Kind.TEXT:
            _keep(found.texts, known, self._text(known, at, stop))
        elif kind is Kind.BYTES:
            _keep(found.spans, known, self._view[at:stop])
        elif kind is Kind.FLOAT or kind is Kind.DOUBLE:
            if (stop - at) % (4 if kind is Kind.FLOAT else 8) or known.name in found.spans:
                raise refusal(f"it is damaged: the list {known.name} is cut or given twice")
            found.spans[known.name] = [self._view[at:stop]]
        else:
            values = [_fitting(known, n) for n in packed_numbers(self._view[at:stop])]
            found.numbers.setdefault(known.name, []).extend(values)

    def _text(self, known: Field, at: int, stop: int) -> str:
        longest = _LONGEST_NAME if known.kind is Kind.NAME else _LONGEST_TEXT
        if stop - at > longest:
            raise refusal(f"its {known.name} is longer than {longest:,} bytes")
        try:
            text = str(self._content[at:stop], "utf-8")
        except UnicodeDecodeError as error:
            raise refusal(f"its {known.name} is not text") from error
        if "\0" in text or (known.kind is Kind.NAME and not text.isprintable()):
            raise refusal(f"its {known.name} has characters that cannot be shown")
        return text


def _fitting(known: Field, value: int) -> int:
    """Return `value`; a lenient parser would cut it to 32 bits."""
    if known.kind is Kind.INT32 and not -(1 << 31) <= value < 1 << 31:
        raise refusal(f"it is damaged: {known.name} does not fit its 32 bits")
    return value


def _keep(kept: dict[str, list[Kept]], known: Field, value: Kept) -> None:
    if known.is_repeated:
        kept.setdefault(known.name, []).append(value)
    elif known.name in kept:
        raise refusal(f"it is damaged: {known.name} is written twice")
    else:
        kept[known.name] = [value]


def _strange(table: str, tag: int) -> DetectorRefusedError:
    """Return why this tag may not stand in this message."""
    known = TABLES[table].get(tag >> 3)
    if known is None:
        return refusal(f"it has an unknown entry, number {tag >> 3} in {table}")
    if known.kind is Kind.REFUSED:
        return refusal(known.why)
    return refusal(f"it is damaged: {known.name} in {table} is written in a wrong form")


def read_model(content: bytes) -> Message:
    """Return the ModelProto that `content` holds, all of it.

    Raises:
        DetectorRefusedError: It is not ONNX, is damaged or cut, can be read in two ways, or
            holds what no detector needs; the text says which.
    """
    return _Reader(content).message(MODEL, 0, len(content))
