"""What the network in training finds in pictures that it never saw."""

import cv2
import numpy as np
import torch

from edge_app.domain.accuracy import ImageMatches, LabelledBoxes, average_precision, match
from models.training.network import BoxNetwork
from models.training.samples import Sample

_MIN_SCORE = 0.02
_NMS_IOU = 0.6
_GREY = 114


def letterboxed(pixels: np.ndarray, side: int) -> tuple[np.ndarray, float]:
    """Return the picture fitted into the upper left of a grey square, and the scale used."""
    h, w = pixels.shape[:2]
    scale = side / max(h, w)
    size = (round(w * scale), round(h * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    canvas = np.full((side, side, 3), _GREY, np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(pixels, size, interpolation=method)
    return canvas, scale


def _kept(boxes: np.ndarray, scores: np.ndarray) -> LabelledBoxes:
    wanted = scores > _MIN_SCORE
    boxes, scores = boxes[wanted], scores[wanted]
    xywh = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
    keep = np.array(cv2.dnn.NMSBoxes(xywh.tolist(), scores.tolist(), 0.0, _NMS_IOU), int).ravel()
    return LabelledBoxes(boxes[keep].astype(np.float64), scores[keep].astype(np.float64))


@torch.no_grad()
def found_in(network: BoxNetwork, sample: Sample, side: int, classes: int) -> list[LabelledBoxes]:
    """Return the boxes found for each label, in picture pixels."""
    canvas, scale = letterboxed(sample.pixels(), side)
    x = network.pixels.scaled(torch.from_numpy(canvas).permute(2, 0, 1)[None])
    logits, boxes = network(x.to(memory_format=torch.channels_last))
    scores = logits[0].sigmoid().numpy()
    return [_kept(boxes[0].numpy() / scale, scores[:, k]) for k in range(classes)]


def ap50_by_label(
    network: BoxNetwork, samples: list[Sample], side: int, labels: list[str]
) -> dict[str, float]:
    """Return each label's AP at IoU 0.5 on `samples`."""
    network.eval()
    matches: list[list[ImageMatches]] = [[] for _ in labels]
    for sample in samples:
        for k, found in enumerate(found_in(network, sample, side, len(labels))):
            true = sample.boxes[sample.labels == k].astype(np.float64)
            matches[k].append(match(found, LabelledBoxes(true, np.ones(len(true))), 0.5))
    return {name: average_precision(m) for name, m in zip(labels, matches, strict=True)}
