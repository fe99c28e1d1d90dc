"""One saved image a file: a seal over all of it, a short header, the compressed pixels."""

import hashlib
import zlib
from datetime import datetime

import msgspec
import numpy as np

from edge_app.domain.error import NotSavedError, StudyDamagedError
from edge_app.domain.image import UNCALIBRATED, Calibration, CapturedImage

_MAGIC = b"EDGEIMG2"
_SEAL = hashlib.sha256().digest_size
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


def sealed(content: bytes) -> bytes:
    """Return `content` as a file in which no byte can change unnoticed."""
    return _MAGIC + hashlib.sha256(content).digest() + content


def _is_allowed(height: int, width: int) -> bool:
    sides_fit = 1 <= height <= _MOST_SIDE and 1 <= width <= _MOST_SIDE
    return sides_fit and height * width <= _MOST_PIXELS


def packed(image: CapturedImage) -> bytes:
    """Return `image` as a file's content.

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
        )
    )
    body = zlib.compress(np.ascontiguousarray(image.pixels).data, _FAST)
    return sealed(len(header).to_bytes(4, "big") + header + body)


def unpacked(content: bytes) -> CapturedImage:
    """Return the image in a file's content.

    Raises:
        StudyDamagedError: The content is cut, changed, or no image.
    """
    start = len(_MAGIC) + _SEAL
    if content[: len(_MAGIC)] != _MAGIC:
        raise StudyDamagedError("A saved image is not one of ours.", _RESTORE)
    if hashlib.sha256(content[start:]).digest() != content[len(_MAGIC) : start]:
        raise StudyDamagedError("A saved image is damaged.", _RESTORE)
    length = int.from_bytes(content[start : start + 4], "big")
    try:
        header = msgspec.msgpack.decode(content[start + 4 : start + 4 + length], type=Header)
        image = _decoded(header, content[start + 4 + length :])
    except (ValueError, zlib.error, msgspec.DecodeError) as error:
        raise StudyDamagedError("A saved image is damaged.", _RESTORE) from error
    if image.hash != header.hash:
        raise StudyDamagedError("A saved image is not the one that was captured.", _RESTORE)
    return image


def _decoded(header: Header, body: bytes) -> CapturedImage:
    if not _is_allowed(header.height, header.width):
        raise StudyDamagedError("A saved image is of a size that nobody captures.", _RESTORE)
    want = header.height * header.width * 3
    inflating = zlib.decompressobj()
    # One byte of room more, so that zlib reads on to its own end mark and checks it.
    pixels = np.frombuffer(inflating.decompress(body, want + 1), np.uint8)
    if not inflating.eof or inflating.unused_data:
        raise StudyDamagedError("A saved image is damaged.", _RESTORE)
    return CapturedImage(
        pixels.reshape(header.height, header.width, 3),
        header.device_id,
        header.sequence,
        header.captured_at,
        header.monotonic_ns,
        header.spacing_mm,
        is_partial=header.is_partial,
        calibration=header.calibration,
    )
