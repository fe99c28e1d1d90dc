"""Drawn pictures of each kind that a detector reads: ours to publish, like enough to be marked."""

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.image import Pixels

_WIDTH, _HEIGHT = 320, 256
Field = NDArray[np.float32]


def _mottle(rng: np.random.Generator, grain_px: float, strength: float) -> Field:
    """Return smooth noise of standard deviation `strength`, [h, w]."""
    noise = rng.standard_normal((_HEIGHT, _WIDTH), dtype=np.float32)
    soft = np.asarray(cv2.GaussianBlur(noise, (0, 0), grain_px), np.float32)
    return np.asarray(soft * (strength / max(float(soft.std()), 1e-6)), np.float32)


def _blob(at: tuple[float, float], radii: tuple[float, float], edge: float) -> Field:
    """Return an ellipse, 1 inside and 0 outside, with an edge `edge` of its radius wide."""
    yy, xx = np.mgrid[0:_HEIGHT, 0:_WIDTH].astype(np.float32)
    away = np.hypot((xx - at[0]) / radii[0], (yy - at[1]) / radii[1])
    return np.asarray(np.clip((1 - away) / edge + 0.5, 0, 1), np.float32)


def _dome(at: tuple[float, float], radii: tuple[float, float]) -> Field:
    """Return the light on a dome that is lit from above and the left, 0 outside."""
    yy, xx = np.mgrid[0:_HEIGHT, 0:_WIDTH].astype(np.float32)
    x, y = (xx - at[0]) / radii[0], (yy - at[1]) / radii[1]
    high = np.sqrt(np.clip(1 - x * x - y * y, 0, 1))
    return np.asarray(np.clip(0.55 * high - 0.35 * x - 0.45 * y + 0.35, 0, 1.3), np.float32)


def _painted(grey: Field, colour: Sequence[float]) -> Pixels:
    return np.clip(grey[..., None] * np.array(colour, np.float32), 0, 255).astype(np.uint8)


def _grey(field: Field) -> Pixels:
    return _painted(field, (1.0, 1.0, 1.0))


def endoscopy(seed: int, polyps: Sequence[tuple[float, float, float]]) -> Pixels:
    """Return a gut with folds and, at each (x, y, radius), a lit dome with a shadow below it."""
    rng = np.random.default_rng(seed)
    lumen = _blob((330, 10), (230, 180), 1.6)
    light = 0.85 - 0.65 * lumen + _mottle(rng, 24, 0.06) + _mottle(rng, 2, 0.012)
    for k in range(3):
        ring = _blob((345, -10), (110 + 60 * k, 95 + 55 * k), 0.10)
        light = light - 0.10 * np.asarray(cv2.GaussianBlur(ring * (1 - ring) * 4, (0, 0), 2.0))
    picture = _painted(np.asarray(light * 215, np.float32), (1.0, 0.56, 0.44)).astype(np.float32)
    for x, y, r in polyps:
        shadow = _blob((x + r * 0.15, y + r * 0.3), (r * 1.12, r * 1.05), 0.5)[..., None]
        picture *= 1 - 0.5 * shadow
        inside = _blob((x, y), (r, r * 0.9), 0.08)[..., None]
        bump = _dome((x, y), (r * 1.02, r * 0.92)) + _mottle(rng, 3, 0.05)
        skin = _painted(np.asarray(bump * 215, np.float32), (1.0, 0.52, 0.42))
        picture = picture * (1 - inside) + skin * inside
        for _ in range(4):
            gx, gy = rng.uniform(-0.5, 0.2, size=2) * r
            spot = _blob((x + gx, y + gy), (rng.uniform(1, 3), rng.uniform(1, 3)), 0.5)
            picture += (255 - picture) * spot[..., None]
    return np.clip(picture, 0, 255).astype(np.uint8)


def retina(
    seed: int,
    exudates: Sequence[tuple[float, float]],
    bleedings: Sequence[tuple[float, float]],
) -> Pixels:
    """Return the back of an eye with disc and vessels, yellow specks and dark red blots."""
    rng = np.random.default_rng(seed)
    light = 0.62 + _mottle(rng, 30, 0.05) + _mottle(rng, 1.5, 0.01)
    light = np.asarray(light - 0.18 * _blob((130, 135), (45, 40), 1.6), np.float32)
    picture = _painted(light * 235, (1.0, 0.50, 0.17)).astype(np.float32)
    vessels = np.zeros((_HEIGHT, _WIDTH), np.float32)
    for bend in (-80, -45, -20, 20, 45, 80):
        points = [
            (int(232 - t * 200), int(120 + bend * np.sin(t * 2.2) + 8 * np.sin(9 * t + bend)))
            for t in np.linspace(0, 1, 24)
        ]
        cv2.polylines(vessels, [np.array(points, np.int32)], isClosed=False, color=1.0, thickness=2)
    picture *= (1 - 0.4 * cv2.GaussianBlur(vessels, (0, 0), 0.8))[..., None]
    disc = (_blob((236, 120), (19, 21), 0.25) * 0.8)[..., None]
    picture = picture * (1 - disc) + np.array((250, 205, 120), np.float32) * disc
    for colour, places, size in (
        ((245, 225, 110), exudates, 3.0),
        ((95, 20, 12), bleedings, 6.0),
    ):
        for x, y in places:
            for _ in range(7 if size < 5 else 2):
                dx, dy = rng.normal(0, 7 if size < 5 else 2, size=2)
                radii = (size * rng.uniform(0.6, 1.3), size * rng.uniform(0.6, 1.3))
                spot = (_blob((x + dx, y + dy), radii, 0.5) * 0.85)[..., None]
                picture = picture * (1 - spot) + np.array(colour, np.float32) * spot
    picture *= _blob((160, 128), (140, 140), 0.03)[..., None]
    return np.clip(picture, 0, 255).astype(np.uint8)


