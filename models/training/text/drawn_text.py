"""Text as devices burn it into pictures, drawn at random, with the places that it covers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from edge_app.domain.image import Pixels

Mask = NDArray[np.float32]
_COLOURS = ((255, 255, 255), (235, 235, 235), (190, 190, 190), (255, 255, 0), (0, 255, 0),
            (0, 255, 255), (255, 160, 0), (255, 80, 80), (120, 170, 255), (0, 0, 0))  # fmt: skip
_NAMES = ("Quixotina", "Okonjo", "SMITH", "Mueller", "Nguyen", "GARCIA", "Ivanova", "Da Silva",
          "Abebe", "Tanaka", "O'Brien", "KOWALSKI", "Larsen", "Rossi", "Hassan")  # fmt: skip
_WORDS = ("Name:", "Sex:", "Age:", "ID", "DOB", "Patient", "Hospital", "CVP:", "MI 1.1", "TIS 0.4",
          "Gain", "Depth", "cm", "dB", "Hz", "L", "R", "AP", "PA", "Liver", "LEFT", "Right",
          "Clinic", "Dr.", "Scope", "Exam", "No.", "WW", "WL", "kV", "mAs", "Ref.")  # fmt: skip
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_LEAST_CONTRAST = 45.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text that stands in a picture.

    Attributes:
        ink: Where its letters are, as the whole picture's mask of 0 and 1.
        height: Of its letters, in pixels.
        letters: How many there are.
    """

    ink: NDArray[np.bool_]
    height: int
    letters: int


def words(rng: np.random.Generator) -> str:
    """Return what may stand in a picture: a name, a date, a number, a setting."""
    kind = rng.integers(6)
    number = int(rng.integers(10**7))
    if kind == 0:
        return f"{rng.choice(_NAMES)}, {rng.choice(_NAMES)}"
    if kind == 1:
        sign = rng.choice(["/", ".", "-"])
        return f"{number % 28 + 1:02d}{sign}{number % 12 + 1:02d}{sign}{1930 + number % 97}"
    if kind == 2:
        return f"{number % 24:02d}:{number % 60:02d}:{number % 59:02d}"
    if kind == 3:
        return f"{rng.choice(_WORDS)} {number % 10 ** int(rng.integers(1, 8))}"
    if kind == 4:
        letters = rng.choice(list(_LETTERS), int(rng.integers(1, 12)))
        return "".join(letters)
    return " ".join(rng.choice(_WORDS, int(rng.integers(1, 4))))


@cache
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size)


