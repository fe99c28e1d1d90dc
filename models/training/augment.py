"""Training pictures as another laboratory's stain, lamp, lens and camera would show them."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.recipe import AugmentSpec
from models.training.samples import Sample

Pixels = NDArray[np.uint8]
_SMALLEST_PX = 3.0
_VISIBLE_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Labelled:
    """Pixels (uint8 [h, w, 3], RGB) with their boxes (float32 [n, 4]) and labels (int64 [n])."""

    pixels: Pixels
    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]


def restain(pixels: Pixels, spec: AugmentSpec, rng: np.random.Generator) -> Pixels:
    """Return the smear with other stain strengths and another lamp.

    Light is absorbed by Beer-Lambert's law, so stains add in optical density
    (Ruifrok and Johnston 2001): densities are mixed by a matrix near the identity,
    then put before a background of another brightness and tint.
    """
    background = np.maximum(np.percentile(pixels[::4, ::4].reshape(-1, 3), 90, axis=0), 40.0)
    density = -np.log(np.maximum(pixels.astype(np.float32), 2.0) / background.astype(np.float32))
    strength = np.exp(rng.normal(0, spec.stain, size=1) + rng.normal(0, spec.stain / 2, size=3))
    mix = np.diag(np.clip(strength, 0.35, 2.2)) + rng.normal(0, spec.stain / 4, size=(3, 3))
    level = rng.uniform(150, 250)
    lamp = level * np.clip(1 + rng.normal(0, spec.tint, size=3), 0.7, 1.25)
    lit = lamp.astype(np.float32) * np.exp(-(density @ mix.T.astype(np.float32)))
    return np.clip(lit, 0, 255).astype(np.uint8)


def _vignette(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    h, w = pixels.shape[:2]
    cx, cy = rng.uniform(0.3, 0.7, size=2)
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    distance2 = ((xx / w - cx) ** 2 + (yy / h - cy) ** 2)[..., None]
    return (pixels * (1 - rng.uniform(0.1, 0.6) * distance2)).astype(np.uint8)


def _resampled(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    h, w = pixels.shape[:2]
    f = rng.uniform(0.45, 0.85)
    small = cv2.resize(
        pixels, (max(8, int(w * f)), max(8, int(h * f))), interpolation=cv2.INTER_AREA
    )
    return np.asarray(cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR), np.uint8)


def _jpeg(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 90))]
    _, encoded = cv2.imencode(".jpg", pixels, quality)
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


def _sharpened(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    soft = cv2.GaussianBlur(pixels, (0, 0), 1.5)
    amount = rng.uniform(0.3, 1.0)
    return np.asarray(cv2.addWeighted(pixels, 1 + amount, soft, -amount, 0), np.uint8)


def _refocused(
    pixels: Pixels, spec: AugmentSpec, chance: float, rng: np.random.Generator
) -> Pixels:
    if chance < 0.35:
        sigma = rng.uniform(0.3, spec.blur_px)
        return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)
    return _sharpened(pixels, rng) if chance < 0.5 else pixels


def _dried(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Return the smear with drying artefacts: bright spots in dark rings, without any dye.

    They sit on red cells and look like texture; only a nucleus takes the dye.
    """
    h, w = pixels.shape[:2]
    change = np.ones((h, w), np.float32)
    for _ in range(int(rng.integers(1, 9))):
        radius = rng.uniform(1.5, 10.0)
        half = int(radius * 2) + 3
        x, y = (int(v) for v in rng.uniform(0, (w, h)))
        x0, x1, y0, y1 = max(x - half, 0), min(x + half, w), max(y - half, 0), min(y + half, h)
        stretch = rng.uniform(0.6, 1.6)
        yy, xx = np.mgrid[y0:y1, x0:x1].astype(np.float32)
        away = np.hypot((xx - x) * stretch, (yy - y) / stretch) / radius
        spot = rng.uniform(-0.4, 0.7) * np.exp(-((away / rng.uniform(0.35, 0.8)) ** 2))
        ring = rng.uniform(0.1, 0.6) * np.exp(-(((away - 1) / rng.uniform(0.15, 0.4)) ** 2))
        change[y0:y1, x0:x1] *= np.maximum(1 + spot - ring, 0.1).astype(np.float32)
    return np.clip(pixels * change[..., None], 0, 255).astype(np.uint8)


