"""`python -m models.training RECIPE`: train, cross-examine, export, quantize, package.

Every step that is done is skipped, every step that was cut off goes on where it stopped.
"""

import argparse
import json
import logging
import sys
from pathlib import Path

import msgspec
import torch

from edge_app.inference.package import load_package
from edge_app.workflow.evaluate import Accuracy, accuracy_of
from models.training.assemble import assemble, trained_network, unchecked_detector
from models.training.card import Figures, card
from models.training.golden_pictures import smear_pictures
from models.training.measured import answers_of
from models.training.recipe import CrossSource, Recipe, load_recipe
from models.training.samples import Sample, coco_of, hold_out, read_coco, split_by_group
from models.training.train import train

_THREADS = 1  # more would change the order of sums, and with it the weights
_VARIANTS = ("int8", "fp32")
_log = logging.getLogger("models.training")


def _accuracies(folder: Path, held: list[Sample], recipe: Recipe) -> dict[str, Accuracy]:
    package = load_package(folder)
    point = next(p for p in package.manifest.points if p.name == recipe.package.default_point)
    thresholds = {t.label: t.score for t in point.thresholds}
    return {
        variant: accuracy_of(
            answers_of(unchecked_detector(package, variant), held, recipe.labels), thresholds
        )
        for variant in _VARIANTS
    }


def _crossed(
    recipe: Recipe, trial: CrossSource, samples: list[Sample], runs: Path
) -> dict[str, Accuracy]:
    """Return int8's and fp32's figures on sources that the trial's network never saw."""
    training, held = hold_out(samples, trial.sources)
    spec = msgspec.structs.replace(recipe.train, epochs=trial.epochs)
    shorter = msgspec.structs.replace(recipe, train=spec)
    run = runs / trial.name
    train(shorter, training, held, run)
    learnt, own = split_by_group(training, recipe.validation_share, recipe.train.seed)
    package = run / "package"
    assemble(shorter, trained_network(shorter, run), (learnt, own), smear_pictures(), package)
    return _accuracies(package, held, recipe)


def _validation(folder: Path, held: list[Sample], recipe: Recipe) -> dict[str, dict[str, Accuracy]]:
    sets = {"all sources": held}
    for source in sorted({s.source for s in held}):
        sets[source] = [s for s in held if s.source == source]
    return {name: _accuracies(folder, part, recipe) for name, part in sets.items()}


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
    torch.set_num_threads(_THREADS)
    torch.use_deterministic_algorithms(True)  # noqa: FBT003  torch's signature
    torch.utils.deterministic.fill_uninitialized_memory = False  # nothing here reads any
    recipe = load_recipe(args.recipe)
    samples = read_coco(args.data / recipe.data, recipe.labels)
    training, held = split_by_group(samples, recipe.validation_share, recipe.train.seed)
    _log.info("%d pictures to train on, %d for validation", len(training), len(held))
    run, folder = args.runs / recipe.name, args.packages / recipe.name
    train(recipe, training, held, run)
    (run / "validation.coco.json").write_text(json.dumps(coco_of(held, recipe.labels)))
    network = trained_network(recipe, run)
    package = assemble(recipe, network, (training, held), smear_pictures(), folder)
    crossed = {t.name: _crossed(recipe, t, samples, args.runs) for t in recipe.cross_source}
    figures = Figures(_validation(folder, held, recipe), crossed)
    (folder / "card.md").write_text(card(recipe, package.manifest, figures))
    _log.info("written: %s", folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
