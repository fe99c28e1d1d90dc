"""A picture as another clinic's camera or scanner would show it, with what it writes over it."""

import cv2
import numpy as np

from models.training.camera import Pixels, jpeg, resampled, sharpened
from models.training.recipe import AugmentSpec

_MAP_GREEN = (60, 255, 60)
_LETTERS = np.array(list("ABCDEFGHIKLMNOPRSTUVXYZ0123456789:/.-<>"))


def recoloured(pixels: Pixels, spec: AugmentSpec, rng: np.random.Generator) -> Pixels:
    """Return the picture with another tone curve, lamp, hue and saturation."""
    gamma = np.exp(rng.normal(0, spec.tone))
    contrast = np.exp(rng.normal(0, spec.tone * 0.7))
    shift = rng.normal(0, spec.tone * 0.2)
    gains = np.exp(rng.normal(0, spec.tint, size=3))
    level = np.linspace(0, 1, 256) ** gamma
    curve = np.clip((level - 0.4) * contrast + 0.4 + shift * level, 0, 1)
    table = np.clip(curve[:, None] * gains * 255, 0, 255).astype(np.uint8)
    toned = np.asarray(cv2.LUT(pixels, table[None]), np.uint8)
    if spec.hue_deg == 0:
        return toned
    hsv = cv2.cvtColor(toned, cv2.COLOR_RGB2HSV_FULL)
    turned = (np.arange(256) + round(rng.normal(0, spec.hue_deg) * 256 / 360)) % 256
    rich = np.clip(np.arange(256) * np.exp(rng.normal(0, spec.hue_deg / 30)), 0, 255)
    table = np.stack([turned, rich, np.arange(256)], axis=1).astype(np.uint8)
    return np.asarray(cv2.cvtColor(cv2.LUT(hsv, table[None]), cv2.COLOR_HSV2RGB_FULL), np.uint8)


