"""`python -m models.training.text.judge --data DIR [--each N]`: how much text is found, and missed.

By pictures of groups that nothing was learnt from, and text in typefaces that were never seen. A
line counts as found where at least 95 % of its ink would be black.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_app.domain.accuracy import bootstrap_groups, interval95
from edge_app.domain.geometry import Box
from edge_app.domain.image import Pixels
from edge_app.domain.measured import Measured
from edge_app.inference.text_finder import load_text_finder
from models.training.text.drawn_text import Line
from models.training.text.fonts import fonts_to_judge_by
from models.training.text.pictures import RealPicture, real_pictures, with_text

Find = Callable[[Pixels], tuple[Box, ...]]
FREE_OF_TEXT = ("blood", "brain", "fundus", "polyp", "ultrasound")
"""Folders whose pictures hold none, or a part of which holds none."""
_COVERED = 0.95
_DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Judged:
    """What one picture came to.

    Attributes:
        letters: How many each line has; `found` says which lines would be black.
        boxes: How many were drawn, and `black`, the share of the picture that they cover.
    """

    group: int
    letters: tuple[int, ...]
    found: tuple[bool, ...]
    boxes: int
    black: float


def covered(boxes: Sequence[Box], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which pixels would be black."""
    made = np.zeros(shape, bool)
    for box in boxes:
        made[int(box.y0) : int(-(-box.y1 // 1)), int(box.x0) : int(-(-box.x1 // 1))] = True
    return made


def _is_found(line: Line, black: NDArray[np.bool_]) -> bool:
    return bool(black[line.ink].mean() >= _COVERED)


def judged_with_text(find: Find, picture: RealPicture, number: int) -> Judged:
    """Return how much of the text that is drawn into the picture is found."""
    rng = np.random.default_rng(number)
    shown, lines = with_text(picture.pixels(), fonts_to_judge_by(), rng)
    boxes = find(shown)
    black = covered(boxes, (shown.shape[0], shown.shape[1]))
    found = tuple(_is_found(line, black) for line in lines)
    letters = tuple(line.letters for line in lines)
    return Judged(number, letters, found, len(boxes), float(black.mean()))


def judged_without(find: Find, picture: RealPicture, number: int) -> Judged:
    """Return what is marked in vain on a picture, or a part of one, that holds no text."""
    pixels = picture.without_text()
    boxes = find(pixels)
    black = covered(boxes, (pixels.shape[0], pixels.shape[1]))
    return Judged(number, (), (), len(boxes), float(black.mean()))


def pictures_to_judge_by(data: Path, folder: str, each: int) -> list[RealPicture]:
    """Return held-out pictures of one folder, spread over it."""
    held = [p for p in real_pictures(data) if p.folder == folder and p.is_judged]
    return held[:: max(1, len(held) // each)][:each]


def measured(judged: Sequence[Judged], figure: Callable[[Sequence[Judged]], float]) -> Measured:
    """Return a figure with its 95 % interval over pictures."""
    draws = bootstrap_groups([j.group for j in judged], _DRAWS, 1)
    low, high = interval95([figure([judged[i] for i in draw]) for draw in draws])
    return Measured(figure(judged), low, high)


def recall(judged: Sequence[Judged], least: int = 1) -> float:
    """Return the share of lines of at least so many letters that would be black."""
    found = [f for j in judged for f, n in zip(j.found, j.letters, strict=True) if n >= least]
    return sum(found) / len(found) if found else float("nan")


def recall_of_words(judged: Sequence[Judged]) -> float:
    """Return the share of lines that would be black, of those that could be a name or a date."""
    return recall(judged, 3)


def boxes_a_picture(judged: Sequence[Judged]) -> float:
    """Return the mean number of boxes."""
    return float(np.mean([j.boxes for j in judged]))


def share_black(judged: Sequence[Judged]) -> float:
    """Return the mean share of a picture that would be black."""
    return float(np.mean([j.black for j in judged]))


def judge(find: Find, data: Path, each: int) -> dict[str, dict[str, object]]:
    """Return all figures, by folder."""
    said: dict[str, dict[str, object]] = {}
    for folder in sorted({p.folder for p in real_pictures(data)}):
        pictures = pictures_to_judge_by(data, folder, each)
        with_it = [judged_with_text(find, p, n) for n, p in enumerate(pictures)]
        said[folder] = {
            "pictures": len(pictures),
            "lines": sum(len(j.found) for j in with_it),
            "recall": asdict(measured(with_it, recall)),
            "recall_of_words": asdict(measured(with_it, recall_of_words)),
        }
        if folder in FREE_OF_TEXT:
            without = [judged_without(find, p, n) for n, p in enumerate(pictures)]
            said[folder]["false_boxes"] = asdict(measured(without, boxes_a_picture))
            said[folder]["share_black"] = asdict(measured(without, share_black))
    return said


def main() -> None:
    """Judge the finder that ships."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--data", type=Path, required=True)
    ask.add_argument("--each", type=int, default=60)
    given = ask.parse_args()
    finder = load_text_finder(Path(__file__).parents[2] / "text-finder")
    json.dump(judge(finder.boxes, given.data, given.each), sys.stdout, indent=2)


if __name__ == "__main__":
    main()
