"""What every decoder gives, what it refuses, and how the best of it are chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.decoding import Activation, Background, Decoding, Suppression
from edge_app.domain.error import ReadingFailedError
from edge_app.domain.geometry import pairwise_iou
from edge_app.domain.manifest import DetectorManifest

Outputs = Sequence[NDArray[np.float32]]
Floats = NDArray[np.float32]
_MOST_CANDIDATES = 2000
_LISTED = 100
_FAR = np.float32(1e6)  # a weak row's box may be anywhere


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


@dataclass(frozen=True, slots=True)
class Layout:
    """What a decoder must know of its graph: the input's size, labels and parameters."""

    width: int
    height: int
    n_labels: int
    decoding: Decoding

    @property
    def n_classes(self) -> int:
        """Labels, and the class that means nothing where there is one."""
        return self.n_labels + (self.decoding.background is not Background.NONE)

    @property
    def sides(self) -> Floats:
        """Width, height, width, height of the input."""
        return np.array([self.width, self.height, self.width, self.height], np.float32)

    def step(self, columns: int, lines: int) -> Floats:
        """Return the input pixels, [4] as a box, of one pixel of a map of that size."""
        return np.asarray(self.sides / np.array([columns, lines, columns, lines]), np.float32)


@dataclass(frozen=True, slots=True)
class Rows:
    """The graph's answer before anything is chosen from it.

    Attributes:
        scores: float32 [n, labels], 0 to 1.
        boxes_of: From row numbers int64 [k] to boxes float32 [k, 4] in input pixels; a box is
            worked out only where a score asks for it.
        dense: float32 [m, labels], where the rows have no fixed order: what to compare instead.
    """

    scores: Floats
    boxes_of: Callable[[NDArray[np.int64]], Floats]
    dense: Floats | None = None

    @property
    def tensor(self) -> Floats:
        """What is compared with the golden tensor: float32 [n, labels] in a fixed order."""
        return self.scores if self.dense is None else self.dense

    def tensor_boxes(self, numbers: NDArray[np.int64]) -> Floats:
        """Return the boxes [k, 4] of rows of `tensor`; noughts where its rows have none."""
        if self.dense is not None:
            return np.zeros((len(numbers), 4), np.float32)
        return np.clip(self.boxes_of(numbers), -_FAR, _FAR)


def layout_of(manifest: DetectorManifest) -> Layout:
    """Return what the package's decoder must know."""
    spec = manifest.input
    return Layout(spec.width, spec.height, len(manifest.labels), manifest.decoding)


def failed(why: str) -> ReadingFailedError:
    """Return the refusal of an output that no working detector gives."""
    return ReadingFailedError(f"The detector's {why}.", "Run the self-test.")


def wrong_shape(outputs: Outputs) -> ReadingFailedError:
    """Return the refusal of outputs whose number or shapes are not the declared ones."""
    shapes = [tuple(o.shape) for o in outputs]
    return failed(f"output has the wrong shape: {shapes}")


def matrix(outputs: Outputs, index: int, columns: int) -> Floats:
    """Return output `index`, [1, n, columns] or [n, columns], as [n, columns] with n > 0.

    Raises:
        ReadingFailedError: It has another shape.
    """
    shape = outputs[index].shape if index < len(outputs) else ()
    if len(shape) not in (2, 3) or shape[-1] != columns or (len(shape) == 3 and shape[0] != 1):
        raise wrong_shape(outputs)
    if outputs[index].size == 0:
        raise wrong_shape(outputs)
    return outputs[index].reshape(-1, columns)


def refuse_unless(outputs: Outputs, *, holds: bool) -> None:
    """Refuse `outputs` as being of the wrong shape unless `holds`.

    Raises:
        ReadingFailedError: It does not hold.
    """
    if not holds:
        raise wrong_shape(outputs)


def refuse_out_of_range(scores: Floats) -> None:
    """Refuse scores below 0 or above 1.

    Raises:
        ReadingFailedError: There are some.
    """
    if scores.size and (scores.min() < 0 or scores.max() > 1):
        raise failed("scores are out of range")


def refuse_not_finite(outputs: Outputs) -> None:
    """Refuse outputs that hold a NaN or an infinity.

    Raises:
        ReadingFailedError: They do.
    """
    # One NaN or infinity makes a sum that is not finite; a sum is quicker than asking each.
    with np.errstate(all="ignore"):
        if not np.isfinite(sum(o.sum() for o in outputs)):
            raise failed("output is not finite")


def softmax(values: Floats) -> Floats:
    """Return the softmax of `values` along the last axis."""
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def sigmoid(values: Floats) -> Floats:
    """Return the logistic function of `values`, without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * values)), np.float32)


def _as_they_are(values: Floats) -> Floats:
    return values


_ACTIVATED: dict[Activation, Callable[[Floats], Floats]] = {
    Activation.NONE: _as_they_are,
    Activation.SIGMOID: sigmoid,
    Activation.SOFTMAX: softmax,
}


def scores_of(classes: Floats, layout: Layout) -> Floats:
    """Return scores [..., labels] of the graph's numbers [..., classes]."""
    scores = _ACTIVATED[layout.decoding.activation](classes)
    first = int(layout.decoding.background is Background.FIRST)
    return scores[..., first : first + layout.n_labels]


