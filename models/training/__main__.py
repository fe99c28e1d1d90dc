"""`python -m models.training RECIPE`: train, cross-examine, export, quantize, package.

Every step that is done is skipped, every step that was cut off goes on where it stopped.
"""

import argparse
import logging
import sys
from pathlib import Path

import torch

from models.training.card import card
from models.training.instructions import ensure_held
from models.training.recipe import load_recipe
from models.training.samples import read_coco
from models.training.trials import by_folds, by_hold_out

_THREADS = 1  # more would change the order of sums, and with it the weights
_log = logging.getLogger("models.training")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.training", description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--runs", type=Path, required=True, help="folder of checkpoints")
    parser.add_argument("--packages", type=Path, required=True, help="where the package goes")
    return parser.parse_args()


def main() -> int:
    """Make the package that the recipe describes; return the exit status."""
    args = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    recipe = load_recipe(args.recipe)
    ensure_held(recipe.train.instructions, sys.argv[1:])
    torch.set_num_threads(_THREADS)
    torch.use_deterministic_algorithms(True)  # noqa: FBT003  torch's signature
    torch.utils.deterministic.fill_uninitialized_memory = False  # nothing here reads any
    samples = read_coco(args.data / recipe.data, recipe.labels)
    folder = args.packages / recipe.name
    make = by_folds if recipe.folds else by_hold_out
    package, figures = make(recipe, samples, args.runs, folder)
    (folder / "card.md").write_text(card(recipe, package.manifest, figures))
    _log.info("written: %s", folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
