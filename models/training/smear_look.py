"""A stained smear as another laboratory's stain, lamp, lens and camera would show it."""

import cv2
import numpy as np

from models.training.camera import Pixels, jpeg, resampled, sharpened
from models.training.recipe import AugmentSpec


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


def _refocused(
    pixels: Pixels, spec: AugmentSpec, chance: float, rng: np.random.Generator
) -> Pixels:
    if chance < 0.35:
        sigma = rng.uniform(0.3, spec.blur_px)
        return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)
    return sharpened(pixels, rng) if chance < 0.5 else pixels


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
        pixels = resampled(pixels, rng)
    if chance[3] < 0.3:
        noise = rng.standard_normal(pixels.shape, dtype=np.float32) * rng.uniform(2, 10)
        pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    if chance[4] < 0.3:
        pixels = jpeg(pixels, rng)
    if chance[5] < 0.05:
        pixels = np.repeat(pixels.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    return pixels