def corners(cxcywh: Floats) -> Floats:
    """Return boxes [n, 4] of centre and size as their corners."""
    middle, half = cxcywh[:, :2], cxcywh[:, 2:] / 2
    return np.concatenate([middle - half, middle + half], axis=1)


def sorted_scores(scores: Floats) -> Floats:
    """Return scores [n, labels] with each label's highest first: rows without an order."""
    least = np.zeros((max(0, _LISTED - len(scores)), scores.shape[1]), np.float32)
    return -np.sort(-np.concatenate([scores, least]), axis=0)


def _picked(
    scores: Floats, floors: Floats, suppression: Suppression
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return rows, labels and scores of what reaches its floor, highest first."""
    if suppression is Suppression.ACROSS_LABELS and len(scores):
        reaching = np.where(scores >= floors, scores, -1)
        best = reaching.argmax(axis=1)
        rows = np.nonzero(reaching[np.arange(len(scores)), best] >= 0)[0]
        labels = best[rows]
    else:
        flat = np.flatnonzero(scores >= floors)  # twice as fast as asking for two indices
        rows, labels = np.divmod(flat, max(1, scores.shape[1]))
    found = scores[rows, labels]
    order = np.argsort(-found, kind="stable")[:_MOST_CANDIDATES]
    return rows[order], labels[order], found[order]


def _refuse_impossible(boxes: Floats, layout: Layout) -> None:
    """Refuse boxes that are not finite, inside out, or nowhere on the input.

    Dropping one would turn a finding into none.
    """
    if not np.isfinite(boxes).all():
        raise failed("box is not finite")
    if (boxes[:, :2] >= boxes[:, 2:]).any():
        raise failed("box is inside out")
    if (boxes[:, 2:] <= 0).any() or (boxes[:, :2] >= layout.sides[:2]).any():
        raise failed("box lies outside the image")


def _strongest(found: Candidates, nms_iou: float, groups: NDArray[np.int64]) -> Candidates:
    """Return what no stronger box of the same group overlaps."""
    sides = found.boxes.astype(np.float64)  # OpenCV's own type here: no conversion box by box
    xywh = np.concatenate([sides[:, :2], sides[:, 2:] - sides[:, :2]], axis=1)
    suppress = cast("Callable[..., NDArray[np.int32]]", cv2.dnn.NMSBoxesBatched)  # takes arrays too
    kept = suppress(xywh, found.scores, groups.astype(np.int32), 0.0, nms_iou)
    keep = np.sort(np.asarray(kept, np.int64).ravel())
    return Candidates(found.boxes[keep], found.labels[keep], found.scores[keep])


def _per_label(found: Candidates, nms_iou: float) -> Candidates:
    return _strongest(found, nms_iou, found.labels)


def _across_labels(found: Candidates, nms_iou: float) -> Candidates:
    return _strongest(found, nms_iou, np.zeros_like(found.labels))


def _weighted(found: Candidates, nms_iou: float) -> Candidates:
    """Return the mean, by score, of each box and its twins (MediaPipe, weighted suppression)."""
    left = np.arange(len(found.boxes))
    strongest, merged = [], []
    while len(left):
        first = left[:1]
        overlap = pairwise_iou(found.boxes[first], found.boxes[left])[0]
        twins = (overlap >= nms_iou) & (found.labels[left] == found.labels[first])
        twins[0] = True
        group = left[twins]
        weights = found.scores[group][:, None]
        merged.append((found.boxes[group] * weights).sum(axis=0) / weights.sum())
        strongest.append(int(first[0]))
        left = left[~twins]
    keep = np.array(strongest, np.int64)
    return Candidates(np.array(merged, np.float32), found.labels[keep], found.scores[keep])


def _all(found: Candidates, nms_iou: float) -> Candidates:
    del nms_iou
    return found


_SUPPRESSED: dict[Suppression, Callable[[Candidates, float], Candidates]] = {
    Suppression.PER_LABEL: _per_label,
    Suppression.ACROSS_LABELS: _across_labels,
    Suppression.WEIGHTED: _weighted,
    Suppression.NONE: _all,
}


def chosen(rows: Rows, floors: Floats, nms_iou: float, layout: Layout) -> Candidates:
    """Return what scores at least its label's floor, without overlapping twins.

    Args:
        rows: The decoder's.
        floors: float32 [labels], the lowest score a label.
        nms_iou: Overlap from which two boxes are twins.
        layout: The graph's.

    Raises:
        ReadingFailedError: A box that was chosen cannot be one.
    """
    suppression = layout.decoding.suppression
    numbers, labels, found = _picked(rows.scores, floors, suppression)
    if len(numbers) == 0:
        return Candidates(np.zeros((0, 4), np.float32), labels, found)
    boxes = np.asarray(rows.boxes_of(numbers), np.float32)
    _refuse_impossible(boxes, layout)
    return _SUPPRESSED[suppression](Candidates(boxes, labels, found), nms_iou)
