"""A picture as the scanner delivered it."""

import hashlib
import math
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


@dataclass(frozen=True, slots=True)
class DeepScale:
    """What the numbers of a deep picture mean: a level is number * `slope` + `intercept`.

    Attributes:
        unit: Of the levels, for example HU; empty where they have none.
        is_inverted: Whether high levels are shown dark, as films of bones once were.
        window: Centre and width, in levels, at which its maker would have it shown; or None.
    """

    slope: float = 1.0
    intercept: float = 0.0
    unit: str = ""
    is_inverted: bool = False
    window: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        """Refuse a scale in which there are no levels."""
        numbers = (self.slope, self.intercept, *(self.window or ()))
        if not all(math.isfinite(number) for number in numbers) or self.slope <= 0:
            raise ValueError("a scale needs finite numbers and a slope above 0")


@dataclass(frozen=True, slots=True, eq=False)
class Deep:
    """A grey picture in the depth in which its device made it, beside the one that is shown.

    Attributes:
        numbers: uint16 [h, w], read-only.
    """

    numbers: NDArray[np.uint16]
    scale: DeepScale = DeepScale()

    def __post_init__(self) -> None:
        """Check shape and type, and lock the numbers."""
        if self.numbers.dtype != np.uint16 or self.numbers.ndim != 2:
            message = f"want uint16 [h, w], got {self.numbers.dtype} {self.numbers.shape}"
            raise ValueError(message)
        self.numbers.setflags(write=False)


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
        deep: The picture in more than 256 levels, where its device made it so; None for others.
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
    deep: Deep | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check shape and type, and lock the pixels."""
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 3:
            message = f"want uint8 [h, w, 3], got {self.pixels.dtype} {self.pixels.shape}"
            raise ValueError(message)
        if self.captured_at.tzinfo is None:
            raise ValueError("captured_at has no time zone")
        if self.deep is not None and self.deep.numbers.shape != self.pixels.shape[:2]:
            raise ValueError("the deep picture is of another size")
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
