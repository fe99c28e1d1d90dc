"""Published layouts, encoded: from known boxes to the outputs that a perfect graph would give.

Each encoder is the published formula turned round, in plain loops; none of it is the decoder's.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from edge_app.domain.decoding import (
    Activation,
    Background,
    BoxForm,
    DecoderKind,
    Decoding,
    Suppression,
)
from edge_app.domain.manifest import InputSpec
from edge_app.inference.package import load_package
from tests.smears import PACKAGE

WIDTH, HEIGHT = 256, 192
LABELS = 3
BINS = 9
LOW = 0.01


@dataclass(frozen=True)
class Known:
    """A box in input pixels, what it is and how sure the graph is."""

    box: tuple[float, float, float, float]
    label: int
    score: float

    @property
    def cxcywh(self):
        x0, y0, x1, y1 = self.box
        return ((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0)


def a_manifest(kind, decoding=None, **changes):
    """Return the shipped manifest with another decoder, for a 256 x 192 input and three labels."""
    shipped = load_package(PACKAGE).manifest
    spec = InputSpec(WIDTH, HEIGHT, 114, "RGB")
    given = {"input": spec, "decoder": kind, "decoding": decoding or Decoding(), **changes}
    return replace(shipped, **given)


def logit(p):
    return math.log(p / (1 - p))


def _cells(strides, anchors=None):
    """Return (level, column, row, stride) of each cell, in the published order."""
    listed = []
    for level, stride in enumerate(strides):
        for row in range(math.ceil(HEIGHT / stride)):
            for column in range(math.ceil(WIDTH / stride)):
                here = (level, column, row, stride)
                listed.extend([here] * (anchors[level] if anchors else 1))
    return listed


def _cell_of(cells, known):
    """Return the last cell, of the coarsest level, that the box's centre lies in."""
    cx, cy, _, _ = known.cxcywh
    return [
        i for i, (_, column, row, stride) in enumerate(cells)
        if column * stride <= cx < (column + 1) * stride
        and row * stride <= cy < (row + 1) * stride
    ][-1]  # fmt: skip


def _one_hot(known, low=LOW):
    return [known.score if k == known.label else low for k in range(LABELS)]


def boxes_scores(known):
    boxes = [[1.0, 1.0, 9.0 + i, 9.0] for i in range(70)]
    scores = np.random.default_rng(1).uniform(0, LOW, (70, LABELS)).tolist()
    for i, one in enumerate(known):
        boxes[i * 7] = one.box
        scores[i * 7] = _one_hot(one)
    return [[boxes], [scores]]


def yolov5(known):
    rng = np.random.default_rng(2)
    table = [[9, 9, 8, 8, *rng.uniform(0, 0.1, 1 + LABELS)] for _ in range(80)]
    for i, one in enumerate(known):
        table[i * 9 + 2] = [*one.cxcywh, 0.9, *(s / 0.9 for s in _one_hot(one))]
    return [[table]]


def yolov8(known, extra=0):
    rng = np.random.default_rng(3)
    table = [[9, 9, 8, 8, *rng.uniform(0, LOW, LABELS), *rng.normal(size=extra)] for _ in range(80)]
    for i, one in enumerate(known):
        table[i * 5 + 3] = [*one.cxcywh, *_one_hot(one), *rng.normal(size=extra)]
    return [[np.array(table).T]] + ([rng.normal(size=(1, extra, 48, 64))] if extra else [])


def yolov8_masks(known):
    return yolov8(known, extra=32)


def nms_free(known):
    table = [[0.0] * 6 for _ in range(20)]
    for i, one in enumerate(known):
        table[i] = [*one.box, one.score, one.label]
    return [[table]]


def yolox(known):
    strides = (8, 16, 32)
    cells = _cells(strides)
    rng = np.random.default_rng(4)
    table = [[0.1, 0.2, 0.3, 0.4, *rng.uniform(0, 0.1, 1 + LABELS)] for _ in cells]
    for one in known:
        i = _cell_of(cells, one)
        _, column, row, stride = cells[i]
        cx, cy, w, h = one.cxcywh
        offset = [cx / stride - column, cy / stride - row]
        size = [math.log(w / stride), math.log(h / stride)]
        table[i] = [*offset, *size, 0.9, *(s / 0.9 for s in _one_hot(one))]
    return [[table]]


