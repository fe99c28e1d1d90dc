"""The exported package on labelled samples, through the program's own code path."""

from collections.abc import Sequence

import numpy as np

from edge_app.domain.accuracy import LabelledBoxes
from edge_app.inference.detector import OnnxDetector
from edge_app.workflow.evaluate import Answer
from models.training.samples import Sample

_FLOOR = 0.01


def answers_of(
    detector: OnnxDetector, samples: Sequence[Sample], labels: Sequence[str]
) -> list[Answer]:
    """Return what the detector finds in each sample, and what is there."""
    floors = np.full(len(labels), _FLOOR, np.float32)
    made = []
    for sample in samples:
        seen = detector.see(sample.pixels(), floors)
        truth, found = {}, {}
        for index, label in enumerate(labels):
            true = sample.boxes[sample.labels == index].astype(np.float64)
            truth[label] = LabelledBoxes(true, np.ones(len(true)))
            mine = [d for d in seen.detections if d.label == label]
            boxes = [(d.box.x0, d.box.y0, d.box.x1, d.box.y1) for d in mine]
            found[label] = LabelledBoxes(
                np.array(boxes, np.float64).reshape(-1, 4), np.array([d.score for d in mine])
            )
        cannot_say = seen.quality.issue is not None
        made.append(Answer(sample.path.name, str(sample.group), truth, found, cannot_say))
    return made
