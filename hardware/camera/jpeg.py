"""Whether a camera's JPEG came whole: a decoder fills what is missing with grey, in silence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_START = b"\xff\xd8"
_END, _SCAN = 0xD9, 0xDA
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})  # baseline, extended, progressive
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
_MARKER = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)
_AFTER_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]", re.DOTALL)
_MOST_MARKERS = 64


@dataclass(frozen=True, slots=True)
class Whole:
    """A JPEG with its beginning, its end, and its size between them."""

    width: int
    height: int
    length: int


def whole(content: bytes) -> Whole | None:
    """Return what a JPEG is, or None where it does not reach its end; what follows is left out.

    Nothing is decoded, so this is quick, and says nothing of what lies between beginning and end.
    """
    size = None
    for marker, at in _markers(content):
        if marker in _FRAMES:
            size = _size(content, at)
        if marker == _END:
            return None if size is None else Whole(*size, at + 2)
    return None


def _markers(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield each marker and where it stands, up to the picture's end or to where sense ends."""
    if content[:2] != _START:
        return
    at = 2
    for _ in range(_MOST_MARKERS):
        found = _MARKER.match(content, at)
        if found is None:
            return
        marker, at = found[1][0], found.end() - 2
        yield marker, at
        at += 2
        if marker in _WITHOUT_LENGTH:
            continue
        at += int.from_bytes(content[at : at + 2], "big")
        if marker == _SCAN:
            following = _AFTER_SCAN.search(content, at)
            if following is None:
                return
            at = following.start()


def _size(content: bytes, at: int) -> tuple[int, int] | None:
    """Return width and height of a frame header at `at`, or None where it is cut off."""
    fields = content[at + 5 : at + 9]
    if len(fields) < 4:
        return None
    return int.from_bytes(fields[2:], "big"), int.from_bytes(fields[:2], "big")
