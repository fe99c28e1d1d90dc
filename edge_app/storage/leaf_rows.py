"""The rows that stand on one page of a table, whatever became of the pages above it.

The form is https://www.sqlite.org/fileformat2.html: 1.6, pages of a tree, and 2.1, records.
"""

import struct
from collections.abc import Callable, Iterator

from edge_app.storage.pages import USABLE

Value = int | float | str | bytes | None
_LEAF_OF_A_TABLE = 0x0D
_DATABASE_HEADER = 100
_MOST_LOCAL = USABLE - 35
_LEAST_LOCAL = (USABLE - 12) * 32 // 255 - 23
_LARGEST = 64 * 1024 * 1024
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


class _CutError(Exception):
    """A row goes on where nothing can be read."""


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(9):
        byte = content[at + index]
        if index == 8:
            return (value << 8) | byte, at + 9
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            return value, at + index + 1
    raise AssertionError


def rows_on(
    page: bytes, number: int, page_of: Callable[[int], bytes | None]
) -> Iterator[tuple[Value, ...]]:
    """Yield the whole rows on a page, the rowid first; nothing where it is no page of a table.

    Args:
        page: Its content without the encryption.
        number: Of the page; the first one begins with the database's own header.
        page_of: Returns another page, for what does not fit on this one.
    """
    head = _DATABASE_HEADER if number == 1 else 0
    if page[head] != _LEAF_OF_A_TABLE:
        return
    (cells,) = struct.unpack_from(">H", page, head + 3)
    for index in range(cells):
        try:
            (at,) = struct.unpack_from(">H", page, head + 8 + 2 * index)
            length, at = _varint(page, at)
            rowid, at = _varint(page, at)
            yield (rowid, *_values(_payload(page, at, length, page_of)))
        except (_CutError, IndexError, ValueError, struct.error):
            continue  # told by whoever misses it: the page is whole, and another one is not


def _payload(page: bytes, at: int, length: int, page_of: Callable[[int], bytes | None]) -> bytes:
    if length <= _MOST_LOCAL:
        return page[at : at + length]
    if length > _LARGEST:
        raise _CutError
    local = _LEAST_LOCAL + (length - _LEAST_LOCAL) % (USABLE - 4)
    local = local if local <= _MOST_LOCAL else _LEAST_LOCAL
    pieces, left = [page[at : at + local]], length - local
    (following,) = struct.unpack_from(">I", page, at + local)
    while left > 0:
        further = page_of(following) if following else None
        if further is None:
            raise _CutError
        (following,) = struct.unpack_from(">I", further)
        pieces.append(further[4 : 4 + min(left, USABLE - 4)])
        left -= USABLE - 4
    return b"".join(pieces)


def _values(record: bytes) -> Iterator[Value]:
    end, at = _varint(record, 0)
    body = end
    while at < end:
        kind, at = _varint(record, at)
        value, body = _value(record, kind, body)
        yield value


def _value(record: bytes, kind: int, at: int) -> tuple[Value, int]:
    if kind >= 12:
        end = at + (kind - 12) // 2
        if end > len(record):
            raise _CutError
        content = record[at:end]
        return (content.decode() if kind % 2 else content), end
    if kind in _INTEGERS:
        end = at + _INTEGERS[kind]
        return int.from_bytes(record[at:end], "big", signed=True), end
    if kind == 7:
        return struct.unpack_from(">d", record, at)[0], at + 8
    return {0: None, 8: 0, 9: 1}[kind], at
