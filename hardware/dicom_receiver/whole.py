"""Whether a received object is a whole image that can be read; else why not, for its sender."""

import re
import struct
from typing import BinaryIO

import pydicom.errors
from pydicom.pixels.utils import iter_pixels
from pydicom.uid import UID, ImplicitVRLittleEndian, RLELossless

from hardware.dicom_receiver.refusal import Announced, ObjectRefusedError, Status
from hardware.dicom_receiver.walk import PIXEL_DATA, CutOffError, DataSet, Span, walked

_SOP_CLASS, _SOP_INSTANCE = 0x00080016, 0x00080018
_SAMPLES, _PHOTOMETRIC, _FRAMES = 0x00280002, 0x00280004, 0x00280008
_ROWS, _COLUMNS, _BITS = 0x00280010, 0x00280011, 0x00280100
_MOST_PIXELS, _SMALLEST_SIDE, _MOST_FRAMES = 100_000_000, 32, 10_000
_MOST_BYTES = 400 << 20  # of one frame
_MOST_DECODED = 1_500_000_000  # pixels of all frames; about half a minute
_UID = re.compile(r"[0-9.]{1,64}")
UNDECODED = (
    AttributeError,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
    pydicom.errors.BytesLengthException,
    pydicom.errors.InvalidDicomError,
    struct.error,
)  # what pydicom 3 and its codecs raise on broken pixels


def ensure_whole(file: BinaryIO, announced: Announced) -> int:
    """Return where the data set of a Part 10 file begins, if it is a whole image.

    Raises:
        ObjectRefusedError: It is cut off, is no image, or not the one that was announced.
    """
    if not _UID.fullmatch(announced.sop_instance):
        raise ObjectRefusedError(Status.DOES_NOT_MATCH, "The SOP Instance UID is not a UID.")
    is_implicit = announced.transfer_syntax == ImplicitVRLittleEndian
    try:
        found = walked(file, is_implicit=is_implicit)
    except CutOffError as error:
        words = f"The object is cut off or damaged: {error}."
        raise ObjectRefusedError(Status.CANNOT_UNDERSTAND, words[:64]) from error
    header = _Header(file, found)
    _ensure_as_announced(header, announced)
    _ensure_readable(header)
    if UID(announced.transfer_syntax).is_compressed != bool(found.fragments):
        raise ObjectRefusedError(Status.DOES_NOT_MATCH, "Its pixels are of another syntax.")
    if found.fragments:
        _ensure_fragments(file, header)
        _ensure_decodes(file, announced.transfer_syntax, header.frames)
    else:
        _ensure_all_pixels(header)
    return found.start


class _Header:
    """The few values that tell how many pixels there must be."""

    def __init__(self, file: BinaryIO, found: DataSet) -> None:
        self._file = file
        self.found = found
        self.rows, self.columns = self.number(_ROWS), self.number(_COLUMNS)
        self.samples, self.bits = self.number(_SAMPLES), self.number(_BITS)
        self.frames = self._frames()

    def text(self, tag: int) -> str:
        span = self.found.values.get(tag, Span(0, 0))
        self._file.seek(span.start)
        return self._file.read(min(span.length, 64)).decode("latin-1").strip(" \0")

    def number(self, tag: int) -> int:
        span = self.found.values.get(tag)
        if span is None or span.length != 2:
            raise ObjectRefusedError(Status.DOES_NOT_MATCH, "The object is not an image.")
        self._file.seek(span.start)
        return int(struct.unpack("<H", self._file.read(2))[0])

    def _frames(self) -> int:
        said = self.text(_FRAMES) or "1"
        if not (said.isascii() and said.isdigit() and 1 <= int(said) <= _MOST_FRAMES):
            raise ObjectRefusedError(Status.DOES_NOT_MATCH, "Its number of frames is not one.")
        return int(said)


def _ensure_as_announced(header: _Header, announced: Announced) -> None:
    if header.text(_SOP_INSTANCE) != announced.sop_instance:
        raise ObjectRefusedError(Status.DOES_NOT_MATCH, "The SOP Instance UID is another one.")
    if header.text(_SOP_CLASS) != announced.sop_class:
        raise ObjectRefusedError(Status.DOES_NOT_MATCH, "The SOP Class UID is another one.")


def _ensure_readable(header: _Header) -> None:
    if PIXEL_DATA not in header.found.values and not header.found.fragments:
        raise ObjectRefusedError(Status.DOES_NOT_MATCH, "The object has no pixels.")
    if header.text(_PHOTOMETRIC) == "PALETTE COLOR":
        raise ObjectRefusedError(Status.CANNOT_UNDERSTAND, "Colour palettes are not read here.")
    if header.bits not in {1, 8, 16, 32} or header.samples not in {1, 3}:
        raise ObjectRefusedError(Status.CANNOT_UNDERSTAND, "Such pixels are not read here.")
    if min(header.rows, header.columns) < _SMALLEST_SIDE:
        raise ObjectRefusedError(Status.CANNOT_UNDERSTAND, "The image is too small to be read.")
    pixels = header.rows * header.columns
    if pixels > _MOST_PIXELS or pixels * header.samples * header.bits // 8 > _MOST_BYTES:
        raise ObjectRefusedError(Status.OUT_OF_RESOURCES, "The image is too large to be read.")


def _ensure_all_pixels(header: _Header) -> None:
    samples: float = header.samples
    if header.text(_PHOTOMETRIC).startswith("YBR_FULL_422"):  # PS3.3, C.7.6.3.1.2
        samples = 2
    want = int(header.rows * header.columns * header.frames * samples * header.bits + 7) // 8
    if header.found.values[PIXEL_DATA].length < want:
        raise ObjectRefusedError(Status.DOES_NOT_MATCH, "It has fewer pixels than its head says.")


def _ensure_fragments(file: BinaryIO, header: _Header) -> None:
    """Refuse JPEG of any kind that lacks its begin or end: its codec may fill up what is cut."""
    frames = header.found.fragments[1:]
    if header.rows * header.columns * header.frames > _MOST_DECODED:
        raise ObjectRefusedError(Status.OUT_OF_RESOURCES, "It has more pixels than are read here.")
    if len(frames) < header.frames:
        raise ObjectRefusedError(Status.DOES_NOT_MATCH, "It has fewer frames than its head says.")
    file.seek(frames[0].start)
    if file.read(1) != b"\xff":  # RLE: its decoder tells
        return
    ends = frames if len(frames) == header.frames else frames[-1:]
    for frame in ends:
        file.seek(frame.start + max(0, frame.length - 16))
        if not file.read(min(16, frame.length)).rstrip(b"\0\xff").endswith(b"\xff\xd9"):
            raise ObjectRefusedError(Status.CANNOT_UNDERSTAND, "A compressed frame is cut off.")


def _ensure_decodes(file: BinaryIO, syntax: str, frames: int) -> None:
    # pylibjpeg-rle 2.2 panics on damaged files, past every `except Exception`.
    plugin = "pydicom" if syntax == RLELossless else ""
    try:
        file.seek(0)
        count = sum(1 for _ in iter_pixels(file, decoding_plugin=plugin))
    except UNDECODED as error:
        words = "A compressed frame is cut off or damaged."
        raise ObjectRefusedError(Status.CANNOT_UNDERSTAND, words) from error
    if count != frames:
        raise ObjectRefusedError(Status.DOES_NOT_MATCH, "It has fewer frames than its head says.")
