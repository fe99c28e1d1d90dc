"""The rows of a photograph in bands, for pictures that are too large to be held decoded.

Pillow decodes a JPEG into an image of four bytes a pixel that it keeps whole. Here that image lies
in mapped memory of our own, and the rows that were handed on are given back to the system.
"""

import mmap
import sys
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from edge_app.domain.error import ImageRefusedError
from edge_app.domain.image import Pixels

_BLOCK = 16_384
_BAND_ROWS = 128
_BYTES_A_PIXEL = 4
_CUT_OFF = ImageRefusedError(
    "The image is cut off or damaged.", "Export the image again from where it came from."
)


def jpeg_bands(file: BinaryIO, picture: ImageFile.ImageFile) -> Iterator[Pixels]:
    """Yield the picture from the top, uint8 [h, width, 3], RGB; `picture` is open, mode RGB.

    Of a progressive file the first row is known when the last one is, so nothing is saved there.

    Raises:
        ImageRefusedError: The file is cut off or damaged.
    """
    width, height = picture.size
    memory = _own_memory(width * height * _BYTES_A_PIXEL)
    decoded = np.frombuffer(memory, np.uint8).reshape(height, width, _BYTES_A_PIXEL)
    top = 0
    for done in _rows_done(file, picture, decoded):
        while top < done:
            bottom = min(done, top + _BAND_ROWS)
            yield np.ascontiguousarray(decoded[top:bottom, :, :3])
            _give_back(memory, bottom * width * _BYTES_A_PIXEL)
            top = bottom


def _own_memory(size: int) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, size)
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def _give_back(memory: mmap.mmap, end: int) -> None:
    if sys.platform != "win32":  # there the rows stay until the picture has been read
        memory.madvise(mmap.MADV_DONTNEED, 0, end // mmap.PAGESIZE * mmap.PAGESIZE)


def _rows_done(
    file: BinaryIO, picture: ImageFile.ImageFile, decoded: NDArray[np.uint8]
) -> Iterator[int]:
    """Yield how many rows are whole, whenever there are more of them."""
    target = Image.frombuffer("RGBX", picture.size, decoded, "raw", "RGBX", 0, 1)
    ((name, extents, offset, arguments),) = picture.tile
    decoder = Image._getdecoder(  # noqa: SLF001 - Pillow's open doors all decode the whole
        picture.mode, name, arguments, picture.decoderconfig
    )
    decoder.setimage(target.im, extents)
    file.seek(offset)
    done, rest, used = 0, b"", 0
    try:
        while used >= 0:
            block = file.read(_BLOCK)
            if not block:
                raise _CUT_OFF
            rest += block
            used, error = decoder.decode(rest)
            rest = rest[max(0, used) :]
            fresh = _whole_rows(decoded, done)
            if fresh > done:
                yield fresh
            done = fresh
        if error or done < len(decoded):
            raise _CUT_OFF
    finally:
        decoder.cleanup()


def _whole_rows(decoded: NDArray[np.uint8], done: int) -> int:
    """Return the number of rows from the top whose last pixel is there: its fourth byte is 255."""
    while done < len(decoded) and decoded[done, -1, 3]:
        done += 1
    return done
