"""Labelled images through a detector."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_app.domain.accuracy import LabelledBoxes
from edge_app.domain.error import EdgeAppError, ExportFailedError
from edge_app.domain.reading import Detection
from edge_app.durable import ensure_folder
from edge_app.exchange.annotated import write_boxes
from edge_app.exchange.coco import LabelledImage
from edge_app.exchange.pictures import read_frames
from edge_app.inference.detector import OnnxDetector
from edge_app.workflow.evaluate import Answer
from edge_app.workflow.failures import Failure

_FLOOR = 0.01


@dataclass(frozen=True, slots=True)
class Refused:
    """A labelled image that could not be read."""

    file_name: str
    error: EdgeAppError


def _boxes_of(detections: Sequence[Detection], label: str) -> LabelledBoxes:
    mine = [d for d in detections if d.label == label]
    boxes = np.array([(d.box.x0, d.box.y0, d.box.x1, d.box.y1) for d in mine], np.float64)
    return LabelledBoxes(boxes.reshape(-1, 4), np.array([d.score for d in mine], np.float64))


def answers(
    detector: OnnxDetector, images: Sequence[LabelledImage], folder: Path
) -> Iterator[Answer | Refused]:
    """Yield, for each labelled image, its truth and all that the detector scores at all."""
    labels = [x.name for x in detector.manifest.labels]
    floors = np.full(len(labels), _FLOOR, np.float32)
    for image in images:
        try:
            frame = next(iter(read_frames(folder / image.file_name)))
            seen = detector.see(frame.pixels, floors)
        except EdgeAppError as error:
            yield Refused(image.file_name, error)
            continue
        found = {label: _boxes_of(seen.detections, label) for label in labels}
        cannot_say = seen.quality.issue is not None
        yield Answer(image.file_name, image.group, image.truth, found, cannot_say)


def write_failures(failures: Sequence[Failure], folder: Path, out: Path) -> list[Path]:
    """Write a picture of each failure into `out`, named by its rank; return where.

    Missed boxes are drawn whole, wrong ones dashed, right ones dotted.

    Raises:
        ExportFailedError: A picture could not be written.
    """
    try:
        ensure_folder(out)
    except OSError as error:
        raise ExportFailedError(
            f"The folder cannot be made: {(error.strerror or 'no answer').lower()}.",
            "Choose another folder.",
        ) from error
    written = []
    for rank, failure in enumerate(failures, start=1):
        frame = next(iter(read_frames(folder / failure.file_name)))
        path = out / f"{rank:02d}-missed-{len(failure.missed)}-wrong-{len(failure.wrong)}.png"
        write_boxes(frame.pixels, (failure.missed, failure.wrong, failure.right), path)
        written.append(path)
    return written
