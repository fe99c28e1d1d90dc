"""A page as TWAIN hands it over in Windows: a device-independent bitmap, without a file's head."""

import struct

import numpy as np
from numpy.typing import NDArray

from edge_app.domain.image import Pixels
from hardware.twain import trouble

LARGEST = 1 << 29
_HEAD = struct.Struct("<IiiHHIIiiII")
_MOST_ACROSS = 1 << 16
_INDEXED = (1, 4, 8)
_DIRECT = (24, 32)


def pixels_of(content: bytes) -> tuple[Pixels, float]:
    """Return a page's pixels, and the dots an inch across that it says, or 0.

    Raises:
        ScannerUnavailableError: It is cut off, compressed, or not of 1, 4, 8, 24 or 32 bits.
    """
    if len(content) < _HEAD.size:
        raise trouble.unreadable("its head is cut off")
    (head, width, height, planes, bits, way, _, across, _, used, _) = _HEAD.unpack_from(content)
    if not _HEAD.size <= head <= 256 or planes != 1 or way != 0:
        raise trouble.unreadable("it is compressed or of an unknown form")
    if not (0 < width <= _MOST_ACROSS and 0 < abs(height) <= _MOST_ACROSS):
        raise trouble.unreadable("its size is impossible")
    if bits not in (*_INDEXED, *_DIRECT) or used > 256:
        raise trouble.unreadable(f"it has {bits} bits a pixel")
    if width * abs(height) * 3 > LARGEST:
        raise trouble.unreadable("it is too large")
    n_colours = (used or 1 << bits) if bits in _INDEXED else used
    rows = _rows(content[head + 4 * n_colours :], (abs(height), width, bits))
    rgb = (
        _indexed(rows, width, bits, content[head:][: 4 * n_colours])
        if bits in _INDEXED
        else (rows.reshape(abs(height), -1, bits // 8)[:, :width, 2::-1])
    )
    upright = rgb[::-1] if height > 0 else rgb
    return np.ascontiguousarray(upright), max(0, across) * 0.0254


def _rows(content: bytes, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Return whole rows of bytes, without what fills them up to four."""
    height, width, bits = shape
    stride = (width * bits + 31) // 32 * 4
    if len(content) < stride * height:
        raise trouble.unreadable("it is cut off")
    rows = np.frombuffer(content, np.uint8, stride * height).reshape(height, stride)
    return rows[:, : (width * bits + 7) // 8] if bits in _DIRECT else rows


def _indexed(rows: NDArray[np.uint8], width: int, bits: int, table: bytes) -> Pixels:
    """Return the colours that the rows' numbers stand for in the bitmap's table."""
    colours = np.frombuffer(table, np.uint8).reshape(-1, 4)[:, 2::-1]
    if bits == 8:
        numbers = rows[:, :width]
    else:
        each = np.unpackbits(rows, axis=1).reshape(len(rows), -1, bits)
        weights = (1 << np.arange(bits - 1, -1, -1)).astype(np.uint8)
        numbers = (each @ weights)[:, :width]
    if numbers.max() >= len(colours):
        raise trouble.unreadable("it has colours that it does not list")
    return colours[numbers]
