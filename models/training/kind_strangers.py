"""Drawn pictures that no detector was made for: noise, pages, scenes, and kinds gone wrong."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.image import Pixels
from models.training.kind_pictures import SIDE, Rng, written

Palette = NDArray[np.float64]


def _size(rng: Rng) -> tuple[int, int]:
    return int(rng.integers(SIDE // 2, SIDE + 1)), int(rng.integers(SIDE // 2, SIDE + 1))


def noise(rng: Rng) -> Pixels:
    """Return noise of any colour, fineness and slope."""
    height, width = _size(rng)
    grain = int(rng.choice([1, 1, 2, 4, 16]))
    channels = int(rng.choice([1, 3]))
    coarse = rng.normal(0, 1, (height // grain + 1, width // grain + 1, channels))
    made = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    made = made.reshape(height, width, channels)
    if rng.random() < 0.3:
        made = made + np.linspace(-2, 2, width)[None, :, None] * rng.normal(0, 1, 3)
    made = rng.uniform(30, 220) + made * rng.uniform(10, 90)
    return np.asarray(np.clip(made + np.zeros(3), 0, 255), np.uint8)


def page(rng: Rng) -> Pixels:
    """Return a page of text, light or dark, with lines, boxes or a plot."""
    height, width = _size(rng)
    is_dark = rng.random() < 0.25
    ground = rng.integers(0, 40, 3) if is_dark else rng.integers(200, 256, 3)
    made = np.full((height, width, 3), ground, np.uint8)
    ink = (230, 230, 230) if is_dark else tuple(int(v) for v in rng.integers(0, 90, 3))
    step = int(rng.integers(7, 24))
    for y in range(step, height, step):
        x = int(rng.integers(0, width // 4))
        while x < width - 4 and rng.random() < 0.93:
            word = "".join(chr(97 + c) for c in rng.integers(0, 26, int(rng.integers(1, 9))))
            cv2.putText(
                made, word, (x, y), cv2.FONT_HERSHEY_SIMPLEX, step / 34, ink, 1, cv2.LINE_AA
            )
            x += int((len(word) + 1) * step * 0.55)
    for _ in range(int(rng.integers(0, 4))):
        a, b = rng.integers(0, (width, height)), rng.integers(0, (width, height))
        cv2.rectangle(made, tuple(map(int, a)), tuple(map(int, b)), ink, int(rng.integers(1, 3)))
    return made


def _leaf(made: Pixels, radius: float, rng: Rng, palette: Palette) -> None:
    height, width = made.shape[:2]
    middle = rng.uniform(0, (width, height))
    colour = palette[rng.integers(len(palette))] + rng.normal(0, 12, 3)
    fill = tuple(int(v) for v in np.clip(colour, 0, 255))
    if rng.random() < 0.5:
        corners = rng.normal(0, radius, (int(rng.integers(3, 7)), 2)) + middle
        cv2.fillPoly(made, [cv2.convexHull(corners.astype(np.int32))], fill, cv2.LINE_AA)
    else:
        axes = (max(1, int(radius)), max(1, int(radius * rng.uniform(0.3, 1))))
        where, turn = (int(middle[0]), int(middle[1])), float(rng.uniform(0, 180))
        cv2.ellipse(made, where, axes, turn, 0, 360, fill, -1, cv2.LINE_AA)


def _light(made: Pixels, rng: Rng) -> Pixels:
    height, width = made.shape[:2]
    light = cv2.resize(rng.normal(1, 0.25, (3, 3)).astype(np.float32), (width, height))
    grain = rng.normal(0, rng.uniform(0, 14), (height, width, 1))
    return np.asarray(np.clip(made * light[..., None] + grain, 0, 255), np.uint8)


def scene(rng: Rng, palette: Palette | None = None) -> Pixels:
    """Return a scene of things that hide each other, with the edges that photographs have.

    The dead leaves model: Lee, Mumford and Huang, IJCV 41, 2001.

    Args:
        rng: Draws it.
        palette: Colours [n, 3] of the things; any, where it is None.
    """
    height, width = _size(rng)
    if palette is None:
        palette = rng.uniform(0, 255, (int(rng.integers(2, 9)), 3))
        if rng.random() < 0.4:
            palette = np.repeat(palette.mean(1, keepdims=True), 3, 1)
    made = np.full((height, width, 3), palette[0], np.uint8)
    largest = rng.uniform(0.1, 0.5) * SIDE
    for _ in range(int(rng.integers(5, 160))):
        _leaf(made, largest * rng.power(0.5) + 1, rng, palette)
    if rng.random() < 0.3:
        made = np.asarray(cv2.GaussianBlur(made, (0, 0), rng.uniform(1, 12)), np.uint8)
        for _ in range(int(rng.integers(0, 30))):
            _leaf(made, 0.4 * largest * rng.power(0.5) + 1, rng, palette)
    return _light(made, rng)


def in_colours_of(pixels: Pixels, rng: Rng) -> Pixels:
    """Return a scene in the colours of a picture: only what is in it tells it apart."""
    flat = pixels.reshape(-1, 3)
    palette = flat[rng.integers(0, len(flat), int(rng.integers(3, 12)))].astype(np.float64)
    if rng.random() < 0.5:
        palette[: len(palette) // 3] = rng.uniform(0, 255, (len(palette) // 3, 3))
    return scene(rng, palette)


def too_near(pixels: Pixels, rng: Rng) -> Pixels:
    """Return a scrap of a picture, so large that nobody knows what it is of."""
    height, width = pixels.shape[:2]
    side = max(8, int(min(height, width) * rng.uniform(0.1, 0.22)))
    for _ in range(20):
        y, x = int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))
        scrap = pixels[y : y + side, x : x + side]
        if scrap.std() > 12:
            break
    return np.asarray(cv2.resize(scrap, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), np.uint8)


def as_bone_window(pixels: Pixels, rng: Rng) -> Pixels:
    """Return a head as CT shows it: white skull, hardly any contrast within."""
    grey = np.ascontiguousarray(pixels[..., 0])
    shapes, _ = cv2.findContours((grey > 25).astype(np.uint8), cv2.RETR_EXTERNAL,
                                 cv2.CHAIN_APPROX_SIMPLE)  # fmt: skip
    if not shapes:
        return slice_of_nothing(rng)
    head = np.zeros_like(grey)
    cv2.fillPoly(head, [cv2.convexHull(max(shapes, key=cv2.contourArea))], 1)
    thick = int(rng.integers(7, 19)) | 1
    brain = cv2.erode(head, np.ones((thick, thick), np.uint8))
    made = brain * (rng.uniform(40, 150) + grey * rng.uniform(0.02, 0.25))
    made[(head > 0) & (brain == 0)] = 255
    holes = cv2.resize(rng.normal(0, 1, (12, 12)).astype(np.float32), grey.shape[::-1])
    made[(holes > rng.uniform(1.2, 2.5)) & (brain > 0)] = 255
    return np.asarray(np.repeat(np.clip(made, 0, 255)[..., None], 3, 2), np.uint8)


def slice_of_nothing(rng: Rng) -> Pixels:
    """Return grey ellipses on black: a slice through no body, as of CT or a dose plan."""
    height, width = _size(rng)
    made = np.zeros((height, width, 3), np.uint8)
    middle = np.array([width, height]) / 2
    body = middle * rng.uniform(0.5, 1.05, 2)
    level = int(rng.integers(40, 200))
    cv2.ellipse(made, tuple(map(int, middle)), tuple(map(int, body)), 0, 0, 360, (level,) * 3, -1)
    for _ in range(int(rng.integers(3, 40))):
        at = middle + rng.uniform(-0.8, 0.8, 2) * body
        axes = [max(2, int(v)) for v in body * rng.uniform(0.02, 0.45, 2)]
        shade = int(np.clip(level + rng.normal(0, 60), 0, 255))
        where, turn = (int(at[0]), int(at[1])), float(rng.uniform(0, 180))
        cv2.ellipse(made, where, axes, turn, 0, 360, (shade,) * 3, -1, cv2.LINE_AA)
    grain = rng.normal(0, rng.uniform(0, 16), (height, width, 1))
    return np.asarray(np.clip(made + grain, 0, 255), np.uint8)


def _torn(pixels: Pixels, rng: Rng) -> Pixels:
    """Return the picture's pieces in any order."""
    pieces = int(rng.integers(3, 8))
    rows, columns = pixels.shape[0] // pieces, pixels.shape[1] // pieces
    cut = pixels[: rows * pieces, : columns * pieces]
    parts = cut.reshape(pieces, rows, pieces, columns, 3).transpose(0, 2, 1, 3, 4)
    mixed = rng.permutation(parts.reshape(-1, rows, columns, 3))
    parts = mixed.reshape(pieces, pieces, rows, columns, 3).transpose(0, 2, 1, 3, 4)
    return np.ascontiguousarray(parts.reshape(cut.shape))


