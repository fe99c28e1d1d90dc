"""The DICOM files that stand in for a device's pictures: those that pydicom ships, or others."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from edge_app.domain.error import EdgeAppError, ScannerUnavailableError
from hardware.lent import Decode, Frame

SHIPPED = "shipped"
_MOST_BYTES = 1 << 30


def shipped(name: str) -> Path:
    """Return where pydicom keeps a test file; raises ScannerUnavailableError where it is not."""
    found = find_spec("pydicom")
    folder = Path(found.origin).parent if found and found.origin else Path()
    path = folder / "data" / "test_files" / name
    if not path.is_file():
        raise ScannerUnavailableError(
            "The pictures of the simulated device are not installed.", "Name others."
        )
    return path


def id_of(place: str) -> str:
    """Return a short name for a place that shows no path."""
    if place == SHIPPED:
        return SHIPPED
    return hashlib.sha256(str(Path(place).absolute()).encode()).hexdigest()[:16]


def frames_of(path: Path, decode: Decode) -> list[Frame]:
    """Return every frame of one file.

    Raises:
        ScannerUnavailableError: It is no whole picture, or too large to be held.
    """
    frames: list[Frame] = []
    n_bytes = 0
    try:
        for frame in decode(path):
            n_bytes += frame.n_bytes
            if n_bytes > _MOST_BYTES:
                raise ScannerUnavailableError("The simulated clip is too long.", "Name another.")
            frames.append(frame)
    except EdgeAppError as error:
        raise ScannerUnavailableError(error.what, error.remedy) from error
    return frames
