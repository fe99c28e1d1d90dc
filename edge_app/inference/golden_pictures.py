"""Golden pictures as files: what they are is known before they are unpacked."""

import struct

import cv2
import numpy as np

from edge_app.domain.error import DetectorRefusedError
from edge_app.domain.image import Pixels
from edge_app.inference.package_files import REINSTALL, shown

_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_CHUNKS = {b"IHDR", b"IDAT", b"IEND"}
_CHUNK = struct.Struct(">I4s")
_HEADER = struct.Struct(">IIBBBBB")
_LARGEST_SIDE = 4096
# Bit depth, colour type (grey, RGB, RGBA), then deflate, the usual filters, not interlaced.
_PNG_FORMS = {(8, colour, 0, 0, 0) for colour in (0, 2, 6)}


def read_picture(content: bytes, name: str) -> Pixels:
    """Return a PNG's pixels, uint8 [h, w, 3], RGB; its size is known before it is unpacked.

    Raises:
        DetectorRefusedError: It is no plain 8 bit PNG of at most 4,096 pixels a side.
    """
    why = _picture_trouble(content)
    decoded = None
    if not why:
        try:
            decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
        except cv2.error as error:
            raise _unreadable(name, "cannot be unpacked") from error
    if decoded is None:
        raise _unreadable(name, why or "cannot be unpacked")
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)


def _unreadable(name: str, why: str) -> DetectorRefusedError:
    return DetectorRefusedError(f"The golden picture {shown(name)} {why}.", REINSTALL)


def _picture_trouble(content: bytes) -> str:
    """Return why these bytes are not unpacked; nothing for a plain picture."""
    at, found = len(_PNG_START), list[bytes]()
    if not content.startswith(_PNG_START):
        return "is no PNG file"
    while at + _CHUNK.size <= len(content):
        length, kind = _CHUNK.unpack_from(content, at)
        found.append(kind)
        at += _CHUNK.size + length + 4
    if at != len(content) or found[0] != b"IHDR" or found[-1] != b"IEND" or len(content) < 33:
        return "is cut or damaged"
    if not _PNG_CHUNKS.issuperset(found) or found.count(b"IHDR") != 1:
        return "holds more than pixels"
    width, height, *form = _HEADER.unpack_from(content, 16)
    if not (0 < width <= _LARGEST_SIDE and 0 < height <= _LARGEST_SIDE):
        return f"is {width:,} x {height:,} pixels; {_LARGEST_SIDE:,} a side are accepted"
    return "" if tuple(form) in _PNG_FORMS else "is not an 8 bit picture"
