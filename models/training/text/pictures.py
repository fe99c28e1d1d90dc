"""Real pictures of every folder, split by group, and crops of them with text drawn in."""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.domain.image import Pixels
from models.training.text.drawn_text import Line, put_line, put_marks, worn

FOLDERS = ("blood", "brain", "fracture", "fundus", "polyp", "ultrasound")
WITH_TEXT = frozenset({"fracture"})
"""Folders whose pictures hold text of their own, anywhere, which nobody marked."""
STRIDE = 4
_SMALLEST, _LARGEST = 8, 44


@dataclass(frozen=True, slots=True)
class RealPicture:
    """One picture of the data set."""

    path: Path
    folder: str
    is_judged: bool

    def pixels(self) -> Pixels:
        """Return it as uint8 [h, w, 3], RGB."""
        read = cv2.imread(str(self.path), cv2.IMREAD_COLOR)
        if read is None:
            raise FileNotFoundError(self.path.name)
        return np.asarray(np.ascontiguousarray(read[..., ::-1]), np.uint8)

    def without_text(self) -> Pixels:
        """Return it; of an endoscope's, only what lies right of its text and above its map."""
        pixels = self.pixels()
        if self.folder != "polyp":
            return pixels
        high, wide = pixels.shape[:2]
        return np.ascontiguousarray(pixels[: int(high * 0.8), int(wide * 0.45) :])


def real_pictures(data: Path) -> list[RealPicture]:
    """Return every picture; a fifth of the groups is kept for judging."""
    return [picture for folder in FOLDERS for picture in _of_folder(data / folder)]


def _of_folder(folder: Path) -> Iterator[RealPicture]:
    said = json.loads((folder / "coco.json").read_text("utf-8"))
    for image in said["images"]:
        number = zlib.crc32(f"{folder.name} {image['group']}".encode())
        path = folder / "images" / image["file_name"]
        yield RealPicture(path, folder.name, number % 5 == 0)


def with_text(
    pixels: Pixels, fonts: Sequence[Path], rng: np.random.Generator
) -> tuple[Pixels, list[Line]]:
    """Return the picture with up to six lines of text, and where they stand."""
    canvas = pixels.astype(np.float32)
    if rng.random() < 0.35:
        put_marks(canvas, rng)
    lines: list[Line] = []
    for _ in range(int(rng.integers(1, 7))):
        size = int(np.exp(rng.uniform(np.log(_SMALLEST), np.log(_LARGEST))))
        line = put_line(canvas, fonts, size, rng)
        if line:
            lines = [replace(old, ink=old.ink & ~_around(line.ink)) for old in lines]
            lines.append(line)
    return worn(canvas, rng), [line for line in lines if line.ink.sum() >= 12]


def _around(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    ys, xs = np.nonzero(ink)
    box = np.zeros_like(ink)
    box[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1] = True
    return box


def target(lines: Sequence[Line], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return where text stands, at the network's stride: letters and the gaps between them."""
    where = np.zeros(shape, np.uint8)
    for line in lines:
        reach = max(3, line.height // 2)
        kernel = np.ones((max(3, line.height // 4), reach), np.uint8)
        where |= np.asarray(cv2.dilate(line.ink.astype(np.uint8), kernel), np.uint8)
    small = where.reshape(shape[0] // STRIDE, STRIDE, shape[1] // STRIDE, STRIDE)
    return np.asarray(small.mean(axis=(1, 3)), np.float32)


def crop(pixels: Pixels, side: int, rng: np.random.Generator) -> Pixels:
    """Return a square of the picture in some size, and what is beyond its ends.

    The finder looks at a picture in quarter size too, and goes on with its last row and column.
    """
    scale = float(np.exp(rng.uniform(np.log(0.22), np.log(1.4))))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=way)
    below, beside = (max(0, side - length) for length in scaled.shape[:2])
    border = cv2.BORDER_REPLICATE if rng.random() < 0.5 else cv2.BORDER_CONSTANT
    whole = cv2.copyMakeBorder(scaled, 0, below, 0, beside, border)
    y = int(rng.integers(whole.shape[0] - side + 1))
    x = int(rng.integers(whole.shape[1] - side + 1))
    return np.ascontiguousarray(np.asarray(whole[y : y + side, x : x + side], np.uint8))
