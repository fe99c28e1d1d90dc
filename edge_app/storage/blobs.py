"""One saved image as bytes: a short header, the compressed pixels, and its own depth."""

import zlib
from datetime import datetime

import msgspec
import numpy as np

from edge_app.domain.error import NotSavedError, StudyDamagedError
from edge_app.domain.image import UNCALIBRATED, Calibration, CapturedImage, Deep, DeepScale

_MOST_SIDE = 65_535
_MOST_PIXELS = 200_000_000
_FAST = 1
_RESTORE = "Restore the study from a backup."


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is known of an image beside its pixels."""

    height: int
    width: int
    hash: str
    device_id: str
    sequence: int
    captured_at: datetime
    monotonic_ns: int
    spacing_mm: tuple[float, float] | None
    is_partial: bool = False
    calibration: Calibration = UNCALIBRATED
    deep: DeepScale | None = None


def _is_allowed(height: int, width: int) -> bool:
    sides_fit = 1 <= height <= _MOST_SIDE and 1 <= width <= _MOST_SIDE
    return sides_fit and height * width <= _MOST_PIXELS


def packed(image: CapturedImage) -> bytes:
    """Return `image` as bytes, to be sealed.

    Raises:
        NotSavedError: The picture is of a size that would be refused on reading.
    """
    if not _is_allowed(image.height, image.width):
        raise NotSavedError(
            f"It was not saved: a picture of {image.width} x {image.height} is empty or too large.",
            "Choose another size on the device.",
        )
    header = msgspec.msgpack.encode(
        Header(
            image.height,
            image.width,
            image.hash,
            image.device_id,
            image.sequence,
            image.captured_at,
            image.monotonic_ns,
            image.spacing_mm,
            image.is_partial,
            image.calibration,
            image.deep.scale if image.deep else None,
        )
    )
    body = zlib.compress(_body(image), _FAST)
    return len(header).to_bytes(4, "big") + header + body


def _body(image: CapturedImage) -> bytes | memoryview:
    pixels = np.ascontiguousarray(image.pixels).data
    if image.deep is None:
        return pixels
    return pixels.tobytes() + image.deep.numbers.astype("<u2").tobytes()


def unpacked(content: bytes) -> CapturedImage:
    """Return the image in what was packed.

    Raises:
        StudyDamagedError: The content is cut, changed, or no image.
    """
    length = int.from_bytes(content[:4], "big")
    try:
        header = msgspec.msgpack.decode(content[4 : 4 + length], type=Header)
        image = _decoded(header, content[4 + length :])
    except (ValueError, zlib.error, msgspec.DecodeError) as error:
        raise StudyDamagedError("A saved image is damaged.", _RESTORE) from error
    if image.hash != header.hash:
        raise StudyDamagedError("A saved image is not the one that was captured.", _RESTORE)
    return image


def _decoded(header: Header, body: bytes) -> CapturedImage:
    if not _is_allowed(header.height, header.width):
        raise StudyDamagedError("A saved image is of a size that nobody captures.", _RESTORE)
    n_pixels = header.height * header.width
    want = n_pixels * (5 if header.deep else 3)
    inflating = zlib.decompressobj()
    # One byte of room more, so that zlib reads on to its own end mark and checks it.
    content = inflating.decompress(body, want + 1)
    if not inflating.eof or inflating.unused_data or len(content) != want:
        raise StudyDamagedError("A saved image is damaged.", _RESTORE)
    size = (header.height, header.width)
    deep = None
    if header.deep:
        numbers = np.frombuffer(content, "<u2", n_pixels, 3 * n_pixels)
        deep = Deep(numbers.astype(np.uint16).reshape(size), header.deep)
    return CapturedImage(
        np.frombuffer(content, np.uint8, 3 * n_pixels).reshape(*size, 3),
        header.device_id,
        header.sequence,
        header.captured_at,
        header.monotonic_ns,
        header.spacing_mm,
        is_partial=header.is_partial,
        calibration=header.calibration,
        deep=deep,
    )
