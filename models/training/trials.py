"""The shipped network and the trials that say how good it is."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

import msgspec

from edge_app.domain.manifest import DetectorManifest
from edge_app.inference.package import DetectorPackage, load_package
from edge_app.workflow.evaluate import Accuracy, Answer, accuracy_of
from models.training.assemble import (
    assemble,
    built,
    finished,
    trained_network,
    unchecked_detector,
)
from models.training.card import Figures
from models.training.measured import answers_of
from models.training.recipe import CrossSource, Recipe
from models.training.samples import (
    Sample,
    coco_of,
    folds_by_group,
    hold_out,
    split_by_group,
)
from models.training.train import train

VARIANTS = ("int8", "fp32")
_log = logging.getLogger("models.training")


def _thresholds(manifest: DetectorManifest, recipe: Recipe) -> dict[str, float]:
    point = next(p for p in manifest.points if p.name == recipe.package.default_point)
    return {t.label: t.score for t in point.thresholds}


def _accuracies(folder: Path, held: Sequence[Sample], recipe: Recipe) -> dict[str, Accuracy]:
    package = load_package(folder)
    thresholds = _thresholds(package.manifest, recipe)
    return {
        variant: accuracy_of(
            answers_of(unchecked_detector(package, variant), held, recipe.labels), thresholds
        )
        for variant in VARIANTS
    }


def _split(recipe: Recipe, samples: list[Sample]) -> tuple[list[Sample], list[Sample]]:
    return split_by_group(samples, recipe.validation_share, recipe.train.seed, recipe.strata)


def _crossed(
    recipe: Recipe, trial: CrossSource, samples: list[Sample], runs: Path
) -> dict[str, Accuracy]:
    """Return int8's and fp32's figures on sources that the trial's network never saw."""
    training, held = hold_out(samples, trial.sources)
    spec = msgspec.structs.replace(recipe.train, epochs=trial.epochs)
    shorter = msgspec.structs.replace(recipe, train=spec)
    run = runs / trial.name
    train(shorter, training, held, run)
    package = run / "package"
    assemble(shorter, trained_network(shorter, run), _split(recipe, training), package)
    return _accuracies(package, held, recipe)


def _validation(folder: Path, held: list[Sample], recipe: Recipe) -> dict[str, dict[str, Accuracy]]:
    sources = sorted({s.source for s in held})
    sets = {"all sources": held}
    if len(sources) > 1:
        sets |= {name: [s for s in held if s.source == name] for name in sources}
    return {name: _accuracies(folder, part, recipe) for name, part in sets.items()}


def by_hold_out(
    recipe: Recipe, samples: list[Sample], runs: Path, folder: Path
) -> tuple[DetectorPackage, Figures]:
    """Train on the training groups, ship that network, measure it on the validation groups."""
    training, held = _split(recipe, samples)
    _log.info("%d pictures to train on, %d for validation", len(training), len(held))
    run = runs / recipe.name
    train(recipe, training, held, run)
    (run / "validation.coco.json").write_text(json.dumps(coco_of(held, recipe.labels)))
    package = assemble(recipe, trained_network(recipe, run), (training, held), folder)
    crossed = {t.name: _crossed(recipe, t, samples, runs) for t in recipe.cross_source}
    return package, Figures(_validation(folder, held, recipe), crossed)


def _fold(
    recipe: Recipe, parts: tuple[list[Sample], list[Sample]], run: Path
) -> dict[str, list[Answer]]:
    """Return what each variant finds in the fold's test pictures, which it never saw."""
    training, held = parts
    train(recipe, training, held, run)
    package = built(recipe, trained_network(recipe, run), training, run / "package")
    return {
        variant: answers_of(unchecked_detector(package, variant), held, recipe.labels)
        for variant in VARIANTS
    }


def by_folds(
    recipe: Recipe, samples: list[Sample], runs: Path, folder: Path
) -> tuple[DetectorPackage, Figures]:
    """Train on all pictures, ship that network; points and figures are those of the folds."""
    run = runs / recipe.name
    train(recipe, samples, [], run)
    package = built(recipe, trained_network(recipe, run), samples, folder)
    found: dict[str, list[Answer]] = {variant: [] for variant in VARIANTS}
    splits = folds_by_group(samples, recipe.folds, recipe.train.seed, recipe.strata)
    for number, parts in enumerate(splits):
        answered = _fold(recipe, parts, runs / f"{recipe.name}-fold-{number}")
        for variant in VARIANTS:
            found[variant] += answered[variant]
    package = finished(recipe, package, found["int8"])
    thresholds = _thresholds(package.manifest, recipe)
    pooled = {variant: accuracy_of(found[variant], thresholds) for variant in VARIANTS}
    return package, Figures({"held out": pooled}, {})