def overwritten(pixels: Pixels) -> Pixels:
    """Return an endoscope's frame with the green position map in its corner painted black.

    The map is any large patch of pure green in the lower left; tissue has none.
    """
    h, w = pixels.shape[:2]
    corner = pixels[h // 2 :, : w // 2].astype(np.int16)
    red, green, blue = corner[..., 0], corner[..., 1], corner[..., 2]
    is_map = (green > 70) & (green > red + 40) & (green > blue + 40)
    if is_map.mean() < 0.01:
        return pixels
    rows, columns = np.nonzero(is_map)
    y0, y1 = h // 2 + int(rows.min()), h // 2 + int(rows.max())
    x0, x1 = int(columns.min()), int(columns.max())
    changed = pixels.copy()
    changed[max(0, y0 - 4) : y1 + 5, max(0, x0 - 4) : x1 + 5] = 0
    return changed


def _shaded(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    h, w = pixels.shape[:2]
    coarse = np.exp(rng.normal(0, 0.3, size=(4, 4))).astype(np.float32)
    field = cv2.resize(coarse, (w, h), interpolation=cv2.INTER_CUBIC)
    return np.clip(pixels * field[..., None], 0, 255).astype(np.uint8)


def _glaring(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    h, w = pixels.shape[:2]
    light = np.zeros((h, w), np.float32)
    for _ in range(int(rng.integers(2, 20))):
        at = tuple(int(v) for v in rng.uniform(0, (w, h)))
        axes = tuple(int(v) for v in rng.uniform(1, 7, size=2))
        cv2.ellipse(light, at, axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1)
    soft = np.clip(cv2.GaussianBlur(light, (0, 0), rng.uniform(0.5, 1.5)), 0, 1)[..., None]
    return (pixels + (255.0 - pixels) * soft).astype(np.uint8)


def _framed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Return the picture inside an endoscope's octagon, or with a black box in a corner."""
    h, w = pixels.shape[:2]
    changed = pixels.copy()
    if rng.random() < 0.4:
        cut = int(rng.uniform(0.1, 0.28) * min(h, w))
        for x, y, dx, dy in ((0, 0, 1, 1), (w, 0, -1, 1), (0, h, 1, -1), (w, h, -1, -1)):
            points = np.array([[x, y], [x + dx * cut, y], [x, y + dy * cut]], np.int32)
            cv2.fillPoly(changed, [points], (0, 0, 0))
    bw, bh = (int(v) for v in rng.uniform(0.15, 0.33, size=2) * (w, h))
    x0, y0 = (0 if rng.random() < 0.6 else w - bw), (h - bh if rng.random() < 0.7 else 0)
    shade = 0 if rng.random() < 0.8 else int(rng.integers(0, 90))
    cv2.rectangle(changed, (x0, y0), (x0 + bw, y0 + bh), (shade, shade, shade), -1)
    if rng.random() < 0.4:
        cv2.rectangle(changed, (x0 + 3, y0 + 3), (x0 + bw - 3, y0 + bh - 3), _MAP_GREEN, -1)
        centre, axes = (x0 + bw // 2, y0 + bh // 2), (max(2, bw // 4), max(2, bh // 4))
        cv2.ellipse(changed, centre, axes, 0, 0, 300, (20, 90, 20), max(1, bw // 12))
    return changed


def _written(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    h, w = pixels.shape[:2]
    changed = pixels.copy()
    x, y = int(rng.uniform(0, 0.8) * w), int(rng.uniform(0.05, 0.8) * h)
    size = rng.uniform(0.25, 0.7)
    ink = ((255, 255, 255), (255, 255, 0), (200, 200, 200), (120, 255, 255))[int(rng.integers(4))]
    for line in range(int(rng.integers(1, 8))):
        text = "".join(rng.choice(_LETTERS, size=int(rng.integers(2, 12))))
        at = (x, y + int(line * size * 30))
        cv2.putText(changed, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, ink, 1, cv2.LINE_AA)
    return changed


def _equalized(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    grid = int(rng.integers(2, 9))
    clahe = cv2.createCLAHE(float(rng.uniform(1, 4)), (grid, grid))
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)
    lab[..., 0] = clahe.apply(lab[..., 0])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)


def _speckled(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    h, w = pixels.shape[:2]
    grain = rng.standard_normal((h, w), dtype=np.float32)
    soft = np.asarray(cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.5, 1.5)), np.float32)
    strength = rng.uniform(0.05, 0.35) / max(float(soft.std()), 1e-6)
    return np.clip(pixels * (1 + strength * soft[..., None]), 0, 255).astype(np.uint8)


def _inverted(pixels: Pixels, _: np.random.Generator) -> Pixels:
    return np.asarray(255 - pixels, np.uint8)


def _noisy(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    noise = rng.standard_normal(pixels.shape[:2], dtype=np.float32) * rng.uniform(2, 12)
    return np.clip(pixels + noise[..., None], 0, 255).astype(np.uint8)


def _grey(pixels: Pixels, _: np.random.Generator) -> Pixels:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)


def _refocused(pixels: Pixels, spec: AugmentSpec, rng: np.random.Generator) -> Pixels:
    kind = rng.random()
    if kind < 0.55:
        sigma = rng.uniform(0.3, spec.blur_px)
        return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)
    if kind < 0.8:
        return sharpened(pixels, rng)
    length = int(rng.integers(3, 10))  # the hand moved
    kernel = np.zeros((length, length), np.float32)
    if rng.random() < 0.5:
        kernel[length // 2] = 1 / length
    else:
        kernel[:, length // 2] = 1 / length
    return np.asarray(cv2.filter2D(pixels, -1, kernel), np.uint8)


def through_another_camera(pixels: Pixels, spec: AugmentSpec, rng: np.random.Generator) -> Pixels:
    """Return the picture with other light, lens and sensor, things drawn on it, and as JPEG."""
    steps = (
        (spec.equalized, _equalized),
        (spec.shading, _shaded),
        (spec.glare, _glaring),
        (spec.speckle, _speckled),
        (spec.writing, _framed),
        (spec.writing, _written),
        (spec.inverted, _inverted),
    )
    for share, step in steps:
        if share > 0 and rng.random() < share:
            pixels = step(pixels, rng)
    if rng.random() < 0.4:
        pixels = _refocused(pixels, spec, rng)
    for share, step in ((0.2, resampled), (0.25, _noisy), (0.3, jpeg), (0.04, _grey)):
        if rng.random() < share:
            pixels = step(pixels, rng)
    return pixels
