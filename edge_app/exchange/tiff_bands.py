"""The strips or tiles of a TIFF in bands, for pictures that are too large to be decoded whole.

TIFF 6.0: each strip or tile is compressed on its own. Each is decoded as a small TIFF that holds
nothing else, with the tags of the large one, so that every compression that Pillow knows works.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

from edge_app.domain.error import ImageRefusedError
from edge_app.domain.image import Pixels

_WIDTH, _LENGTH, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_STRIP_AT, _ROWS, _STRIP_BYTES, _PLANAR = 273, 278, 279, 284
_TILE_WIDTH, _TILE_LENGTH, _TILE_AT, _TILE_BYTES = 322, 323, 324, 325
_SAMPLES, _PREDICTOR, _COLOURS, _EXTRA, _FORMAT = 277, 317, 320, 338, 339
_JPEG_TABLES, _SUBSAMPLING, _BLACK_WHITE = 347, 530, 532
_KEPT = (_BITS, _COMPRESSION, _PHOTOMETRIC, _PLANAR, _SAMPLES, _PREDICTOR, _COLOURS, _EXTRA,
         _JPEG_TABLES, _SUBSAMPLING, _BLACK_WHITE)  # fmt: skip
_NONE, _OLD_JPEG = 1, 6
_RGB = 2
_SCREEN_COLOURS = frozenset({0, 1, 2, 3, 6})  # grey, RGB, palette, YCbCr; not for printing
_MOST_PART = 64_000_000
_PLAIN_PART = 2_000_000
_CUT_OFF = ImageRefusedError(
    "The image is cut off or damaged.", "Export the image again from where it came from."
)


@dataclass(frozen=True, slots=True)
class TiffParts:
    """Where the strips or tiles lie, row by row, and the tags that they share.

    Attributes:
        part: Width and height of one strip or tile in pixels; the last strip may be lower.
        places: Offset and length in the file of each.
    """

    width: int
    height: int
    is_tiled: bool
    part: tuple[int, int]
    places: tuple[tuple[int, int], ...]
    tags: ImageFileDirectory_v2

    @property
    def per_row(self) -> int:
        """How many parts lie side by side."""
        return -(-self.width // self.part[0])

    @property
    def are_bare_pixels(self) -> bool:
        """Whether the parts hold what we want as it is: RGB, a byte a sample, uncompressed."""
        tags = self.tags
        kind = (tags.get(_COMPRESSION), tags.get(_PHOTOMETRIC), tags.get(_SAMPLES))
        return kind == (_NONE, _RGB, 3) and len(tags.get(_BITS, ())) == 3


def tiff_parts(picture: TiffImageFile) -> TiffParts | None:
    """Return the parts of the open page, or None where they cannot be read one by one."""
    tags = picture.tag_v2
    bits = tags.get(_BITS, (1,))
    if set(bits) != {8} or tags.get(_PLANAR, 1) != 1 or tags.get(_COMPRESSION) == _OLD_JPEG:
        return None
    if set(tags.get(_FORMAT, (1,))) != {1} or tags.get(_PHOTOMETRIC) not in _SCREEN_COLOURS:
        return None
    width, height = int(tags[_WIDTH]), int(tags[_LENGTH])
    is_tiled = _TILE_AT in tags
    if is_tiled:
        part = (int(tags.get(_TILE_WIDTH, 0)), int(tags.get(_TILE_LENGTH, 0)))
    else:
        part = (width, min(int(tags.get(_ROWS, height)), height))
    is_plain = not is_tiled and tags.get(_COMPRESSION) == _NONE
    names = (_TILE_AT, _TILE_BYTES) if is_tiled else (_STRIP_AT, _STRIP_BYTES)
    places = tuple(zip(*(map(int, tags.get(name, ())) for name in names), strict=False))
    if is_plain and len(places) == 1:
        part, places = _split(part, places[0], len(bits))
    if min(part) < 1 or part[0] * part[1] * len(bits) > _MOST_PART:
        return None
    parts = TiffParts(width, height, is_tiled, part, places, tags)
    return parts if len(places) == parts.per_row * -(-height // part[1]) else None


def _split(
    part: tuple[int, int], place: tuple[int, int], n_samples: int
) -> tuple[tuple[int, int], tuple[tuple[int, int], ...]]:
    """Return one strip of uncompressed rows as several lower ones."""
    (width, height), (offset, _) = part, place
    row = width * n_samples
    rows = min(height, max(1, _PLAIN_PART // row))
    tops = range(0, height, rows)
    return (width, rows), tuple((offset + t * row, min(rows, height - t) * row) for t in tops)


def tiff_bands(file: BinaryIO, parts: TiffParts) -> Iterator[Pixels]:
    """Yield the picture from the top, uint8 [h, width, 3], RGB; a row of tiles or some strips.

    Raises:
        ImageRefusedError: The file is cut off or damaged.
    """
    try:
        yield from _tile_rows(file, parts) if parts.is_tiled else _strips(file, parts)
    except (OSError, SyntaxError, ValueError, TypeError, LookupError) as error:
        raise _CUT_OFF from error  # what Pillow raises on broken files


def _tile_rows(file: BinaryIO, parts: TiffParts) -> Iterator[Pixels]:
    for first in range(0, len(parts.places), parts.per_row):
        high = min(parts.part[1], parts.height - first // parts.per_row * parts.part[1])
        row = parts.places[first : first + parts.per_row]
        tiles = [_decoded(file, parts, (place,), parts.part[1]) for place in row]
        yield np.concatenate(tiles, axis=1)[:high, : parts.width]


def _strips(file: BinaryIO, parts: TiffParts) -> Iterator[Pixels]:
    """Yield some strips at a time: opening a small TIFF costs as much as thousands of pixels."""
    width, rows = parts.part
    at_once = max(1, _PLAIN_PART // (width * rows * 3))
    for first in range(0, len(parts.places), at_once):
        places = parts.places[first : first + at_once]
        high = min(len(places) * rows, parts.height - first * rows)
        yield _decoded(file, parts, places, high)


def _decoded(
    file: BinaryIO, parts: TiffParts, places: tuple[tuple[int, int], ...], high: int
) -> Pixels:
    contents = [_content(file, place) for place in places]
    shape = (high, parts.part[0], 3)
    if parts.are_bare_pixels and sum(map(len, contents)) == math.prod(shape):
        return np.frombuffer(b"".join(contents), np.uint8).reshape(shape)
    small = ImageFileDirectory_v2()
    for tag in _KEPT:
        if tag in parts.tags:
            small.tagtype[tag] = parts.tags.tagtype[tag]
            small[tag] = parts.tags[tag]
    lengths = [len(c) for c in contents]
    small[_WIDTH], small[_LENGTH], small[_ROWS] = parts.part[0], high, parts.part[1]
    small[_STRIP_BYTES] = tuple(lengths)
    small[_STRIP_AT] = tuple(sum(lengths[:n]) for n in range(len(lengths)))
    made = BytesIO()
    small.save(made)
    made.writelines(contents)
    with Image.open(made, formats=("TIFF",)) as picture:
        return np.asarray(picture.convert("RGB"), np.uint8)


def _content(file: BinaryIO, place: tuple[int, int]) -> bytes:
    offset, length = place
    if length > _MOST_PART:
        raise _CUT_OFF
    file.seek(offset)
    content = file.read(length)
    if len(content) != length:
        raise _CUT_OFF
    return content
