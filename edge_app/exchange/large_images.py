"""Image files that are walked from top to bottom, so that their size is no matter of memory."""

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError
from PIL.Image import DecompressionBombError
from PIL.TiffImagePlugin import TiffImageFile

from edge_app.domain.error import ImageRefusedError
from edge_app.domain.image import Pixels
from edge_app.exchange.bmp_rows import bmp_rows
from edge_app.exchange.frames import MOST_PIXELS, SMALLEST_SIDE, refuse_size
from edge_app.exchange.jpeg_bands import jpeg_bands
from edge_app.exchange.png_bands import png_bands, png_head
from edge_app.exchange.tiff_bands import tiff_bands, tiff_parts
from edge_app.ports import LargeImage

MOST_PIXELS_IN_BANDS = 400_000_000
MOST_SIDE_IN_BANDS = 40_000
_ORIENTATION, _UPRIGHT = 0x0112, 1
_KIND_OF_PAGE, _SMALLER_COPY = 254, 1  # TIFF 6.0, NewSubfileType, bit 0
_PHOTOGRAPHS = frozenset({".jpg", ".jpeg", ".bmp"})
_AGAIN = "Export the image again from where it came from."


class RollingImage:
    """Answers `LargeImage` from bands that come one after another; keeps only what is asked for."""

    def __init__(self, width: int, height: int, bands: Iterator[Pixels]) -> None:
        self.width = width
        self.height = height
        self._bands = bands
        self._held: list[Pixels] = []
        self._top = 0

    def rows(self, top: int, bottom: int) -> Pixels:
        """Return these rows; whatever lies above them is forgotten.

        Raises:
            ImageRefusedError: The picture ends before them, or is damaged.
        """
        self._forget_above(top)
        end = self._top + sum(len(b) for b in self._held)
        while end < bottom:
            band = next(self._bands, None)
            if band is None:
                raise ImageRefusedError("The image is cut off.", _AGAIN)
            self._held.append(band)
            end += len(band)
            self._forget_above(top)
        joined = np.concatenate(self._held)[top - self._top :]
        joined.setflags(write=False)
        self._held, self._top = [joined], top
        return joined[: bottom - top]

    def _forget_above(self, top: int) -> None:
        while self._held and self._top + len(self._held[0]) <= top:
            self._top += len(self._held.pop(0))


class DecodedImage:
    """Answers `LargeImage` from a grey picture that its library decoded whole: a byte a pixel."""

    def __init__(self, picture: Image.Image) -> None:
        self._picture = picture
        self.width, self.height = picture.size

    def rows(self, top: int, bottom: int) -> Pixels:
        """Return a copy of these rows."""
        band = self._picture.crop((0, top, self.width, bottom))
        return np.asarray(band.convert("RGB"), np.uint8)


@contextmanager
def banded_images(path: Path) -> Iterator[tuple[LargeImage, ...]]:
    """Yield the pictures of a file as ones that are walked; none where they must be decoded whole.

    Walked are TIFF (strips or tiles, 8 bits a sample), PNG (8 bits, not interlaced), JPEG and
    BMP, upright; grey JPEG and BMP are decoded whole but not copied whole. Each page of a TIFF is
    a picture, but for those that it marks as smaller copies of another one.

    Raises:
        ImageRefusedError: The file is no image, is damaged, or is beyond every cap.
        OSError: The file cannot be opened.
    """
    with path.open("rb") as file:
        yield _found(file, path)


def _found(file: BinaryIO, path: Path) -> tuple[LargeImage, ...]:
    try:
        pictures = _pages(file, path) if _is_tiff(file) else _single(file, path)
    except DecompressionBombError as error:
        raise ImageRefusedError(
            "The image is too large to be read safely.", "Save it as TIFF or PNG, or cut it."
        ) from error
    except (UnidentifiedImageError, SyntaxError, ValueError, struct.error) as error:
        raise ImageRefusedError("The image is cut off or damaged.", _AGAIN) from error
    return pictures


def _single(file: BinaryIO, path: Path) -> tuple[LargeImage, ...]:
    found = _png(file) or _photograph(file, path)
    return (found,) if found else ()


def _refuse(width: int, height: int) -> None:
    if min(width, height) < SMALLEST_SIDE:
        refuse_size(width, height)
    if width * height > MOST_PIXELS_IN_BANDS or max(width, height) > MOST_SIDE_IN_BANDS:
        raise ImageRefusedError(
            f"The image is {width} x {height} pixels, too large even to be read in tiles.",
            f"Cut it to {MOST_PIXELS_IN_BANDS // 1_000_000} million pixels, "
            f"{MOST_SIDE_IN_BANDS} a side, or fewer.",
        )


def _opened(path: Path, formats: tuple[str, ...]) -> ImageFile.ImageFile:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Image.open(path, formats=formats)


def _is_upright(picture: Image.Image) -> bool:
    return bool(picture.getexif().get(_ORIENTATION, _UPRIGHT) == _UPRIGHT)


def _png(file: BinaryIO) -> LargeImage | None:
    file.seek(0)
    head = png_head(file)
    if head is None:
        return None
    _refuse(head.width, head.height)
    return RollingImage(head.width, head.height, png_bands(file, head))


def _is_tiff(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(2) in (b"II", b"MM")


def _pages(file: BinaryIO, path: Path) -> tuple[LargeImage, ...]:
    """Return every page, or none where one of them cannot be walked."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS_IN_BANDS
    found: list[LargeImage] = []
    with _opened(path, ("TIFF",)) as picture:
        if not isinstance(picture, TiffImageFile):
            return ()
        for page in range(picture.n_frames):
            picture.seek(page)
            if picture.tag_v2.get(_KIND_OF_PAGE, 0) & _SMALLER_COPY:
                continue
            _refuse(*picture.size)
            parts = tiff_parts(picture) if _is_upright(picture) else None
            if parts is None:
                return ()
            found.append(RollingImage(parts.width, parts.height, tiff_bands(file, parts)))
    return tuple(found)


def _photograph(file: BinaryIO, path: Path) -> LargeImage | None:
    """Return an upright JPEG or BMP as rows, grey or palette decoded whole; None for the others."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    if path.suffix.lower() not in _PHOTOGRAPHS:
        return None
    with _opened(path, ("JPEG", "BMP")) as picture:
        refuse_size(*picture.size)
        is_one = getattr(picture, "n_frames", 1) == 1  # a camera may put several into one JPEG
        if picture.mode not in ("L", "RGB") or not _is_upright(picture) or not is_one:
            return None
        if picture.mode == "L":
            picture.load()
            return DecodedImage(picture)
        if picture.format == "BMP":
            return bmp_rows(file, picture)
        return RollingImage(picture.width, picture.height, jpeg_bands(file, picture))
