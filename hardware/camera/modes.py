"""How a camera sends its pictures: pixel format, resolution and frame rate, by choices."""

import re
from collections.abc import Mapping
from fractions import Fraction

from hardware.camera import trouble
from hardware.camera.pixels import FORMATS, HALVED, Mode, mode_of
from hardware.camera.structures import PixelLayout
from hardware.camera.video import Video, letters

PIXEL_FORMAT, RESOLUTION, FRAME_RATE = "pixel format", "resolution", "frame rate"
CHOICES = (PIXEL_FORMAT, RESOLUTION, FRAME_RATE)
_SIZE = re.compile(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})")
_RATE = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?")
_RATE_AGREES = 0.01


def chosen(video: Video, choices: Mapping[str, str]) -> Mode:
    """Set the choices that are about how pictures are sent; return how they come.

    Without a choice the camera stays as it stands, where that is read here.

    Raises:
        ScannerUnavailableError: The camera lacks a choice, or sends nothing that is read here.
        OSError: The kernel refused.
    """
    present = video.layout()
    wanted = _format(video, choices.get(PIXEL_FORMAT), letters(present.pixelformat))
    size = _size(video, wanted, choices.get(RESOLUTION)) or (present.width, present.height)
    layout = video.set_layout(wanted, *size)
    if letters(layout.pixelformat) != wanted:
        raise trouble.unsupported([letters(layout.pixelformat)])
    if RESOLUTION in choices and (layout.width, layout.height) != size:
        raise trouble.no_such_word(RESOLUTION, choices[RESOLUTION], video.sizes(wanted))
    if FRAME_RATE in choices:
        _set_rate(video, layout, choices[FRAME_RATE])
    colours = layout.colorspace, layout.ycbcr_enc, layout.quantization
    name = FORMATS[wanted]
    if name in HALVED and (layout.width | layout.height) & 1:
        raise trouble.unsupported([f"{name} of {layout.width}x{layout.height}"])
    return mode_of(name, (layout.width, layout.height), layout.bytesperline, colours=colours)


def _format(video: Video, word: str | None, present: str) -> str:
    """Return the four letters of the format to set."""
    offered = video.formats()
    read = [one for one in offered if one in FORMATS]
    if word is not None:
        fitting = [one for one in read if FORMATS[one] == word]
        if not fitting:
            words = dict.fromkeys(FORMATS[one] for one in read)
            raise trouble.no_such_word(PIXEL_FORMAT, word, words)
        return fitting[0]
    if present in FORMATS:
        return present
    if not read:
        raise trouble.unsupported(offered)
    return read[0]


def _size(video: Video, pixel_format: str, word: str | None) -> tuple[int, int] | None:
    if word is None:
        return None
    found = _SIZE.fullmatch(word)
    if found is None:
        raise trouble.no_such_word(RESOLUTION, word, video.sizes(pixel_format))
    return int(found[1]), int(found[2])


def _set_rate(video: Video, layout: PixelLayout, word: str) -> None:
    rate = Fraction(word) if _RATE.fullmatch(word) else Fraction(0)
    taken = video.set_rate(rate) if rate else 0.0
    if not rate or abs(taken - float(rate)) > _RATE_AGREES * rate:
        raise trouble.no_such_word(FRAME_RATE, word, video.rates(layout))
