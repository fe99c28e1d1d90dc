"""Training pictures turned, scaled, cut and pieced together, and shown by another clinic's eyes."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training import scene_look, smear_look
from models.training.camera import Pixels
from models.training.recipe import AugmentSpec, Look, Turns
from models.training.samples import Sample

_SMALLEST_PX = 3.0
_VISIBLE_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Labelled:
    """Pixels (uint8 [h, w, 3], RGB) with their boxes (float32 [n, 4]) and labels (int64 [n])."""

    pixels: Pixels
    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]


_DIHEDRAL = [
    np.array(m, np.float64)
    for m in (
        [[1, 0], [0, 1]],
        [[-1, 0], [0, 1]],
        [[1, 0], [0, -1]],
        [[-1, 0], [0, -1]],
        [[0, 1], [1, 0]],
        [[0, -1], [1, 0]],
        [[0, 1], [-1, 0]],
        [[0, -1], [-1, 0]],
    )
]


@dataclass(frozen=True, slots=True)
class _Source:
    """A training picture with its halves, quarters and eighths, so that shrinking is smooth."""

    levels: tuple[Pixels, ...]
    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]

    @staticmethod
    def of(sample: Sample, spec: AugmentSpec) -> "_Source":
        read = sample.pixels()
        levels = [scene_look.overwritten(read) if spec.overwrite_map else read]
        for _ in range(3):
            levels.append(np.asarray(cv2.pyrDown(levels[-1]), np.uint8))
        return _Source(tuple(levels), sample.boxes, sample.labels)


def _clipped(
    boxes: NDArray[np.float32], labels: NDArray[np.int64], w: int, h: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    inside = np.clip(boxes, 0, np.array([w, h, w, h], np.float32))
    sides = inside[:, 2:] - inside[:, :2]
    keep = (sides.min(axis=1, initial=1e9) >= _SMALLEST_PX) & (
        sides[:, 0] * sides[:, 1] >= _VISIBLE_SHARE * area
    )
    return inside[keep], labels[keep]


_TURNS = {Turns.ALL: 8, Turns.MIRRORED: 2, Turns.NONE: 1}


def _turned(spec: AugmentSpec, rng: np.random.Generator) -> NDArray[np.float64]:
    turn = _DIHEDRAL[int(rng.integers(_TURNS[spec.turns]))]
    if spec.rotate_deg == 0:
        return turn
    angle = np.deg2rad(rng.uniform(-spec.rotate_deg, spec.rotate_deg))
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin], [sin, cos]]) @ turn


def _placement(
    source: _Source,
    size: tuple[int, int],
    canvas_px: int,
    spec: AugmentSpec,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the 2x3 matrix that turns, scales and shifts the source onto `size` (w, h)."""
    h, w = source.levels[0].shape[:2]
    turn = _turned(spec, rng)
    low, high = np.log(spec.scale)
    scale = np.exp(rng.uniform(low, high)) * canvas_px / max(w, h)
    stretch = np.exp(rng.uniform(-1, 1) * np.log(spec.aspect) / 2)
    matrix = np.diag([scale * stretch, scale / stretch]) @ turn
    corners = np.array([[0, 0], [w, 0], [0, h], [w, h]], np.float64) @ matrix.T
    first, extent = corners.min(axis=0), np.ptp(corners, axis=0)
    room = np.array(size) - extent
    least, most = np.minimum(0, room), np.maximum(0, room) + 1e-9
    shift = rng.uniform(least, most) - first
    if len(source.boxes) and spec.aim > 0 and rng.random() < spec.aim:
        box = source.boxes[int(rng.integers(len(source.boxes)))]
        centre = matrix @ (box[:2] + box[2:]).astype(np.float64) / 2
        wanted = rng.uniform(0.15, 0.85, size=2) * np.array(size) - centre
        shift = np.clip(wanted, least - first, most - first)
    return np.concatenate([matrix, shift[:, None]], axis=1)


