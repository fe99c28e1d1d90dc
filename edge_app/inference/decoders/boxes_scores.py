"""Graphs that give boxes [n, 4] (input pixels) and scores [n, labels], before suppression."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.error import ReadingFailedError
from edge_app.inference.stuck import refuse_stuck

_MOST_CANDIDATES = 2000


@dataclass(frozen=True, slots=True)
class Candidates:
    """Detections in input pixels, highest score first.

    Attributes:
        boxes: float32 [n, 4].
        labels: int64 [n].
        scores: float32 [n].
    """

    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]
    scores: NDArray[np.float32]


def checked(
    outputs: list[NDArray[np.float32]], n_labels: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return boxes [n, 4] and scores [n, labels].

    Raises:
        ReadingFailedError: Shapes, finiteness or range are not those of a working detector.
    """
    shapes = [tuple(o.shape) for o in outputs]
    if [shape[-1:] for shape in shapes] != [(4,), (n_labels,)] or not outputs[0].size:
        raise ReadingFailedError(
            f"The detector's output has the wrong shape: {shapes}.", "Run the self-test."
        )
    boxes, scores = outputs[0].reshape(-1, 4), outputs[1].reshape(-1, n_labels)
    # One NaN or infinity makes a sum that is not finite; a sum is quicker than asking each.
    with np.errstate(all="ignore"):
        is_finite = bool(np.isfinite(boxes.sum() + scores.sum()))
    if len(boxes) != len(scores) or not is_finite:
        raise ReadingFailedError("The detector's output is not finite.", "Run the self-test.")
    if scores.min() < 0 or scores.max() > 1:
        raise ReadingFailedError("The detector's scores are out of range.", "Run the self-test.")
    refuse_stuck([boxes, scores])
    return boxes, scores


def decode(
    outputs: list[NDArray[np.float32]], floors: NDArray[np.float32], nms_iou: float
) -> Candidates:
    """Return what scores at least its label's floor, without overlapping twins.

    Args:
        outputs: The graph's two outputs.
        floors: float32 [labels], the lowest score a label.
        nms_iou: Overlap from which the weaker of two boxes of one label goes.

    Raises:
        ReadingFailedError: The outputs are not those of a working detector.
    """
    boxes, scores = checked(outputs, len(floors))
    cells, labels = np.nonzero(scores >= floors)
    found = scores[cells, labels]
    order = np.argsort(-found, kind="stable")[:_MOST_CANDIDATES]
    cells, labels, found = cells[order], labels[order], found[order]
    sides = boxes[cells]
    if len(sides) == 0:
        return Candidates(sides, labels, found)
    if (sides[:, :2] >= sides[:, 2:]).any():  # dropping it would turn a finding into none
        raise ReadingFailedError("The detector gave a box inside out.", "Run the self-test.")
    xywh = np.concatenate([sides[:, :2], sides[:, 2:] - sides[:, :2]], axis=1)
    suppress = cast("Callable[..., NDArray[np.int32]]", cv2.dnn.NMSBoxesBatched)  # takes arrays too
    kept = suppress(xywh, found, labels.astype(np.int32), 0.0, nms_iou)
    keep = np.sort(np.asarray(kept, np.int64).ravel())
    return Candidates(sides[keep], labels[keep], found[keep])
