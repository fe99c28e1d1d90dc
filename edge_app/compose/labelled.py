"""Labelled images through a detector."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_app.domain.accuracy import LabelledBoxes
from edge_app.domain.error import EdgeAppError
from edge_app.domain.reading import Detection
from edge_app.exchange.coco import LabelledImage
from edge_app.exchange.pictures import read_frames
from edge_app.inference.detector import OnnxDetector
from edge_app.workflow.evaluate import Answer

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
        yield Answer(image.group, image.truth, found, seen.quality.issue is not None)