def ultrasound(
    seed: int,
    vessels: Sequence[tuple[float, float, float]],
    nerves: Sequence[tuple[float, float, float]],
) -> Pixels:
    """Return layered tissue in speckle with black vessels and honeycombed bright nerves."""
    rng = np.random.default_rng(seed)
    yy = np.mgrid[0:_HEIGHT, 0:_WIDTH][0].astype(np.float32)
    layers = np.sin((yy + 160 * _mottle(rng, 40, 0.1)) / 5.5) * np.exp(-yy / 60)
    echo = 0.34 + 0.22 * layers - 0.20 * yy / _HEIGHT + _mottle(rng, 12, 0.05)
    for x, y, r in nerves:
        inside = _blob((x, y), (r * 1.4, r), 0.3)
        echo = echo * (1 - inside) + inside * (0.62 + _mottle(rng, 1.8, 0.2))
    for x, y, r in vessels:
        wall = _blob((x, y), (r * 1.12, r), 0.15)
        echo = echo * (1 - wall) + wall * 0.06
        echo = echo + 0.35 * _blob((x, y + r * 1.05), (r * 0.8, r * 0.16), 0.8)
    speckle = np.abs(1 + _mottle(rng, 0.9, 0.3))
    return _grey(np.asarray(np.clip(echo, 0.02, 1) * speckle * 210, np.float32))


def brain_slice(seed: int, tumours: Sequence[tuple[float, float, float]]) -> Pixels:
    """Return an axial slice of a head: scalp, skull, brain, ventricles, bright round masses."""
    rng = np.random.default_rng(seed)
    head = _blob((160, 128), (98, 118), 0.03)
    skull = _blob((160, 128), (88, 108), 0.04)
    brain = _blob((160, 128), (82, 102), 0.04)
    folds = np.abs(_mottle(rng, 4, 1.0)) < 0.35
    tissue = (
        0.36 + 0.05 * _mottle(rng, 9, 1.0) - 0.09 * folds * (1 - _blob((160, 128), (58, 76), 0.4))
    )
    field = 0.75 * (head - skull) + 0.03 * (skull - brain) + brain * tissue
    for side in (-1, 1):
        horn = _blob((160 + 13 * side, 120), (8, 30), 0.3)
        field = field * (1 - horn) + 0.10 * horn
    for x, y, r in tumours:
        mass = _blob((x, y), (r, r * 0.92), 0.15)
        field = field * (1 - mass) + mass * (0.82 + _mottle(rng, 3, 0.05))
    return _grey(np.asarray(np.clip(field, 0, 1) * 225 + 4, np.float32))


def film(seed: int, breaks: Sequence[tuple[float, float]]) -> Pixels:
    """Return a forearm's two bones on a film; at each (bone, place 0 to 1) one is broken."""
    rng = np.random.default_rng(seed)
    soft = _blob((160, 128), (190, 70), 0.3) * 0.28
    field = 0.05 + soft + _mottle(rng, 20, 0.01)
    for number, middle in enumerate((104, 152)):
        shaft = np.zeros((_HEIGHT, _WIDTH), np.float32)
        cracks = [place for bone, place in breaks if int(bone) == number]
        ends = [0.0, *cracks, 1.0]
        for part, (start, stop) in enumerate(pairwise(ends)):
            tilt = 10 * part
            a = (int(20 + 280 * start) + 2 * part, middle + tilt)
            b = (int(20 + 280 * stop) - 2, middle + tilt - 7 * part)
            cv2.line(shaft, a, b, 1.0, 24)
            cv2.line(shaft, a, b, 0.55, 11)
        field = field + 0.5 * np.asarray(cv2.GaussianBlur(shaft, (0, 0), 1.4))
    field = field + _mottle(rng, 0.8, 0.012)
    return _grey(np.asarray(np.clip(field, 0, 1) * 245, np.float32))
