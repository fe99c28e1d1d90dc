"""From the bytes of one or three passes over a page to its pixels."""

from dataclasses import dataclass, field

import numpy as np

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.image import Deep, Pixels
from hardware.sane.library import Frame, Parameters

LARGEST = 1 << 30
"""Bytes of one page; an A4 page in colour at 1200 dpi has 420 million."""

_COLOURS = (Frame.RED, Frame.GREEN, Frame.BLUE)
_DEEP = 16
_DEPTHS = (1, 8, _DEEP)
# 65535 is full, so 257 levels of 16 bits fall on one of 8; the nearest is taken.
_TO_BYTE = ((np.arange(1 << 16, dtype=np.uint32) + 128) // 257).astype(np.uint8)


@dataclass(slots=True)
class Pass:
    """One pass over the page: what it promised, and the bytes that have come so far."""

    said: Parameters
    received: bytearray = field(default_factory=bytearray)

    @property
    def rows(self) -> int:
        """Rows that came whole; never more than were promised."""
        came = len(self.received) // self.said.bytes_per_line
        return came if self.said.lines < 0 else min(came, self.said.lines)

    @property
    def is_whole(self) -> bool:
        """Whether all rows came that were promised; with none promised, any will do."""
        return self.rows > 0 if self.said.lines < 0 else self.rows == self.said.lines

    def levels(self, rows: int) -> Pixels:
        """Return the first `rows` rows, uint8 [rows, pixels, channels]."""
        width, channels = self.said.pixels_per_line, _channels(self.said)
        stride = self.said.bytes_per_line
        grid = np.frombuffer(self.received, np.uint8, rows * stride).reshape(rows, stride)
        used = _row_bytes(self.said)
        if self.said.depth == 1:
            # SANE standard, 3.2.1: the highest bit is the leftmost pixel, and 1 is black.
            dark = np.unpackbits(grid[:, :used], axis=1, count=width)
            levels: Pixels = (1 - dark) * np.uint8(255)
        elif self.said.depth == _DEEP:
            levels = _TO_BYTE[np.ascontiguousarray(grid[:, :used]).view(np.uint16)]
        else:
            levels = grid[:, :used]
        return levels.reshape(rows, width, channels)


def ensure_possible(said: Parameters, before: list[Pass]) -> None:
    """Return where a pass can be made into pixels.

    Raises:
        ScannerUnavailableError: Its figures contradict each other, or the passes before it, or
            are of a kind that this program does not know.
    """
    if said.depth not in _DEPTHS or said.frame not in list(Frame):
        raise _unknown(f"{said.depth} bits a level")
    if said.depth == 1 and said.frame != Frame.GREY:
        raise _unknown("one bit a colour")
    if not _is_sound(said):
        raise ScannerUnavailableError(
            "The scanner gives sizes that cannot be.",
            "Choose another resolution or area, or have a technician look at it.",
        )
    if said.bytes_per_line * max(said.lines, 1) > LARGEST:
        raise too_large()
    if before and not _continues(said, before):
        raise _unknown("passes that do not fit together")


def too_large() -> ScannerUnavailableError:
    """Return the error for a page that no memory should be given to."""
    return ScannerUnavailableError(
        "The page is too large to be taken in.", "Choose a lower resolution or a smaller area."
    )


def whole_rows(passes: list[Pass]) -> int:
    """Return how many rows came in every colour."""
    if not passes or _missing(passes):
        return 0
    return min(one.rows for one in passes)


def is_whole(passes: list[Pass]) -> bool:
    """Return whether every pass came, and whole."""
    return bool(passes) and not _missing(passes) and all(one.is_whole for one in passes)


def picture(passes: list[Pass]) -> Pixels:
    """Return the rows that came whole, uint8 [rows, width, 3], RGB; no row is made up."""
    rows = whole_rows(passes)
    if len(passes) == 1:
        levels = passes[0].levels(rows)
        return np.ascontiguousarray(np.broadcast_to(levels, (*levels.shape[:2], 3)))
    by_colour = {one.said.frame: one.levels(rows)[..., 0] for one in passes}
    return np.stack([by_colour[colour] for colour in _COLOURS], axis=2)


def deep(passes: list[Pass]) -> Deep | None:
    """Return the same rows in their own depth; None where they are not grey of 16 bits."""
    said = passes[0].said
    if len(passes) > 1 or said.frame != Frame.GREY or said.depth != _DEEP:
        return None
    rows, stride = whole_rows(passes), said.bytes_per_line
    grid = np.frombuffer(passes[0].received, np.uint8, rows * stride).reshape(rows, stride)
    return Deep(grid[:, : _row_bytes(said)].copy().view(np.uint16))


def _missing(passes: list[Pass]) -> bool:
    frames = {one.said.frame for one in passes}
    return bool(frames & set(_COLOURS)) and not frames >= set(_COLOURS)


def _continues(said: Parameters, before: list[Pass]) -> bool:
    first = before[0].said
    is_new = said.frame in _COLOURS and said.frame not in {one.said.frame for one in before}
    same = (said.pixels_per_line, said.depth) == (first.pixels_per_line, first.depth)
    return is_new and same and first.frame in _COLOURS


def _channels(said: Parameters) -> int:
    return 3 if said.frame == Frame.RGB else 1


def _row_bytes(said: Parameters) -> int:
    return (said.pixels_per_line * _channels(said) * said.depth + 7) // 8


def _is_sound(said: Parameters) -> bool:
    has_rows = said.lines == -1 or said.lines > 0
    return said.pixels_per_line > 0 and has_rows and said.bytes_per_line >= _row_bytes(said)


def _unknown(what: str) -> ScannerUnavailableError:
    return ScannerUnavailableError(
        f"The scanner sends a kind of picture that cannot be read here: {what}.",
        "Choose grey or colour with 8 or 16 bits in the device's profile.",
    )
