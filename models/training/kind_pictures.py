"""Pictures as another clinic would have taken them, and drawn ones that are of no kind."""

from dataclasses import dataclass

import cv2
import numpy as np

from edge_app.domain.image import Pixels

SIDE = 160
_WORDS = ("ID", "MI 0.7", "TIB", "R", "L", "DEPTH", "4.0 cm", "GAIN 52", "07:31", "W 400", "kV 55")
_MANY = 7
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Nature:
    """How the pictures of one kind may differ from clinic to clinic.

    Attributes:
        turns: Whether any side may be up.
        tint: Spread of each channel's gain; 0 for grey kinds, whose colour is none.
        inverts: Whether black and white may change places.
        reweighs: Whether another sequence of the scanner gives each tissue another grey.
    """

    turns: bool = True
    tint: float = 0.1
    inverts: bool = False
    reweighs: bool = False


def small(pixels: Pixels) -> Pixels:
    """Return the picture with SIDE as its longer side."""
    scale = SIDE / max(pixels.shape[:2])
    size = (max(8, round(pixels.shape[1] * scale)), max(8, round(pixels.shape[0] * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _moved(pixels: Pixels, nature: Nature, rng: Rng) -> Pixels:
    if rng.random() < 0.6:
        height, width = pixels.shape[:2]
        tall, wide = (rng.uniform(0.55, 1.0, 2) * (height, width)).astype(int)
        top, left = rng.integers(0, height - tall + 1), rng.integers(0, width - wide + 1)
        pixels = pixels[top : top + tall, left : left + wide]
    if rng.random() < 0.5:
        pixels = pixels[:, ::-1]
    if nature.turns and rng.random() < 0.5:
        pixels = np.rot90(pixels, int(rng.integers(1, 4)))
    return np.ascontiguousarray(pixels)


def _framed(pixels: Pixels, rng: Rng) -> Pixels:
    height, width = pixels.shape[:2]
    if rng.random() < 0.3:
        edges = (rng.uniform(0, 0.25, 4) * (height, height, width, width)).astype(int)
        top, bottom, left, right = (int(e) for e in edges * (rng.random(4) < 0.6))
        level = int(rng.integers(0, 16))
        pixels = np.asarray(
            cv2.copyMakeBorder(
                pixels, top, bottom, left, right, cv2.BORDER_CONSTANT, value=(level, level, level)
            ),
            np.uint8,
        )
    if rng.random() < 0.15:
        mask = np.zeros(pixels.shape[:2], np.uint8)
        middle = (pixels.shape[1] // 2, pixels.shape[0] // 2)
        radii = (np.array(middle) * rng.uniform(0.9, 1.25)).astype(int)
        cv2.ellipse(mask, middle, (int(radii[0]), int(radii[1])), 0, 0, 360, 255, -1)
        pixels = pixels * (mask > 0)[..., None]
    return np.asarray(pixels, np.uint8)


def _reweighed(pixels: Pixels, rng: Rng) -> Pixels:
    """Return the slice with other greys for its tissues; air stays black."""
    anchors = np.concatenate([[0.0], np.sort(rng.uniform(20, 255, 5))])
    if rng.random() < 0.4:
        anchors[1:] = rng.permutation(anchors[1:])
    table = np.interp(np.arange(256), (0, 40, 80, 120, 170, 255), anchors)
    return np.asarray(table.astype(np.uint8)[pixels], np.uint8)


def _lit(pixels: Pixels, nature: Nature, rng: Rng) -> Pixels:
    unit = pixels.astype(np.float32) / 255
    if nature.inverts and rng.random() < 0.15:
        unit = 1 - unit
    unit = unit ** np.exp(rng.normal(0, 0.3))
    middle = unit.mean()
    unit = (unit - middle) * np.exp(rng.normal(0, 0.2)) + middle * np.exp(rng.normal(0, 0.2))
    if nature.tint:
        grey = unit.mean(2, keepdims=True)
        unit = grey + (unit - grey) * rng.uniform(0.6, 1.4)
        unit = unit * np.exp(rng.normal(0, nature.tint, 3)).astype(np.float32)
    elif rng.random() < 0.15:
        unit = unit * np.exp(rng.normal(0, 0.02, 3)).astype(np.float32)
    if rng.random() < 0.2:
        y, x = np.mgrid[-1 : 1 : unit.shape[0] * 1j, -1 : 1 : unit.shape[1] * 1j]
        fall = 1 - rng.uniform(0, 0.6) * ((x - rng.normal(0, 0.3)) ** 2 + y**2) / 2
        unit = unit * fall[..., None]
    return np.asarray(np.clip(unit * 255, 0, 255), np.uint8)


def written(pixels: Pixels, rng: Rng, n_words: int) -> Pixels:
    """Return the picture with words in it, as devices burn them in."""
    made = np.ascontiguousarray(pixels).copy()
    height, width = made.shape[:2]
    for _ in range(n_words):
        where = (int(rng.integers(0, width)), int(rng.integers(8, height)))
        level = int(rng.integers(140, 256))
        word = str(rng.choice(_WORDS))
        cv2.putText(made, word, where, cv2.FONT_HERSHEY_SIMPLEX, float(rng.uniform(0.25, 0.5)),
                    (level, level, level), 1, cv2.LINE_AA)  # fmt: skip
    return made


def _squeezed(pixels: Pixels, rng: Rng) -> Pixels:
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 90))])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


def taken(pixels: Pixels, rng: Rng) -> Pixels:
    """Return the picture as a lens, a sensor and a file leave it."""
    if rng.random() < 0.35:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.3, 3.5)), np.uint8)
    if rng.random() < 0.35:
        noise = rng.normal(0, rng.uniform(1, 12), (*pixels.shape[:2], 1))
        pixels = np.asarray(np.clip(pixels + noise, 0, 255), np.uint8)
    if rng.random() < 0.3:
        pixels = _squeezed(pixels, rng)
    return pixels


def varied(pixels: Pixels, nature: Nature, rng: Rng) -> Pixels:
    """Return a small picture of the same kind, as another clinic would have taken it."""
    made = _moved(pixels, nature, rng)
    if nature.reweighs and rng.random() < 0.5:
        made = _reweighed(made, rng)
    made = _framed(_lit(made, nature, rng), rng)
    if rng.random() < 0.3:
        made = written(made, rng, int(rng.integers(1, _MANY)))
    return taken(made, rng)
