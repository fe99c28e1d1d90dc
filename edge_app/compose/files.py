"""Image files through a detector, without the store."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import msgspec

from edge_app.domain.error import EdgeAppError, ExportFailedError
from edge_app.domain.image import CapturedImage
from edge_app.domain.reading import Reading, not_analysed
from edge_app.exchange.annotated import write_annotated
from edge_app.exchange.frames import Frame
from edge_app.exchange.pictures import pictures
from edge_app.inference.detector import OnnxDetector
from edge_app.workflow.examine import read


@dataclass(frozen=True, slots=True)
class Analysed:
    """One frame of a file with its reading, or why there is none."""

    path: Path
    frame: int
    image: CapturedImage | None
    reading: Reading | None
    refused: EdgeAppError | None


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


def write_results(
    folder: Path, results: Sequence[Analysed], answer: Mapping[str, object], labels: Sequence[str]
) -> list[Path]:
    """Write one annotated PNG a frame and `readings.json`; return what was written.

    Raises:
        ExportFailedError: The folder cannot be written.
    """
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, result in enumerate(results, start=1):
            if result.image is None or result.reading is None:
                continue
            path = folder / f"{number:04d}-{result.path.stem}-{result.frame}.png"
            write_annotated(result.image.pixels, result.reading.detections, labels, path)
            written.append(path)
        path = folder / "readings.json"
        path.write_bytes(msgspec.json.format(msgspec.json.encode(answer), indent=2))
    except OSError as error:
        raise ExportFailedError(
            f"The results could not be written: {(error.strerror or 'no answer').lower()}.",
            "Check the folder and its space.",
        ) from error
    return [*written, path]
