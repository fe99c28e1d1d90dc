"""A frame that came out of a file, and the limits that every format keeps to."""

from dataclasses import dataclass

from edge_app.domain.error import ImageRefusedError
from edge_app.domain.image import Deep, Pixels

MOST_PIXELS = 100_000_000
SMALLEST_SIDE = 32


@dataclass(frozen=True, slots=True)
class Frame:
    """Pixels of one frame, uint8 [h, w, 3], RGB, with millimetres a pixel where known.

    Attributes:
        deep: The frame in its own depth, where that is more than 8 bits of grey.
    """

    pixels: Pixels
    spacing_mm: tuple[float, float] | None = None
    deep: Deep | None = None


def refuse_size(width: int, height: int) -> None:
    """Refuse sizes that no scanner of ours makes, before anything is decoded.

    Raises:
        ImageRefusedError: Too small to be read or too large to be decoded safely.
    """
    if min(width, height) < SMALLEST_SIDE:
        raise ImageRefusedError(
            f"The image is {width} x {height} pixels, too small to be read.",
            f"Use an image with sides of {SMALLEST_SIDE} pixels or more.",
        )
    if width * height > MOST_PIXELS:
        raise ImageRefusedError(
            f"The image is {width} x {height} pixels, too large to be read safely.",
            f"Cut it to {MOST_PIXELS // 1_000_000} million pixels or fewer.",
        )
