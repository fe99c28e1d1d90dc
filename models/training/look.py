"""`python -m models.training.look RECIPE`: the pictures that a network will learn from."""

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np

from models.training.augment import Augmenter, Labelled
from models.training.camera import Pixels
from models.training.recipe import load_recipe
from models.training.samples import read_coco

_ROWS, _COLUMNS = 3, 8
_COLOURS = ((255, 255, 0), (255, 0, 255), (0, 255, 255), (0, 255, 0))


def _marked(made: Labelled) -> Pixels:
    pixels = made.pixels.copy()
    for box, label in zip(made.boxes.round().astype(int).tolist(), made.labels, strict=True):
        cv2.rectangle(pixels, box[:2], box[2:], _COLOURS[int(label) % len(_COLOURS)], 1)
    return pixels


def main() -> int:
    """Write a sheet of training pictures with their boxes; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m models.training.look", description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--out", type=Path, required=True, help="picture to write")
    args = parser.parse_args()
    recipe = load_recipe(args.recipe)
    samples = read_coco(args.data / recipe.data, recipe.labels)
    shown = samples[:: max(1, len(samples) // (_ROWS * _COLUMNS))][: _ROWS * _COLUMNS]
    made = Augmenter(shown, recipe.train.canvas_px, recipe.augment, recipe.train.seed)
    cells = [_marked(made.picture(0, k % len(shown))) for k in range(_ROWS * _COLUMNS)]
    rows = [np.hstack(cells[k : k + _COLUMNS]) for k in range(0, len(cells), _COLUMNS)]
    sheet = cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)
    if not cv2.imwrite(str(args.out), sheet):
        parser.error(f"{args.out} cannot be written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
