"""The picture with its findings drawn in, for people and for programs that show no overlays."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Protocol

from PIL import Image, ImageDraw, ImageFont

from edge_app.domain.error import ExportFailedError
from edge_app.domain.geometry import Box
from edge_app.domain.image import Pixels
from edge_app.durable import write_whole

# Okabe and Ito 2008: told apart with any colour vision; the dash is the second sign.
_COLOURS = ((230, 159, 0), (86, 180, 233), (0, 158, 115), (204, 121, 167), (213, 94, 0))
_DASHES = ((1, 0), (6, 4), (2, 3), (10, 3), (4, 4))
_HALO = (0, 0, 0)
_INK = (255, 255, 255)
_PROBE = 20.0  # px, the size in which words are measured


class Boxed(Protocol):
    """Something that is marked in a picture: what it is, and where."""

    @property
    def label(self) -> str:
        """What it is."""

    @property
    def box(self) -> Box:
        """Where it is."""


def _dashed(
    draw: ImageDraw.ImageDraw, line: tuple[float, float, float, float], kind: int, width: int
) -> None:
    x0, y0, x1, y1 = line
    on, off = _DASHES[kind % len(_DASHES)]
    length = max(abs(x1 - x0), abs(y1 - y0), 1e-6)
    step = (on + off) * width if off else length
    colour = _COLOURS[kind % len(_COLOURS)]
    at = 0.0
    while at < length:
        end = min(at + (on * width if off else length), length)
        a, b = at / length, end / length
        piece = (x0 + (x1 - x0) * a, y0 + (y1 - y0) * a, x0 + (x1 - x0) * b, y0 + (y1 - y0) * b)
        draw.line(piece, fill=colour, width=width)
        at += step


def _marked(draw: ImageDraw.ImageDraw, box: Box, kind: int, width: int) -> None:
    x0, y0, x1, y1 = box.x0, box.y0, box.x1 - 1, box.y1 - 1
    sides = ((x0, y0, x1, y0), (x1, y0, x1, y1), (x0, y1, x1, y1), (x0, y0, x0, y1))
    for side in sides:
        draw.line(side, fill=_HALO, width=width + 2)
    for side in sides:
        _dashed(draw, side, kind, width)


def _line_width(picture: Image.Image) -> int:
    return max(2, round(max(picture.size) / 320))


def drawn(
    pixels: Pixels,
    marked: Sequence[Boxed],
    labels: Sequence[str],
    *,
    numbered: bool = True,
    watermark: str = "",
) -> Image.Image:
    """Return the picture with one box for all that is marked, coloured and dashed by its label.

    Without numbers, lines are thin: for a small copy of a large picture with many boxes.
    The watermark stands across the foot of the picture, as wide as it.
    """
    picture = Image.fromarray(pixels)
    draw = ImageDraw.Draw(picture)
    width = _line_width(picture) if numbered else 2
    size = max(11, round(max(picture.size) / 48))
    font = ImageFont.load_default(size)
    for number, each in enumerate(marked, start=1):
        box = each.box
        kind = labels.index(each.label) if each.label in labels else len(labels)
        _marked(draw, box, kind, width)
        if not numbered:
            continue
        above = box.y0 - size - 2
        place = (box.x0, above if above >= 0 else box.y1 + 1)
        draw.text(place, str(number), fill=_INK, font=font, stroke_width=2, stroke_fill=_HALO)
    if watermark:
        _put_watermark(draw, watermark, picture.size)
    return picture


def _put_watermark(draw: ImageDraw.ImageDraw, words: str, size: tuple[int, int]) -> None:
    width, height = size
    wide = draw.textlength(words, font=ImageFont.load_default(_PROBE))
    high = max(8.0, _PROBE * 0.9 * width / wide)
    font = ImageFont.load_default(high)
    foot = (width / 2, height - high / 2)
    draw.text(foot, words, fill=_INK, font=font, anchor="ms", stroke_width=2, stroke_fill=_HALO)


def write_annotated(
    pixels: Pixels,
    marked: Sequence[Boxed],
    labels: Sequence[str],
    path: Path,
    *,
    numbered: bool = True,
    watermark: str = "",
) -> None:
    """Write the annotated picture as PNG, as `drawn` makes it: durably, for its owner alone.

    Raises:
        ExportFailedError: The file could not be written; nothing is left there.
    """
    picture = drawn(pixels, marked, labels, numbered=numbered, watermark=watermark)
    _write(picture, path)


def write_boxes(pixels: Pixels, kinds: Sequence[Sequence[Box]], path: Path) -> None:
    """Write the picture with its boxes as PNG, each kind in a colour and a dash of its own.

    Raises:
        ExportFailedError: The file could not be written; nothing is left there.
    """
    picture = Image.fromarray(pixels)
    draw = ImageDraw.Draw(picture)
    for kind, boxes in enumerate(kinds):
        for box in boxes:
            _marked(draw, box, kind, _line_width(picture))
    _write(picture, path)


def png_of(picture: Image.Image) -> bytes:
    """Return the picture as the content of a PNG file."""
    made = BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()


def _write(picture: Image.Image, path: Path) -> None:
    try:
        write_whole(path, png_of(picture))
    except OSError as error:
        raise ExportFailedError(
            f"The picture {path.name} could not be written.", "Check the folder and its space."
        ) from error
