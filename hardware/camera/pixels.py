"""What cameras send, as RGB in bytes."""

import re
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.image import Pixels
from edge_app.isolation.printed import printed
from hardware.camera.jpeg import whole

Bytes = NDArray[np.uint8]

FORMATS = {
    "MJPG": "MJPEG",
    "JPEG": "MJPEG",
    "YUYV": "YUYV",
    "NV12": "NV12",
    "RGB3": "RGB24",
    "BGR3": "BGR24",
    "GREY": "GREY",
}
"""The pixel formats that are read, by V4L2's four letters: the words for them in a profile."""

HALVED = frozenset({"YUYV", "NV12"})
"""Those with one colour for two pixels, which only pictures of an even size can have."""

# libjpeg's words. Many cameras send a few bytes too many before the end, which does no harm.
_MADE_UP = re.compile(
    r"Premature end|Corrupt JPEG data: (?!\d extraneous bytes before marker 0xd9)"
)
_COMPRESSED = "MJPEG"
_PIXEL_BYTES = {"YUYV": 2, "NV12": 1, "RGB24": 3, "BGR24": 3, "GREY": 1}
_BT709, _FULL_RANGE, _REC709 = 2, 1, 3  # v4l2_ycbcr_encoding, v4l2_quantization, v4l2_colorspace
_RED_BLUE = {False: (0.299, 0.114), True: (0.2126, 0.0722)}  # ITU-R BT.601 and BT.709


@dataclass(frozen=True, slots=True)
class Mode:
    """How a camera's pictures lie in a buffer.

    Attributes:
        name: One of the words of `FORMATS`.
        row_bytes: From the beginning of a row to that of the next one.
        is_bt709: Whether light is made of its colours as in BT.709, not as in BT.601.
        is_full: Whether black and white are 0 and 255, not 16 and 235.
    """

    name: str
    width: int
    height: int
    row_bytes: int
    is_bt709: bool = False
    is_full: bool = False


def mode_of(
    name: str, size: tuple[int, int], row_bytes: int, *, colours: tuple[int, int, int]
) -> Mode:
    """Return the mode for what V4L2 says; `colours` are its colour space, encoding and range."""
    space, encoding, quantization = colours
    is_bt709 = encoding == _BT709 or (encoding == 0 and space == _REC709)
    row_bytes = max(row_bytes, size[0] * _PIXEL_BYTES.get(name, 0))
    return Mode(name, *size, row_bytes, is_bt709, quantization == _FULL_RANGE)


def is_whole(content: bytes, mode: Mode) -> bool:
    """Return whether every pixel that was promised is there."""
    if mode.name == _COMPRESSED:
        found = whole(content)
        return found is not None and (found.width, found.height) == (mode.width, mode.height)
    rows = mode.height + mode.height // 2 if mode.name == "NV12" else mode.height
    last = mode.width * _PIXEL_BYTES[mode.name]
    return len(content) >= mode.row_bytes * (rows - 1) + last


def rgb(content: bytes, mode: Mode) -> Pixels | None:
    """Return a picture, uint8 [h, w, 3], RGB, or None where it is not whole or not decodable."""
    if not is_whole(content, mode):
        return None
    if mode.name == _COMPRESSED:
        return _decoded(content)
    if mode.name == "NV12":
        return _from_nv12(content, mode)
    pixels = _rows(content, mode, mode.height)
    if mode.name == "YUYV":
        return _from_yuyv(pixels, mode)
    if mode.name == "GREY":
        return np.repeat(pixels[..., None], 3, axis=2)
    return _in_order(np.array(pixels.reshape(mode.height, mode.width, 3)), mode)


def _in_order(colours: Pixels, mode: Mode) -> Pixels:
    if mode.name == "RGB24":
        return colours
    return np.asarray(cv2.cvtColor(colours, cv2.COLOR_BGR2RGB), np.uint8)


def _decoded(content: bytes) -> Pixels | None:
    """Return a JPEG's picture, or None where the decoder had to make up a part of it.

    It fills what is missing with grey, and only prints that.
    """
    try:
        with printed() as said:
            found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # a head that its own size contradicts
        return None
    if found is None or _MADE_UP.search(said.text):
        return None
    return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), np.uint8)


def _rows(content: bytes, mode: Mode, count: int, start: int = 0) -> Bytes:
    """Return `count` rows from byte `start` on, uint8 [count, bytes of a row]."""
    wanted = mode.width * _PIXEL_BYTES[mode.name]
    room = count * mode.row_bytes
    lying = np.frombuffer(content, np.uint8)[start : start + room]
    if lying.size < room:  # the last row may end where its pixels do
        lying = np.pad(lying, (0, room - lying.size))
    return lying.reshape(count, mode.row_bytes)[:, :wanted]


def _from_yuyv(rows: Bytes, mode: Mode) -> Pixels:
    pairs = np.ascontiguousarray(rows).reshape(mode.height, mode.width, 2)
    light, colour = (np.asarray(cv2.extractChannel(pairs, one), np.uint8) for one in (0, 1))
    return _from_yuv(light, colour.reshape(mode.height, mode.width // 2, 2), mode)


def _from_nv12(content: bytes, mode: Mode) -> Pixels:
    light = _rows(content, mode, mode.height)
    colour = _rows(content, mode, mode.height // 2, mode.height * mode.row_bytes)
    return _from_yuv(light, colour.reshape(mode.height // 2, mode.width // 2, 2), mode)


def _from_yuv(light: Bytes, colour: Bytes, mode: Mode) -> Pixels:
    """Return RGB of light [h, w] and of colours [h or h / 2, w / 2, 2]."""
    size = (mode.width, mode.height)
    spread = cv2.resize(colour, size, interpolation=cv2.INTER_NEAREST)
    together = cv2.merge([np.ascontiguousarray(light), spread])
    return np.asarray(cv2.transform(together, _to_rgb(mode)), np.uint8)


def _to_rgb(mode: Mode) -> NDArray[np.float32]:
    """Return the matrix [3, 4] from light and two colours to red, green and blue."""
    red, blue = _RED_BLUE[mode.is_bt709]
    green = 1 - red - blue
    gain, spread, black = (1.0, 1.0, 0.0) if mode.is_full else (255 / 219, 255 / 224, 16.0)
    of_blue, of_red = 2 * (1 - blue) * spread, 2 * (1 - red) * spread
    rows = np.array(
        [
            [gain, 0, of_red],
            [gain, -of_blue * blue / green, -of_red * red / green],
            [gain, of_blue, 0],
        ]
    )
    offset = -rows @ np.array([black, 128.0, 128.0])
    return np.hstack([rows, offset[:, None]]).astype(np.float32)
