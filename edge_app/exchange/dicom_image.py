"""Pixels of a DICOM file: complete, windowed, RGB; or refused."""

import logging
import struct
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.multival import MultiValue
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.pixels.utils import iter_pixels

from edge_app.domain.error import ImageRefusedError
from edge_app.domain.image import Deep, DeepScale, Pixels
from edge_app.exchange.frames import Frame, refuse_size

# What pydicom says of odd files quotes their values, which may name a patient.
logging.getLogger("pydicom").setLevel(logging.CRITICAL)
warnings.filterwarnings("ignore", module=r"pydicom\.")

_AGAIN = "Send the image again from the device that made it."
_MOST_FRAMES = 10_000
_FASTEST_HZ = 1000.0
_DEFLATED = "1.2.840.10008.1.2.1.99"
_RLE = "1.2.840.10008.1.2.5"


def _refuse_incomplete(ds: Dataset) -> None:
    """Refuse a file whose pixels are missing or fewer than its header says."""
    if "PixelData" not in ds:
        raise ImageRefusedError("The DICOM file has no image in it.", "Choose an image file.")
    if ds.PhotometricInterpretation == "PALETTE COLOR":
        raise ImageRefusedError("The DICOM image uses a colour palette.", "Export it as RGB.")
    refuse_size(int(ds.Columns), int(ds.Rows))
    frames = int(ds.get("NumberOfFrames", 1) or 1)
    if not 1 <= frames <= _MOST_FRAMES:
        raise ImageRefusedError(f"The DICOM file claims {frames} frames.", _AGAIN)
    if ds.file_meta.TransferSyntaxUID.is_compressed:
        return  # a cut fragment fails in its codec
    samples = int(ds.SamplesPerPixel)
    subsampled = "422" in ds.PhotometricInterpretation  # PS3.3 C.7.6.3.1.2: 2 bytes a pixel
    per_pixel = 2 if subsampled else samples * (int(ds.BitsAllocated) / 8)
    want = int(ds.Rows) * int(ds.Columns) * frames * per_pixel
    if len(ds.PixelData) < want:
        raise ImageRefusedError("The DICOM file holds fewer pixels than its header says.", _AGAIN)


def _spacing(ds: Dataset) -> tuple[float, float] | None:
    given = ds.get("PixelSpacing") or ds.get("ImagerPixelSpacing")
    return (float(given[0]), float(given[1])) if given and len(given) == 2 else None


def _grey(frame: NDArray[np.integer[Any]], ds: Dataset) -> Pixels:
    """Return a grey frame through the modality and VOI look-up (PS3.3 C.11), white bones up."""
    values = np.asarray(apply_voi_lut(apply_modality_lut(frame, ds), ds), np.float64)
    low, high = float(values.min()), float(values.max())
    shown = (values - low) * (255 / max(high - low, 1e-9))
    if ds.PhotometricInterpretation == "MONOCHROME1":
        shown = 255 - shown
    return np.repeat(np.asarray(shown, np.uint8)[:, :, None], 3, axis=2)


def _deep(frame: NDArray[np.integer[Any]], ds: Dataset) -> Deep | None:
    """Return a grey frame in its own depth; None for 8 bits, and where levels are a table."""
    bits = int(ds.BitsStored)
    if not 8 < bits <= 16 or "ModalityLUTSequence" in ds:
        return None
    slope, intercept = _number(ds, "RescaleSlope", 1.0), _number(ds, "RescaleIntercept", 0.0)
    lowest = -(1 << (bits - 1)) if int(ds.PixelRepresentation) else 0
    numbers = np.clip(frame.astype(np.int32) - lowest, 0, 0xFFFF).astype(np.uint16)
    is_ct = ds.get("Modality") == "CT" and ds.get("RescaleType", "HU") == "HU"
    try:
        scale = DeepScale(
            slope,
            intercept + lowest * slope,
            "HU" if is_ct else "",
            ds.PhotometricInterpretation == "MONOCHROME1",
            _window(ds),
        )
    except ValueError:  # a scale that makes no sense; the picture of 8 bits is what it is
        return None
    return Deep(numbers, scale)


def _number(ds: Dataset, name: str, else_: float) -> float:
    given = ds.get(name)
    return else_ if given is None else float(given)


def _window(ds: Dataset) -> tuple[float, float] | None:
    """Return the first window (PS3.3 C.11.2.1.2) that the file asks for."""
    given = ds.get("WindowCenter"), ds.get("WindowWidth")
    centre, width = (v[0] if isinstance(v, MultiValue) and v else v for v in given)
    if centre is None or width is None or float(width) < 1:
        return None
    return float(centre), float(width)


def _colour(frame: NDArray[np.integer[Any]], ds: Dataset) -> Pixels:
    return np.asarray(frame >> max(int(ds.BitsStored) - 8, 0), np.uint8)


def _frames(path: Path, ds: Dataset) -> Iterator[Frame]:
    spacing = _spacing(ds)
    # pylibjpeg-rle 2.2 panics on damaged files, past every `except Exception`.
    plugin = "pydicom" if ds.file_meta.TransferSyntaxUID == _RLE else ""
    with path.open("rb") as file:  # by a name, pydicom refuses what lies in memory only
        for frame in iter_pixels(file, decoding_plugin=plugin):  # YBR comes back as RGB
            is_colour = int(ds.SamplesPerPixel) == 3
            made = _colour(frame, ds) if is_colour else _grey(frame, ds)
            deep = None if is_colour else _deep(frame, ds)
            yield Frame(np.ascontiguousarray(made), spacing, deep)


def read_frame_rate(path: Path) -> float | None:
    """Return the frames a second (PS3.3 C.7.6.5), or None where the file does not say."""
    tags = ["FrameTime", "CineRate", "RecommendedDisplayFrameRate"]
    try:
        ds = dcmread(path, stop_before_pixels=True, specific_tags=tags)
        beat_ms = float(ds.get("FrameTime") or 0)
        rate = 1000 / beat_ms if beat_ms > 0 else 0.0
        rate = rate or float(ds.get("CineRate") or ds.get("RecommendedDisplayFrameRate") or 0)
    except (InvalidDicomError, OSError, TypeError, ValueError):
        return None
    return rate if 0 < rate <= _FASTEST_HZ else None


def read_dicom(path: Path) -> Iterator[Frame]:
    """Yield each frame of the file, 8 and 16 bit, MONOCHROME1/2, RGB and YBR.

    Raises:
        ImageRefusedError: No image, cut off, lying about its size, or a syntax we cannot read.
        OSError: The file cannot be opened.
    """
    try:
        ds = dcmread(path)
        if ds.file_meta.TransferSyntaxUID == _DEFLATED:
            raise ImageRefusedError("Deflated DICOM files are not read.", "Send it uncompressed.")
        _refuse_incomplete(ds)
        yield from _frames(path, ds)
    except InvalidDicomError as error:
        raise ImageRefusedError("The file is not DICOM.", _AGAIN) from error
    except (
        AttributeError,
        BytesLengthException,
        EOFError,
        KeyError,
        NotImplementedError,
        RuntimeError,
        TypeError,
        ValueError,
        struct.error,
    ) as error:  # what pydicom 3 and its codecs raise on broken files
        raise ImageRefusedError("The DICOM image is cut off or damaged.", _AGAIN) from error
