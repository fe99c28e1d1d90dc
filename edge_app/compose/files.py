"""Image files through a detector, without the store."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import msgspec

from edge_app.domain.error import EdgeAppError, ExportFailedError
from edge_app.domain.image import CapturedImage
from edge_app.domain.reading import Reading, not_analysed, watermark_of
from edge_app.domain.tiles import TileTally
from edge_app.durable import write_whole
from edge_app.exchange.annotated import write_annotated
from edge_app.exchange.frames import Frame
from edge_app.exchange.pictures import pictures
from edge_app.inference.detector import OnnxDetector
from edge_app.inference.overview import Overview
from edge_app.workflow.examine import read


@dataclass(frozen=True, slots=True)
class Analysed:
    """One frame of a file with its reading, or why there is none.

    Attributes:
        image: None where it was refused, or walked in tiles and never held.
        overview: The small copy of what was walked in tiles, where one was asked for.
        tally: How the tiles fared, where there were tiles.
    """

    path: Path
    frame: int
    image: CapturedImage | None
    reading: Reading | None
    refused: EdgeAppError | None
    tally: TileTally | None = None
    overview: Overview | None = None


def image_from(frame: Frame, sequence: int) -> CapturedImage:
    """Return a frame of a file as an image of the device "file"."""
    now = datetime.now(timezone.utc)
    return CapturedImage(frame.pixels, "file", sequence, now, time.monotonic_ns(), frame.spacing_mm)


def analysed(
    paths: list[Path], detector: OnnxDetector | None, refusal: EdgeAppError | None
) -> Iterator[Analysed]:
    """Yield every frame of every file with its reading; what is refused stops nothing else."""
    for picture in pictures(paths):
        number = picture.frame_number
        if picture.frame is None:
            yield Analysed(picture.path, number, None, None, picture.refused)
            continue
        image = image_from(picture.frame, number)
        if refusal is not None:
            reading = not_analysed(image.hash, "", str(refusal))
        else:
            reading = read(detector, image)
        yield Analysed(picture.path, number, image, reading, None)


class ResultFolder:
    """Where one annotated PNG a frame goes, and `readings.json` at the end."""

    def __init__(self, folder: Path) -> None:
        """Make the folder.

        Raises:
            ExportFailedError: It cannot be made.
        """
        self._folder = folder
        self._number = 0
        with _export_errors():
            folder.mkdir(parents=True, exist_ok=True)

    def add(self, result: Analysed, labels: Sequence[str]) -> None:
        """Write the picture of one frame that was read.

        Raises:
            ExportFailedError: It cannot be written.
        """
        self._number += 1
        picture, reading = _picture_of(result), result.reading
        if picture is None or reading is None:
            return
        path = self._folder / f"{self._number:04d}-{result.path.stem}-{result.frame}.png"
        found = picture.placed(reading.detections)
        with _export_errors():
            write_annotated(
                picture.pixels,
                found,
                labels,
                path,
                numbered=not picture.is_smaller,
                watermark=watermark_of(reading),
            )

    def finish(self, answer: Mapping[str, object]) -> None:
        """Write what was said of all frames.

        Raises:
            ExportFailedError: It cannot be written.
        """
        with _export_errors():
            body = msgspec.json.format(msgspec.json.encode(answer), indent=2)
            write_whole(self._folder / "readings.json", body)


def _picture_of(result: Analysed) -> Overview | None:
    return Overview(result.image.pixels, (1.0, 1.0)) if result.image else result.overview


@contextmanager
def _export_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExportFailedError(
            f"The results could not be written: {(error.strerror or 'no answer').lower()}.",
            "Check the folder and its space.",
        ) from error