def through_another_camera(pixels: Pixels, spec: AugmentSpec, rng: np.random.Generator) -> Pixels:
    """Return the picture with another lens, sensor and file format: blur, noise, JPEG."""
    chance = rng.random(7)
    if chance[6] < spec.dried:
        pixels = _dried(pixels, rng)
    if chance[0] < 0.2:
        pixels = _vignette(pixels, rng)
    pixels = _refocused(pixels, spec, chance[1], rng)
    if chance[2] < 0.2:
        pixels = _resampled(pixels, rng)
    if chance[3] < 0.3:
        noise = rng.standard_normal(pixels.shape, dtype=np.float32) * rng.uniform(2, 10)
        pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    if chance[4] < 0.3:
        pixels = _jpeg(pixels, rng)
    if chance[5] < 0.05:
        pixels = np.repeat(pixels.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    return pixels


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
    def of(sample: Sample) -> "_Source":
        levels = [sample.pixels()]
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


def _placement(
    picture: tuple[int, int],
    size: tuple[int, int],
    canvas_px: int,
    spec: AugmentSpec,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the 2x3 matrix that turns, scales and shifts a picture (w, h) onto `size` (w, h)."""
    turn = _DIHEDRAL[int(rng.integers(8))]
    low, high = np.log(spec.scale)
    scale = np.exp(rng.uniform(low, high)) * canvas_px / max(picture)
    stretch = np.exp(rng.uniform(-1, 1) * np.log(spec.aspect) / 2)
    matrix = np.diag([scale * stretch, scale / stretch]) @ turn
    corners = np.array([[0, 0], picture], np.float64) @ matrix.T
    first, extent = corners.min(axis=0), np.ptp(corners, axis=0)
    room = np.array(size) - extent
    shift = rng.uniform(np.minimum(0, room), np.maximum(0, room) + 1e-9) - first
    return np.concatenate([matrix, shift[:, None]], axis=1)


def _pasted(
    source: _Source,
    size: tuple[int, int],
    canvas_px: int,
    spec: AugmentSpec,
    rng: np.random.Generator,
) -> Labelled:
    """Return the picture turned, scaled at random and cut or padded to `size` (width, height)."""
    h, w = source.levels[0].shape[:2]
    matrix = _placement((w, h), size, canvas_px, spec, rng)
    scale = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    level = int(np.clip(np.floor(-np.log2(scale) + 0.25), 0, len(source.levels) - 1))
    grown = matrix * np.array([2.0**level, 2.0**level, 1.0])
    pixels = cv2.warpAffine(
        source.levels[level], grown, size, flags=cv2.INTER_LINEAR, borderValue=(114, 114, 114)
    )
    corners = source.boxes.reshape(-1, 2) @ matrix[:, :2].T + matrix[:, 2]
    pairs = corners.reshape(-1, 2, 2)
    moved = np.concatenate([pairs.min(axis=1), pairs.max(axis=1)], axis=1).astype(np.float32)
    boxes, labels = _clipped(moved, source.labels, *size)
    return Labelled(np.asarray(pixels, np.uint8), boxes, labels)


class Augmenter:
    """Makes training pictures; the same (seed, epoch, index) gives the same picture."""

    def __init__(self, samples: list[Sample], canvas_px: int, spec: AugmentSpec, seed: int) -> None:
        """Read every picture into memory once."""
        self._sources = [_Source.of(s) for s in samples]
        self._canvas_px = canvas_px
        self._spec = spec
        self._seed = seed

    def _part(self, index: int, size: tuple[int, int], rng: np.random.Generator) -> Labelled:
        part = _pasted(self._sources[index], size, self._canvas_px, self._spec, rng)
        if rng.random() < 0.85:
            return Labelled(restain(part.pixels, self._spec, rng), part.boxes, part.labels)
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
            through_another_camera(made.pixels, self._spec, rng), made.boxes, made.labels
        )
