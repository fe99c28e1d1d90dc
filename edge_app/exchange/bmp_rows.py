"""The rows of an uncompressed BMP, read from where they lie in the file."""

from typing import BinaryIO

import numpy as np
from PIL import ImageFile

from edge_app.domain.error import ImageRefusedError
from edge_app.domain.image import Pixels

_BYTES_A_PIXEL = {"BGR": 3, "BGRX": 4}
_UPWARDS = -1


class BmpRows:
    """Answers `LargeImage` from a file in which each row has its place; holds nothing."""

    def __init__(self, file: BinaryIO, size: tuple[int, int], offset: int, depth: int) -> None:
        self.width, self.height = size
        self._file = file
        self._offset = offset
        self._depth = depth
        self._stride = -(-self.width * depth // 4) * 4

    def rows(self, top: int, bottom: int) -> Pixels:
        """Return these rows; the file begins with the lowest.

        Raises:
            ImageRefusedError: The file ends before them.
        """
        n_bytes = (bottom - top) * self._stride
        self._file.seek(self._offset + (self.height - bottom) * self._stride)
        content = self._file.read(n_bytes)
        if len(content) != n_bytes:
            raise ImageRefusedError("The image is cut off.", "Export the image again.")
        padded = np.frombuffer(content, np.uint8).reshape(bottom - top, self._stride)[::-1]
        pixels = padded[:, : self.width * self._depth].reshape(-1, self.width, self._depth)
        return np.ascontiguousarray(pixels[:, :, 2::-1])


def bmp_rows(file: BinaryIO, picture: ImageFile.ImageFile) -> BmpRows | None:
    """Return the rows of an open BMP, or None where it is not of 24 or 32 bits from the bottom."""
    ((name, _, offset, arguments),) = picture.tile
    if name != "raw" or not isinstance(arguments, tuple):
        return None
    rawmode, _, direction = arguments
    if rawmode not in _BYTES_A_PIXEL or direction != _UPWARDS:
        return None
    return BmpRows(file, picture.size, offset, _BYTES_A_PIXEL[rawmode])