def _typeset(text: str, path: Path, size: int, rng: np.random.Generator) -> Mask:
    """Return the letters alone, 0 to 1; some as coarse dots, as old devices make them."""
    is_coarse = size >= 12 and rng.random() < 0.25
    coarse = int(rng.integers(2, max(3, size // 6 + 1))) if is_coarse else 1
    font = _font(path, max(7, size // coarse))
    left, top, right, bottom = font.getbbox(text)
    picture = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4))
    draw = ImageDraw.Draw(picture)
    draw.fontmode = "1" if is_coarse or rng.random() < 0.2 else "L"
    draw.text((2 - left, 2 - top), text, fill=255, font=font)
    letters = np.asarray(picture, np.float32) / np.float32(255)
    return np.asarray(np.kron(letters, np.ones((coarse, coarse), np.float32)), np.float32)


def _turned(letters: Mask, rng: np.random.Generator) -> Mask:
    chance = rng.random()
    if chance < 0.05:
        return np.ascontiguousarray(np.rot90(letters, int(rng.integers(1, 4))))
    if chance < 0.09:
        return np.ascontiguousarray(letters[:, ::-1])
    if chance < 0.15:
        tilted = Image.fromarray((letters * 255).astype(np.uint8)).rotate(
            float(rng.uniform(-15, 15)), expand=True, resample=Image.Resampling.BILINEAR
        )
        return np.asarray(tilted, np.float32) / np.float32(255)
    return letters


def _readable(colour: NDArray[np.float32], ground: NDArray[np.float32]) -> bool:
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    return bool(abs(float((colour - ground) @ weights)) >= _LEAST_CONTRAST)


def _colour(ground: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a colour that can be read on `ground`."""
    for _ in range(20):
        pick = rng.integers(len(_COLOURS) if rng.random() < 0.9 else 3)
        colour = np.asarray(_COLOURS[pick], np.float32)
        if rng.random() < 0.15:
            colour = rng.uniform(0, 255, 3).astype(np.float32)
        if _readable(colour, ground):
            return colour
    return np.full(3, 255.0 if ground.mean() < 128 else 0.0, np.float32)


def put_line(
    pixels: NDArray[np.float32], fonts: Sequence[Path], size: int, rng: np.random.Generator
) -> Line | None:
    """Draw a line of text somewhere into `pixels` [h, w, 3], in place; None where none fits."""
    text = words(rng)
    letters = _typeset(text, fonts[int(rng.integers(len(fonts)))], size, rng)
    letters = _turned(letters, rng)
    high, wide = letters.shape
    rows, columns = pixels.shape[:2]
    if high >= rows:
        return None
    if wide >= columns:
        letters = letters[:, : columns - 1]
        wide = columns - 1
    y, x = int(rng.integers(rows - high)), int(rng.integers(columns - wide))
    if rng.random() < 0.3:
        x = 1
    place = pixels[y : y + high, x : x + wide]
    _blend(place, letters, rng)
    ink = np.zeros((rows, columns), bool)
    ink[y : y + high, x : x + wide] = letters > 0.35
    return Line(ink, size, len(text)) if ink.any() else None


def _blend(place: NDArray[np.float32], letters: Mask, rng: np.random.Generator) -> None:
    style = rng.random()
    if style < 0.15:  # a plate behind
        place[:] = _colour(place.mean(axis=(0, 1)), rng) if rng.random() < 0.5 else 0
    ground = place[letters > 0.35].mean(axis=0) if (letters > 0.35).any() else place.mean((0, 1))
    colour = _colour(ground, rng)
    if 0.15 <= style < 0.4:  # an edge around
        edge = cv2.dilate(letters, np.ones((3, 3), np.uint8))
        dark = 255.0 - np.round(colour.mean() / 255) * 255.0
        place[:] = place * (1 - edge[..., None]) + dark * edge[..., None]
    strength = float(rng.uniform(0.55, 1.0)) if rng.random() < 0.3 else 1.0
    if rng.random() < 0.25:
        soft = cv2.GaussianBlur(letters, (0, 0), float(rng.uniform(0.3, 0.8)))
        letters = np.asarray(soft, np.float32)
    alpha = letters[..., None] * strength
    place[:] = place * (1 - alpha) + colour * alpha


def put_marks(pixels: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Draw what is no text: lines, ticks, circles, arrows, bright spots."""
    rows, columns = pixels.shape[:2]
    for _ in range(int(rng.integers(1, 5))):
        colour = tuple(float(c) for c in _COLOURS[int(rng.integers(len(_COLOURS)))])
        a = (int(rng.integers(columns)), int(rng.integers(rows)))
        b = (int(rng.integers(columns)), int(rng.integers(rows)))
        thick = int(rng.integers(1, 4))
        kind = rng.integers(4)
        if kind == 0:
            cv2.line(pixels, a, b, colour, thick)
        elif kind == 1:
            axes = (int(rng.integers(3, 60)), int(rng.integers(3, 60)))
            fill = -1 if rng.random() < 0.4 else thick
            cv2.ellipse(pixels, a, axes, float(rng.uniform(0, 180)), 0, 360, colour, fill)
        elif kind == 2:
            cv2.arrowedLine(pixels, a, b, colour, thick)
        else:
            for step in range(0, rows, int(rng.integers(6, 40))):
                cv2.line(pixels, (a[0], step), (a[0] + 4 + thick, step), colour, 1)


def worn(pixels: NDArray[np.float32], rng: np.random.Generator) -> Pixels:
    """Return the picture as it comes out of a device: softened, compressed, noisy."""
    made = pixels
    if rng.random() < 0.3:
        soft = cv2.GaussianBlur(made, (0, 0), float(rng.uniform(0.3, 0.7)))
        made = np.asarray(soft, np.float32)
    if rng.random() < 0.3:
        made = made + rng.normal(0, rng.uniform(1, 8), made.shape).astype(np.float32)
    shown = np.clip(made, 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(45, 96))]
        _, coded = cv2.imencode(".jpg", shown[..., ::-1], quality)
        again = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
        shown = np.ascontiguousarray(again[..., ::-1])
    return np.asarray(shown, np.uint8)
