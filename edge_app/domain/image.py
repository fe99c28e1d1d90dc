"""A picture as the scanner delivered it."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from edge_app.domain.belonging import Belonging

Pixels = NDArray[np.uint8]


def content_hash(pixels: Pixels) -> str:
    """Return the SHA-256 (hex) of shape and pixels."""
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Calibration:
    """When a technician measured what was put right in a picture; None where nobody did.

    Attributes:
        light: Of the lamp and the lens, which the levels were divided by.
        spacing: Of the size of a pixel.
    """

    light: date | None = None
    spacing: date | None = None


UNCALIBRATED = Calibration()


@dataclass(frozen=True, slots=True, eq=False)
class CapturedImage:
    """One frame, never changed after it was captured.

    Attributes:
        pixels: uint8 [h, w, 3], RGB, read-only.
        captured_at: Wall clock with time zone; may be wrong, so it orders nothing.
        monotonic_ns: The machine's monotonic clock at capture; ages are taken from it.
        sequence: Counts up by one for each frame of one opened device.
        spacing_mm: Millimetres a pixel (down, right), or None where nobody knows.
        is_partial: Whether the device failed before the whole picture had come.
        dropped: How many frames of the device were lost since it was opened, as far as it tells:
            those that did not arrive whole, and those of which nothing arrived.
        calibration: What of it was measured by a technician, and when.
        hash: Of the pixels; two frames with one hash are the same frame. Given only where the
            pixels come from a process that has computed it already.
        belongs: What the picture says of whose it is, or None from a device that knows no patients.
    """

    pixels: Pixels
    device_id: str
    sequence: int
    captured_at: datetime
    monotonic_ns: int
    spacing_mm: tuple[float, float] | None = None
    is_partial: bool = field(default=False, kw_only=True)
    dropped: int = field(default=0, kw_only=True)
    calibration: Calibration = field(default=UNCALIBRATED, kw_only=True)
    hash: str = field(default="", kw_only=True)
    belongs: Belonging | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check shape and type, and lock the pixels."""
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 3:
            message = f"want uint8 [h, w, 3], got {self.pixels.dtype} {self.pixels.shape}"
            raise ValueError(message)
        if self.captured_at.tzinfo is None:
            raise ValueError("captured_at has no time zone")
        self.pixels.setflags(write=False)
        if not self.hash:
            object.__setattr__(self, "hash", content_hash(self.pixels))

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])
