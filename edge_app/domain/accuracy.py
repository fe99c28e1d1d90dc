"""How often a detector is right: average precision, sensitivity, false positives, intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_app.domain.geometry import pairwise_iou

COCO_IOU = tuple(round(0.5 + 0.05 * i, 2) for i in range(10))
_MOST_DETECTIONS = 100
_RECALL_POINTS = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True, slots=True)
class LabelledBoxes:
    """Boxes of one label in one image.

    Attributes:
        boxes: float [n, 4], x0 y0 x1 y1 in image pixels.
        scores: float [n]; ones for true boxes.
    """

    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]

    def strongest(self) -> "LabelledBoxes":
        """Return the 100 highest scores, highest first: no more count (COCO evaluation)."""
        order = np.argsort(-self.scores, kind="stable")[:_MOST_DETECTIONS]
        return LabelledBoxes(self.boxes[order], self.scores[order])

    def at_least(self, score: float) -> "LabelledBoxes":
        """Return the boxes that score `score` or more."""
        keep = self.scores >= score
        return LabelledBoxes(self.boxes[keep], self.scores[keep])


@dataclass(frozen=True, slots=True)
class ImageMatches:
    """One image's detections of one label, held against the truth at one overlap.

    Attributes:
        scores: float [n], highest first.
        is_true: bool [n], whether the detection found a box not found before.
        is_missed: bool [m], for each box that was there to find, whether none found it.
    """

    scores: NDArray[np.float64]
    is_true: NDArray[np.bool_]
    is_missed: NDArray[np.bool_]

    @property
    def n_true_boxes(self) -> int:
        """Boxes that were there to find."""
        return len(self.is_missed)


def match(found: LabelledBoxes, truth: LabelledBoxes, min_iou: float) -> ImageMatches:
    """Return which detections are true: greedy by score, each true box once (as pycocotools)."""
    found = found.strongest()
    iou = pairwise_iou(found.boxes, truth.boxes)
    free = np.ones(len(truth.boxes), bool)
    is_true = np.zeros(len(found.boxes), bool)
    for i in range(len(found.boxes) if len(truth.boxes) else 0):
        candidates = np.where(free, iou[i], -1.0)
        best = int(candidates.argmax())
        if candidates[best] >= min_iou:
            free[best] = False
            is_true[i] = True
    return ImageMatches(found.scores, is_true, free)


def average_precision(images: Sequence[ImageMatches]) -> float:
    """Return AP over 101 recall points (COCO evaluation); NaN where nothing was there to find."""
    n_true_boxes = sum(m.n_true_boxes for m in images)
    if n_true_boxes == 0:
        return float("nan")
    scores = np.concatenate([m.scores for m in images])
    order = np.argsort(-scores, kind="stable")
    hits = np.concatenate([m.is_true for m in images])[order].cumsum()
    if len(hits) == 0:
        return 0.0
    recall = hits / n_true_boxes
    precision = hits / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    where = np.searchsorted(recall, _RECALL_POINTS, side="left")
    reached = where < len(recall)
    return float(np.where(reached, precision[np.minimum(where, len(recall) - 1)], 0.0).mean())


@dataclass(frozen=True, slots=True)
class Operating:
    """What a label's threshold gives on a set of images.

    Attributes:
        count_error: Mean absolute difference between boxes counted and boxes there, an image.
    """

    sensitivity: float
    precision: float
    fp_per_image: float
    count_error: float


def operating(images: Sequence[ImageMatches]) -> Operating:
    """Return the figures of detections that are already cut at their threshold."""
    hits = sum(int(m.is_true.sum()) for m in images)
    shown = sum(len(m.scores) for m in images)
    there = sum(m.n_true_boxes for m in images)
    return Operating(
        sensitivity=hits / there if there else float("nan"),
        precision=hits / shown if shown else float("nan"),
        fp_per_image=(shown - hits) / len(images),
        count_error=float(np.mean([abs(len(m.scores) - m.n_true_boxes) for m in images])),
    )


def bootstrap_groups(groups: Sequence[int], draws: int, seed: int) -> list[NDArray[np.int64]]:
    """Return index lists of images, each list a draw of whole groups with replacement.

    Images of one group are alike, so the group and not the image is the unit of chance.
    """
    members: dict[int, list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    units = [np.array(m, np.int64) for m in members.values()]
    rng = np.random.default_rng(seed)
    return [
        np.concatenate([units[i] for i in rng.integers(0, len(units), size=len(units))])
        for _ in range(draws)
    ]


def interval95(values: Sequence[float]) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of `values`, NaN left out."""
    known = np.array([v for v in values if not np.isnan(v)])
    if len(known) == 0:
        return float("nan"), float("nan")
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)
