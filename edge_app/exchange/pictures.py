"""Any file or folder that may hold images, as frames in order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, cast

from edge_app.domain.belonging import Belonging
from edge_app.domain.error import EdgeAppError, ImageRefusedError, NoImagesError
from edge_app.exchange.frames import Frame
from edge_app.exchange.image_files import SUFFIXES as IMAGE_SUFFIXES
from edge_app.exchange.image_files import read_image_file

_DICOM_SUFFIXES = frozenset({".dcm", ".dicom", ".ima"})
_MARK_AT = 128
_Reader = Callable[[Path], Iterator[Frame]]


@dataclass(frozen=True, slots=True)
class Picture:
    """One file's frame, or why there is none."""

    path: Path
    frame_number: int
    frame: Frame | None
    refused: EdgeAppError | None


def _reader(path: Path) -> _Reader:
    with path.open("rb") as file:
        head = file.read(_MARK_AT + 4)
    if head[_MARK_AT:] == b"DICM" or path.suffix.lower() in _DICOM_SUFFIXES:
        # pydicom takes longer to load than a photograph takes to read
        return cast("_Reader", import_module("edge_app.exchange.dicom_image").read_dicom)
    return read_image_file


def read_frames(path: Path) -> Iterator[Frame]:
    """Yield each frame of one file, told by its content first and its name second.

    Raises:
        ImageRefusedError: It is not a whole image of a kind that we read.
    """
    if path.exists() and not path.is_file():  # reading a pipe would wait for ever
        raise ImageRefusedError("It is not a file.", "Name an image file.")
    try:
        yield from _reader(path)(path)
    except OSError as error:
        raise ImageRefusedError(
            f"The file cannot be opened: {(error.strerror or 'no answer').lower()}.",
            "Check the name and the rights.",
        ) from error


def frame_rate(path: Path) -> float | None:
    """Return the frames a second that a DICOM clip says, or None."""
    read = import_module("edge_app.exchange.dicom_image").read_frame_rate
    return cast("float | None", read(path))


def belonging(file: BinaryIO) -> Belonging:
    """Return what a DICOM file says of whose it is; raises OSError."""
    read = import_module("edge_app.exchange.dicom_belonging").read_belonging
    return cast("Belonging", read(file))


def files_in(path: Path) -> list[Path]:
    """Return `path`, or what looks like an image in the folder `path`, in order.

    Raises:
        NoImagesError: The folder holds none.
    """
    if not path.is_dir():
        return [path]
    inside = sorted(p for p in path.rglob("*") if p.is_file() and looks_like_image(p))
    if not inside:
        raise NoImagesError(f"The folder {path.name} holds no image.", "Choose another folder.")
    return inside


def looks_like_image(path: Path) -> bool:
    """Return whether name or content say that the file is an image.

    A file that cannot be opened might be one: it must be refused aloud, not left out.
    """
    if path.suffix.lower() in IMAGE_SUFFIXES | _DICOM_SUFFIXES:
        return True
    try:
        with path.open("rb") as file:
            return file.read(_MARK_AT + 4)[_MARK_AT:] == b"DICM"
    except OSError:
        return True


def pictures(paths: list[Path]) -> Iterator[Picture]:
    """Yield every frame of every file; what is refused does not stop the others."""
    for path in paths:
        try:
            found = files_in(path)
        except EdgeAppError as error:
            yield Picture(path, 0, None, error)
            continue
        for file in found:
            yield from _frames_of(file)


def _frames_of(path: Path) -> Iterator[Picture]:
    number = 0
    try:
        for frame in read_frames(path):
            yield Picture(path, number, frame, None)
            number += 1
    except EdgeAppError as error:
        yield Picture(path, number, None, error)