def _distribution(distance):
    """Return logits whose softmax has the expectation `distance`, in bins."""
    low = min(int(distance), BINS - 2)
    share = distance - low
    logits = [-40.0] * BINS
    logits[low], logits[low + 1] = math.log(1 - share + 1e-12), math.log(share + 1e-12)
    return logits


def _gfl(known, strides, centre, raw):
    cells = _cells(strides)
    rng = np.random.default_rng(5)
    scores = rng.uniform(LOW / 2, LOW, (len(cells), LABELS)).tolist()
    sides = rng.normal(size=(len(cells), 4 * BINS)).tolist()

    def distances(cell, one):
        _, column, row, stride = cell
        px, py = (column + centre) * stride, (row + centre) * stride
        x0, y0, x1, y1 = one.box
        return [(px - x0) / stride, (py - y0) / stride, (x1 - px) / stride, (y1 - py) / stride]

    def reaches(cell, one):
        return all(0 <= d <= BINS - 1 for d in distances(cell, one))

    for one in known:
        i = [i for i, cell in enumerate(cells) if reaches(cell, one)][-1]
        scores[i] = _one_hot(one)
        sides[i] = [v for d in distances(cells[i], one) for v in _distribution(d)]
    if raw:
        scores = [[logit(s) for s in row] for row in scores]
    return cells, scores, sides


def nanodet(known):
    _, scores, sides = _gfl(known, (8, 16, 32), 0.5, raw=False)
    return [[[s + d for s, d in zip(scores, sides, strict=True)]]]


def nanodet_plus_raw(known):
    _, scores, sides = _gfl(known, (8, 16, 32, 64), 0.0, raw=True)
    return [[[s + d for s, d in zip(scores, sides, strict=True)]]]


def picodet(known):
    cells, scores, sides = _gfl(known, (8, 16, 32, 64), 0.5, raw=False)
    of_level = [[i for i, c in enumerate(cells) if c[0] == level] for level in range(4)]
    return [
        *([[scores[i] for i in rows]] for rows in of_level),
        *([[sides[i] for i in rows]] for rows in of_level),
    ]


def _relative(known):
    cx, cy, w, h = known.cxcywh
    return [cx / WIDTH, cy / HEIGHT, w / WIDTH, h / HEIGHT]


def rtdetr(known):
    rng = np.random.default_rng(6)
    classes = (rng.normal(size=(70, LABELS)) - 9).tolist()
    boxes = [[0.5, 0.5, 0.1, 0.1]] * 70
    for i, one in enumerate(known):
        classes[i * 3] = [logit(s) for s in _one_hot(one)]
        boxes[i * 3] = _relative(one)
    return [[classes], [boxes]]


def _shares_with_rest(one):
    shares = [one.score if k == one.label else 1e-6 for k in range(LABELS)]
    return [math.log(s) + 2 for s in [*shares, max(1 - sum(shares), 1e-6)]]


def detr(known):
    rng = np.random.default_rng(7)
    classes = np.concatenate(
        [rng.normal(size=(70, LABELS)), np.full((70, 1), 9.0)], axis=1
    ).tolist()
    boxes = [[0.5, 0.5, 0.1, 0.1]] * 70
    for i, one in enumerate(known):
        classes[i * 3] = _shares_with_rest(one)
        boxes[i * 3] = _relative(one)
    return [[classes], [boxes]]


def torchvision(known):
    return [
        np.array([one.box for one in known]).reshape(-1, 4),
        np.array([one.score for one in known]),
        np.array([one.label + 1 for one in known]),
    ]


def ssd(known):
    boxes, scores, labels = [[0.0] * 4] * 10, [0.0] * 10, [0.0] * 10
    for i, one in enumerate(known):
        x0, y0, x1, y1 = one.box
        boxes[i] = [y0 / HEIGHT, x0 / WIDTH, y1 / HEIGHT, x1 / WIDTH]
        scores[i], labels[i] = one.score, one.label
    scores[len(known)], labels[len(known)] = 0.99, 0  # does not count
    return [[boxes], [scores], [labels], [len(known)]]


def blazeface(known, *, split=True):
    strides, anchors = (8, 16), (2, 6)
    cells = _cells(strides, anchors)
    rng = np.random.default_rng(8)
    raw = (rng.normal(size=(len(cells), LABELS)) - 9).tolist()
    sides = rng.normal(size=(len(cells), 16)).tolist()
    for one in known:
        i = _cell_of(cells, one)
        _, column, row, stride = cells[i]
        cx, cy, w, h = one.cxcywh
        raw[i] = [logit(s) for s in _one_hot(one)]
        sides[i][:4] = [cx - (column + 0.5) * stride, cy - (row + 0.5) * stride, w, h]
    if not split:
        return [[raw], [sides]]
    cut = sum(c[0] == 0 for c in cells)
    return [[raw[:cut]], [raw[cut:]], [sides[:cut]], [sides[cut:]]]