def _recoloured(pixels: Pixels, rng: Rng) -> Pixels:
    """Return grey levels as colours."""
    ramp = rng.uniform(0, 255, (5, 3)).astype(np.float32)
    table = cv2.resize(ramp.reshape(5, 1, 3), (1, 256)).reshape(256, 3)
    return np.asarray(table[pixels[..., 0]], np.uint8)


def _miscoloured(pixels: Pixels, rng: Rng) -> Pixels:
    """Return a coloured picture in grey, as a negative, or with its channels exchanged."""
    way = int(rng.integers(4))
    if way == 0:
        return np.asarray(255 - pixels, np.uint8)
    if way == 1:
        return np.asarray(pixels[..., ::-1], np.uint8)
    return np.asarray(np.repeat(pixels.mean(2, keepdims=True), 3, 2), np.uint8)


_GREY = ("US", "MR", "DX")
_CLOSE_IS_USUAL = ("ES", "OP", "US")


def spoilt_kind(pixels: Pixels, modality: str, rng: Rng) -> Pixels:
    """Return a picture of some kind that is so no more: torn, miscoloured, too near, or another's.

    Args:
        pixels: A small picture.
        modality: DICOM's code; what is usual for one is strange for another.
        rng: Chooses and draws.
    """
    way = int(rng.integers(6))
    if way == 0:
        torn = _torn(pixels, rng)
        return torn if modality in _GREY else np.roll(torn, 1, axis=2)
    if way == 1:
        return _recoloured(pixels, rng) if modality in _GREY else _miscoloured(pixels, rng)
    if modality == "MR" and way in (2, 3):
        return as_bone_window(pixels, rng)
    if modality not in _CLOSE_IS_USUAL and way in (4, 5):
        return too_near(pixels, rng)
    return in_colours_of(pixels, rng)


def stranger(rng: Rng) -> Pixels:
    """Return one drawn picture of no kind."""
    draw = (noise, page, scene, scene, slice_of_nothing)[int(rng.integers(5))]
    made = draw(rng)
    return written(made, rng, int(rng.integers(1, 5))) if rng.random() < 0.1 else made
