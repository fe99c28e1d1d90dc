"""PNG, JPEG, TIFF and BMP files, whole or refused."""

import struct
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.Image import DecompressionBombError

from edge_app.domain.error import ImageRefusedError
from edge_app.domain.image import Deep, Pixels
from edge_app.exchange.frames import MOST_PIXELS, Frame, refuse_size

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"})
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
_AGAIN = "Export the image again from where it came from."
_DEEP = frozenset({"I;16", "I;16B", "I;16L", "I", "F"})


def _eight_bit(deep: Image.Image) -> Pixels:
    """Return a deep grey image stretched to what it holds, uint8 [h, w]."""
    values = np.asarray(deep, np.float64)
    if not np.isfinite(values).all():
        raise ImageRefusedError("The image holds values that are no numbers.", _AGAIN)
    low, high = float(values.min()), float(values.max())
    return np.asarray((values - low) * (255 / max(high - low, 1e-9)), np.uint8)


def _rgb(picture: Image.Image) -> Pixels:
    if picture.mode == "CMYK":
        raise ImageRefusedError(
            "The image is in printing colours (CMYK), so its true colours are not known.",
            "Export it again as RGB.",
        )
    if picture.mode in _DEEP:
        return np.repeat(_eight_bit(picture)[:, :, None], 3, axis=2)
    return np.array(picture.convert("RGB"), np.uint8)


def _page(picture: Image.Image, page: int) -> Frame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        picture.seek(page)
        refuse_size(*picture.size)
        upright = ImageOps.exif_transpose(picture)
        return Frame(_rgb(upright), deep=_deep(upright))


def _deep(picture: Image.Image) -> Deep | None:
    """Return a grey picture of 16 bits in its own depth; None for others."""
    if not picture.mode.startswith("I;16"):
        return None
    return Deep(np.array(picture).astype(np.uint16))


def _n_pages(picture: Image.Image) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return int(getattr(picture, "n_frames", 1))


def _opened(path: Path) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Image.open(path, formats=_FORMATS)


def read_image_file(path: Path) -> Iterator[Frame]:
    """Yield each frame of the file (a TIFF may hold several), upright.

    Raises:
        ImageRefusedError: The file is no such image, is cut, or has an impossible size.
        OSError: The file cannot be opened.
    """
    if path.stat().st_size == 0:
        raise ImageRefusedError("The file is empty.", _AGAIN)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with _opened(path) as picture:
            for page in range(_n_pages(picture)):
                yield _page(picture, page)
    except DecompressionBombError as error:
        raise ImageRefusedError("The image is too large to be read safely.", "Cut it.") from error
    except UnidentifiedImageError as error:
        raise ImageRefusedError("The file is not the image that its name says.", _AGAIN) from error
    except (
        ArithmeticError,
        EOFError,
        LookupError,
        OSError,
        SyntaxError,
        TypeError,
        ValueError,
        struct.error,
    ) as error:  # what Pillow raises on broken files
        raise ImageRefusedError("The image is cut off or damaged.", _AGAIN) from error