def blazeface_whole(known):
    return blazeface(known, split=False)


def _painted(known, shape):
    """Return maps [n, *shape] of the level 1 inside each box, at one cell an input pixel."""
    maps = np.zeros((len(known), *shape))
    for i, one in enumerate(known):
        x0, y0, x1, y1 = (round(v) for v in one.box)
        maps[i, y0:y1, x0:x1] = 1
    return maps


def instance_masks(known):
    classes = (np.random.default_rng(9).normal(size=(6, LABELS + 1)) - 9).tolist()
    masks = np.full((6, HEIGHT, WIDTH), -5.0)
    for i, one in enumerate(known):
        classes[i] = _shares_with_rest(one)
        masks[i] = _painted([one], (HEIGHT, WIDTH))[0] * 10 - 5
    for i in range(len(known), 6):
        classes[i] = [0.0] * LABELS + [9.0]
    return [[classes], [masks]]


def semantic_masks(known):
    maps = np.full((LABELS, HEIGHT, WIDTH), logit(LOW))
    for one, painted in zip(known, _painted(known, (HEIGHT, WIDTH)), strict=True):
        maps[one.label][painted > 0] = logit(one.score)
    return [[maps]]


SIGMOID, SOFTMAX = Activation.SIGMOID, Activation.SOFTMAX
NONE = Suppression.NONE
LAYOUTS = {
    "boxes and scores": (DecoderKind.BOXES_SCORES, Decoding(), boxes_scores),
    "YOLOv5": (DecoderKind.YOLOV5, Decoding(), yolov5),
    "YOLOv8": (DecoderKind.YOLOV8, Decoding(), yolov8),
    "YOLOv8 segmenting": (DecoderKind.YOLOV8, Decoding(coefficients=32), yolov8_masks),
    "YOLOv10": (DecoderKind.NMS_FREE, Decoding(suppression=NONE), nms_free),
    "YOLOX": (DecoderKind.YOLOX, Decoding(strides=(8, 16, 32)), yolox),
    "NanoDet": (DecoderKind.GFL, Decoding(strides=(8, 16, 32)), nanodet),
    "NanoDet-Plus": (
        DecoderKind.GFL,
        Decoding(strides=(8, 16, 32, 64), cell_centre=0.0, activation=SIGMOID),
        nanodet_plus_raw,
    ),
    "PicoDet": (DecoderKind.GFL, Decoding(strides=(8, 16, 32, 64)), picodet),
    "RT-DETR": (DecoderKind.DETR, Decoding(activation=SIGMOID, suppression=NONE), rtdetr),
    "DETR": (
        DecoderKind.DETR,
        Decoding(activation=SOFTMAX, background=Background.LAST, suppression=NONE),
        detr,
    ),
    "torchvision": (
        DecoderKind.BOXES_SCORES_LABELS,
        Decoding(first_label=1, suppression=NONE),
        torchvision,
    ),
    "SSD": (
        DecoderKind.BOXES_SCORES_LABELS,
        Decoding(box_form=BoxForm.YXYX, relative=True),
        ssd,
    ),
    "BlazeFace": (
        DecoderKind.BLAZEFACE,
        Decoding(strides=(8, 16), anchors=(2, 6), suppression=Suppression.WEIGHTED),
        blazeface,
    ),
    "BlazeFace in one piece": (
        DecoderKind.BLAZEFACE,
        Decoding(strides=(8, 16), anchors=(2, 6)),
        blazeface_whole,
    ),
    "instance masks": (
        DecoderKind.INSTANCE_MASKS,
        Decoding(activation=SOFTMAX, background=Background.LAST, mask_level=0.0, suppression=NONE),
        instance_masks,
    ),
    "semantic masks": (
        DecoderKind.SEMANTIC_MASKS,
        Decoding(activation=SIGMOID, suppression=NONE),
        semantic_masks,
    ),
}


def encoded(name, known):
    """Return a manifest of layout `name` and what its perfect graph gives for `known`."""
    kind, decoding, encode = LAYOUTS[name]
    outputs = [np.asarray(o, np.float32) for o in encode(known)]
    return a_manifest(kind, decoding), outputs
