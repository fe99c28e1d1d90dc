"""What cameras send, as RGB in bytes."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.image import Pixels

# OpenCV fills pictures below this size with black instead of interpolating the colours.
_SMALLEST_MOSAIC = 4


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """One way to send a picture; the numbers are those of the Pixel Format Naming Convention.

    Attributes:
        name: The camera's word for it.
        channels: Values a pixel.
        bits: Bits of a value that carry light; values of over 8 bits lie in two bytes, low first.
        mosaic: OpenCV's code that makes RGB of a Bayer mosaic.
    """

    name: str
    channels: int = 1
    bits: int = 8
    mosaic: int | None = None

    @property
    def pixel_bytes(self) -> int:
        """Bytes that one pixel takes."""
        return self.channels * (2 if self.bits > 8 else 1)


FORMATS = {
    0x02180014: PixelFormat("RGB8", 3),
    0x02180015: PixelFormat("BGR8", 3),
    0x01080009: PixelFormat("BayerRG8", mosaic=cv2.COLOR_BayerRGGB2RGB),
    0x01080008: PixelFormat("BayerGR8", mosaic=cv2.COLOR_BayerGRBG2RGB),
    0x0108000A: PixelFormat("BayerGB8", mosaic=cv2.COLOR_BayerGBRG2RGB),
    0x0108000B: PixelFormat("BayerBG8", mosaic=cv2.COLOR_BayerBGGR2RGB),
    0x01080001: PixelFormat("Mono8"),
    0x01100007: PixelFormat("Mono16", bits=16),
    0x01100025: PixelFormat("Mono14", bits=14),
    0x01100005: PixelFormat("Mono12", bits=12),
    0x01100003: PixelFormat("Mono10", bits=10),
}
"""The formats that are read, by their numbers; the best one first."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A picture as it lies in a buffer, row after row.

    Attributes:
        content: uint8 [n]; valid only as long as the buffer is held.
        code: Number of its pixel format.
        padding: Bytes after each row that belong to no pixel.
    """

    content: NDArray[np.uint8]
    code: int
    width: int
    height: int
    padding: int


def format_name(code: int) -> str:
    """Return the name of a pixel format, or its number where it is not one of ours."""
    return FORMATS[code].name if code in FORMATS else f"format 0x{code:08X}"


def is_whole(sent: Sent) -> bool:
    """Return whether every pixel that was promised is there; false for an unknown format."""
    known = FORMATS.get(sent.code)
    if known is None or min(sent.width, sent.height) < 1:
        return False
    row = sent.width * known.pixel_bytes
    return sent.content.size >= (row + sent.padding) * (sent.height - 1) + row


def rgb(sent: Sent) -> Pixels:
    """Return a whole picture of a known format as a copy, uint8 [h, w, 3], RGB.

    Values of 10, 12, 14 or 16 bits are shifted right by 2, 4, 6 or 8, always and whatever the
    picture holds: two pictures with the same light have the same grey. Nothing is stretched.
    """
    known = FORMATS[sent.code]
    rows = _rows(sent, known.pixel_bytes)
    if known.mosaic is not None:
        return _without_mosaic(rows, known.mosaic)
    if known.channels == 3:
        colours = rows.reshape(sent.height, sent.width, 3)
        return np.array(colours[..., ::-1] if known.name == "BGR8" else colours, order="C")
    if known.bits > 8:
        rows = (rows.view("<u2") >> (known.bits - 8)).clip(0, 255).astype(np.uint8)
    return np.repeat(rows[..., None], 3, axis=2)


def _rows(sent: Sent, pixel_bytes: int) -> NDArray[np.uint8]:
    """Return uint8 [h, bytes of a row], without what follows each row."""
    row = sent.width * pixel_bytes
    if not sent.padding:
        return sent.content[: row * sent.height].reshape(sent.height, row)
    ends = [place * (row + sent.padding) for place in range(sent.height)]
    return np.stack([sent.content[start : start + row] for start in ends])


def _without_mosaic(rows: NDArray[np.uint8], code: int) -> Pixels:
    height, width = rows.shape
    lacking = max(0, _SMALLEST_MOSAIC - height), max(0, _SMALLEST_MOSAIC - width)
    if any(lacking):
        rows = np.pad(rows, [(0, lacking[0]), (0, lacking[1])], mode="wrap")
    colours = np.asarray(cv2.cvtColor(rows, code), np.uint8)
    return np.ascontiguousarray(colours[:height, :width])
