"""What a detector's process is asked and answers; one schema for both sides."""

from datetime import datetime

import msgspec
import numpy as np

from edge_app.domain.error import EdgeAppError, ReadingFailedError
from edge_app.domain.image import CapturedImage
from edge_app.domain.reading import Certificate, Reading
from edge_app.isolation.channel import Message
from edge_app.isolation.shared_pixels import Payload


class ReadRequest(msgspec.Struct, frozen=True, tag="read", forbid_unknown_fields=True):
    """Read the image whose pixels are the payload."""

    height: int
    width: int
    device_id: str
    sequence: int
    captured_at: datetime
    monotonic_ns: int
    spacing_mm: tuple[float, float] | None
    image_hash: str


class Present(msgspec.Struct, frozen=True, tag="present", forbid_unknown_fields=True):
    """Load, check the golden pictures, and say what every reading will carry."""


class ReadReply(msgspec.Struct, frozen=True, tag="reading", forbid_unknown_fields=True):
    """A complete reading."""

    reading: Reading


class PresentReply(msgspec.Struct, frozen=True, tag="certificate", forbid_unknown_fields=True):
    """The detector is loaded and decides as it must."""

    certificate: Certificate


class Refusal(msgspec.Struct, frozen=True, tag="refusal", forbid_unknown_fields=True):
    """No answer, and why."""

    code: str
    what: str
    remedy: str


Request = ReadRequest | Present
Reply = ReadReply | PresentReply | Refusal


def request_of(image: CapturedImage) -> Message:
    """Return the question for one image."""
    head = ReadRequest(
        image.height,
        image.width,
        image.device_id,
        image.sequence,
        image.captured_at,
        image.monotonic_ns,
        image.spacing_mm,
        image.hash,
    )
    return Message(msgspec.msgpack.encode(head), np.ascontiguousarray(image.pixels).data)


def image_of(request: ReadRequest, payload: Payload) -> CapturedImage:
    """Return the image that was asked about.

    Raises:
        ReadingFailedError: The pixels are not as many as the message says.
    """
    if memoryview(payload).nbytes != request.height * request.width * 3:
        raise ReadingFailedError("The image did not arrive whole.", "Try again.")
    pixels = np.frombuffer(payload, np.uint8).reshape(request.height, request.width, 3)
    return CapturedImage(
        pixels,
        request.device_id,
        request.sequence,
        request.captured_at,
        request.monotonic_ns,
        request.spacing_mm,
        hash=request.image_hash,
    )


def refusal_of(error: EdgeAppError) -> Refusal:
    """Return an error as a message."""
    return Refusal(error.code, error.what, error.remedy)