def _moved(
    boxes: NDArray[np.float32], matrix: NDArray[np.float64], spec: AugmentSpec
) -> NDArray[np.float32]:
    """Return the boxes where `matrix` puts them.

    A box that is turned by any angle is taken for the ellipse in it: its corners would grow it.
    """
    if spec.rotate_deg == 0:
        corners = boxes.reshape(-1, 2) @ matrix[:, :2].T + matrix[:, 2]
        pairs = corners.reshape(-1, 2, 2)
        return np.concatenate([pairs.min(axis=1), pairs.max(axis=1)], axis=1).astype(np.float32)
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2 @ matrix[:, :2].T + matrix[:, 2]
    halves = np.sqrt(((boxes[:, 2:] - boxes[:, :2]) / 2) ** 2 @ (matrix[:, :2] ** 2).T)
    return np.concatenate([centres - halves, centres + halves], axis=1).astype(np.float32)


def _pasted(
    source: _Source,
    size: tuple[int, int],
    canvas_px: int,
    spec: AugmentSpec,
    rng: np.random.Generator,
) -> Labelled:
    """Return the picture turned, scaled at random and cut or padded to `size` (width, height)."""
    matrix = _placement(source, size, canvas_px, spec, rng)
    scale = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    level = int(np.clip(np.floor(-np.log2(scale) + 0.25), 0, len(source.levels) - 1))
    grown = matrix * np.array([2.0**level, 2.0**level, 1.0])
    pixels = cv2.warpAffine(
        source.levels[level], grown, size, flags=cv2.INTER_LINEAR, borderValue=(114, 114, 114)
    )
    moved = _moved(source.boxes, matrix, spec)
    boxes, labels = _clipped(moved, source.labels, *size)
    return Labelled(np.asarray(pixels, np.uint8), boxes, labels)


_Change = Callable[[Pixels, AugmentSpec, np.random.Generator], Pixels]


@dataclass(frozen=True, slots=True)
class _Look:
    recoloured: _Change
    through_another_camera: _Change


_LOOKS = {
    Look.SMEAR: _Look(smear_look.restain, smear_look.through_another_camera),
    Look.SCENE: _Look(scene_look.recoloured, scene_look.through_another_camera),
}


class Augmenter:
    """Makes training pictures; the same (seed, epoch, index) gives the same picture."""

    def __init__(self, samples: list[Sample], canvas_px: int, spec: AugmentSpec, seed: int) -> None:
        """Read every picture into memory once."""
        self._sources = [_Source.of(s, spec) for s in samples]
        self._canvas_px = canvas_px
        self._spec = spec
        self._look = _LOOKS[spec.look]
        self._seed = seed

    def _part(self, index: int, size: tuple[int, int], rng: np.random.Generator) -> Labelled:
        part = _pasted(self._sources[index], size, self._canvas_px, self._spec, rng)
        if rng.random() < 0.85:
            seen = self._look.recoloured(part.pixels, self._spec, rng)
            return Labelled(seen, part.boxes, part.labels)
        return part

    def _mosaic(self, index: int, rng: np.random.Generator) -> Labelled:
        side = self._canvas_px
        cx, cy = (int(v) for v in rng.uniform(0.3, 0.7, size=2) * side)
        canvas = np.empty((side, side, 3), np.uint8)
        boxes, labels = [], []
        corners = [(0, 0, cx, cy), (cx, 0, side, cy), (0, cy, cx, side), (cx, cy, side, side)]
        others = [index, *rng.integers(0, len(self._sources), size=3)]
        for (x0, y0, x1, y1), which in zip(corners, others, strict=True):
            part = self._part(int(which), (x1 - x0, y1 - y0), rng)
            canvas[y0:y1, x0:x1] = part.pixels
            boxes.append(part.boxes + np.array([x0, y0, x0, y0], np.float32))
            labels.append(part.labels)
        return Labelled(canvas, np.concatenate(boxes), np.concatenate(labels))

    def picture(self, epoch: int, index: int) -> Labelled:
        """Return sample `index` as epoch `epoch` shows it, `canvas_px` square."""
        rng = np.random.default_rng((self._seed, epoch, index))
        side = self._canvas_px
        if rng.random() < self._spec.mosaic:
            made = self._mosaic(index, rng)
        else:
            made = self._part(index, (side, side), rng)
        return Labelled(
            self._look.through_another_camera(made.pixels, self._spec, rng), made.boxes, made.labels
        )
