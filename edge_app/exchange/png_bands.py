"""The rows of a PNG in bands, for pictures that are too large to be decoded whole.

PNG (ISO/IEC 15948): one zlib stream of rows, each with a filter that looks at the row above. A
band is decoded as a small PNG of its own: the last row of the band before it, unfiltered, and
then the rows as they stand in the file.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

import numpy as np
from PIL import Image

from edge_app.domain.error import ImageRefusedError
from edge_app.domain.image import Pixels

_MARK = b"\x89PNG\r\n\x1a\n"
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # colour type: samples a pixel
_BAND_BYTES = 2_000_000
_PIECE = 1 << 16
_MOST_SMALL = 1 << 16
_ORIENTATION, _UPRIGHT = 0x0112, 1
_CUT_OFF = ImageRefusedError(
    "The image is cut off or damaged.", "Export the image again from where it came from."
)


@dataclass(frozen=True, slots=True)
class PngHead:
    """What stands before the pixels.

    Attributes:
        palette: The palette's chunk, whole; empty where there is none.
        row_bytes: Of one row with its filter byte.
    """

    width: int
    height: int
    colour_type: int
    palette: bytes
    row_bytes: int


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield each chunk's kind and length, with the file at its content; skips what is left."""
    while True:
        head = file.read(8)
        if len(head) < 8:
            raise _CUT_OFF
        length, kind = struct.unpack(">I4s", head)
        end = file.tell() + length + 4
        yield kind, length
        file.seek(end)


def png_head(file: BinaryIO) -> PngHead | None:
    """Return the head of an upright PNG with 8 bits a sample and plain rows, or None.

    Raises:
        ImageRefusedError: The file is cut off.
    """
    if file.read(8) != _MARK:
        return None
    palette = b""
    width, height, depth, colour_type, interlaced, turn = 0, 0, 0, -1, 0, _UPRIGHT
    for kind, length in _chunks(file):
        if kind == b"IHDR" and length == 13:
            width, height, depth, colour_type, _, _, interlaced = struct.unpack(
                ">IIBBBBB", file.read(13)
            )
        elif kind == b"PLTE" and length <= _MOST_SMALL:
            palette = _chunk(kind, file.read(length))
        elif kind == b"eXIf" and length <= _MOST_SMALL:
            turn = _orientation(file.read(length))
        elif kind == b"IEND":
            break
    samples = _SAMPLES.get(colour_type)
    if depth != 8 or interlaced or not samples or not width or not height or turn != _UPRIGHT:
        return None
    return PngHead(width, height, colour_type, palette, width * samples + 1)


def _orientation(content: bytes) -> int:
    exif = Image.Exif()
    exif.load(content)
    return int(exif.get(_ORIENTATION, _UPRIGHT))


def _chunk(kind: bytes, content: bytes) -> bytes:
    crc = zlib.crc32(content, zlib.crc32(kind))
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


def _packed(file: BinaryIO) -> Iterator[bytes]:
    """Yield the zlib stream in pieces, each chunk checked by its CRC."""
    for kind, length in _chunks(file):
        if kind == b"IEND":
            return
        if kind != b"IDAT":
            continue
        crc, left = zlib.crc32(kind), length
        while left:
            piece = file.read(min(left, _PIECE))
            if not piece:
                raise _CUT_OFF
            crc, left = zlib.crc32(piece, crc), left - len(piece)
            yield piece
        if file.read(4) != struct.pack(">I", crc):
            raise _CUT_OFF


def _filtered(file: BinaryIO, band_bytes: int, total: int) -> Iterator[bytes]:
    """Yield the rows as they stand in the stream, `band_bytes` at a time, `total` in all."""
    stream = zlib.decompressobj()
    rows = bytearray()
    for piece in _packed(file):
        waiting = piece
        while waiting and total:
            rows += stream.decompress(waiting, min(band_bytes, total) - len(rows))
            waiting = stream.unconsumed_tail
            if len(rows) == min(band_bytes, total):
                total -= len(rows)
                yield bytes(rows)
                rows.clear()
    if total:
        raise _CUT_OFF


def png_bands(file: BinaryIO, head: PngHead) -> Iterator[Pixels]:
    """Yield the picture from the top, uint8 [h, width, 3], RGB; about 2 MB a band.

    Raises:
        ImageRefusedError: The file is cut off or damaged.
    """
    file.seek(len(_MARK))
    per_band = max(1, _BAND_BYTES // head.row_bytes)
    above = b""
    try:
        for rows in _filtered(file, per_band * head.row_bytes, head.height * head.row_bytes):
            band, above = _decoded(head, above, rows)
            yield band
    except (zlib.error, OSError, SyntaxError, ValueError) as error:
        raise _CUT_OFF from error


def _decoded(head: PngHead, above: bytes, rows: bytes) -> tuple[Pixels, bytes]:
    """Return the rows as RGB, and the last one unfiltered, as a row with the filter "none"."""
    height = (len(above) + len(rows)) // head.row_bytes
    ihdr = struct.pack(">IIBBBBB", head.width, height, 8, head.colour_type, 0, 0, 0)
    idat = zlib.compress(above + rows, 0)
    content = _MARK + _chunk(b"IHDR", ihdr) + head.palette + _chunk(b"IDAT", idat)
    with Image.open(BytesIO(content + _chunk(b"IEND", b"")), formats=("PNG",)) as picture:
        picture.load()
        last = b"\0" + picture.crop((0, height - 1, head.width, height)).tobytes()
        pixels = np.asarray(picture.convert("RGB"), np.uint8)
    return pixels[1 if above else 0 :], last
