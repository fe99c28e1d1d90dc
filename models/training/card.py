"""The detector's card: what it is for, how good it is where, and what nobody knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge_app.domain.manifest import DetectorManifest, Status
from edge_app.workflow.evaluate import Accuracy
from models.training.recipe import Backbones, Recipe


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, each by int8 and by fp32.

    Attributes:
        validation: By source and "all sources", on groups that were not trained on.
        crossed: By trial, on the sources that it never saw.
    """

    validation: Mapping[str, Mapping[str, Accuracy]]
    crossed: Mapping[str, Mapping[str, Accuracy]]


def _cell(accuracy: Accuracy, label: str) -> str:
    a = accuracy.per_label[label]
    return f"{a.ap50:.3f} [{a.ap50_ci95[0]:.3f}, {a.ap50_ci95[1]:.3f}]"


def _rows(table: Mapping[str, Mapping[str, Accuracy]], labels: Sequence[str]) -> list[str]:
    heads = [f"AP50 {label}" for label in labels]
    rows = [f"| set | variant | images / groups | mAP50 | {' | '.join(heads)} | cannot say |"]
    rows.append("|" + "---|" * (5 + len(labels)))
    for name, variants in table.items():
        for variant, a in variants.items():
            cells = " | ".join(_cell(a, label) for label in labels)
            rows.append(
                f"| {name} | {variant} | {a.n_images} / {a.n_groups} | {a.map50:.3f} "
                f"| {cells} | {a.cannot_say} |"
            )
    return rows


def _points(manifest: DetectorManifest) -> list[str]:
    rows = ["| point | label | score | sensitivity | false positives an image |", "|" + "---|" * 5]
    for point in manifest.points:
        name = point.name + (" (default)" if point.name == manifest.default_point else "")
        for t in point.thresholds:
            s, f = t.sensitivity, t.fp_per_image
            rows.append(
                f"| {name} | {t.label} | {t.score:.2f} | {s.value:.3f} [{s.low:.3f}, {s.high:.3f}]"
                f" | {f.value:.2f} [{f.low:.2f}, {f.high:.2f}] |"
            )
    return rows


def _warning(manifest: DetectorManifest) -> list[str]:
    if manifest.status is not Status.EXPERIMENTAL:
        return []
    return [
        "**Experimental.** Off unless somebody switches it on; every result carries the word.",
        "",
    ]


def _validated(recipe: Recipe, figures: Figures) -> list[str]:
    if recipe.folds:
        how = [
            "### Groups held out in folds",
            "",
            f"The groups were dealt into {recipe.folds} parts. The same recipe was trained once",
            "without each of them and tested on it; the shipped network has learnt from all",
            "pictures.",
        ]
    else:
        how = ["### Validation groups of the clinics that it was trained on"]
    return [*how, "", *_rows(figures.validation, recipe.labels), ""]


def _crossed(recipe: Recipe, figures: Figures) -> list[str]:
    if not figures.crossed:
        return [
            "Not measured on any other clinic's pictures: expect less there.",
            "",
        ]
    epochs = ", ".join(f"{c.name} {c.epochs}" for c in recipe.cross_source)
    return [
        "### Laboratories that it never saw: each source held out in turn",
        "",
        f"Same recipe, shorter schedules (epochs: {epochs}). {recipe.package.card.crossed}",
        "",
        *_rows(figures.crossed, recipe.labels),
        "",
    ]


def _referred(manifest: DetectorManifest) -> list[str]:
    rule = manifest.referral
    if rule is None:
        return []
    cells = " | ".join(
        f"{m.value:.3f} [{m.low:.3f}, {m.high:.3f}]"
        for m in (rule.sensitivity, rule.specificity, rule.cannot_say)
    )
    return [
        "### The image as a whole: refer, no sign found, cannot say",
        "",
        f"Refer: one of {', '.join(rule.signs)} at {rule.refer_from:.2f} or more. No sign found:",
        f"none as strong is marked, and {rule.landmark} is. Anything else is cannot say, which",
        "counts as wrong for sensitivity and for specificity alike.",
        "",
        "| sensitivity | specificity | cannot say |",
        "|---|---|---|",
        f"| {cells} |",
        "",
    ]


_DRAWN_BY = (
    "Draw these pictures: `edge-app evaluate --detector {} --coco LABELS --images FOLDER "
    "--failures OUT`."
)


def _nobody_knows(recipe: Recipe) -> list[str]:
    said = recipe.package.card
    lines = ["## What nobody knows", "", said.unknown, ""]
    if said.faults:
        lines += [
            "## What was seen to go wrong",
            "",
            said.faults,
            _DRAWN_BY.format(recipe.name),
            "",
        ]
    if said.weakness:
        lines += ["## What is wrong with the data", "", said.weakness, ""]
    return lines


_MADE = {
    Backbones.OWN: "our own compact anchor-free detector, trained from nothing",
    Backbones.LITE0: "our own anchor-free head on EfficientNet-Lite0, which started from its "
    "published ImageNet weights (Apache-2.0)",
}


def card(recipe: Recipe, manifest: DetectorManifest, figures: Figures) -> str:
    """Return the card as Markdown; every figure in it was measured by the code that ships."""
    lines = [
        f"# {manifest.title}",
        "",
        *_warning(manifest),
        f"`{manifest.name}` {manifest.version}, {manifest.licence}. {manifest.intended_use}",
        "",
        f"**Must not:** {manifest.must_not}",
        "",
        "## How good it is",
        "",
        "Intervals are 95 % bootstrap over groups of near-duplicate pictures (a group is not a",
        f"patient: patients are not known). {recipe.package.card.labels}",
        "",
        *_validated(recipe, figures),
        *_crossed(recipe, figures),
        "### Operating points, chosen and measured on the same groups (int8)",
        "",
        *_points(manifest),
        "",
        "Chosen and measured on the same groups: expect a little less elsewhere.",
        "",
        *_referred(manifest),
        *_nobody_knows(recipe),
        "## Made from",
        "",
        f"{manifest.training_data}. Network: {_MADE[recipe.network.backbone]}, seed",
        f"{recipe.train.seed}, {recipe.train.epochs} epochs; int8 by static QDQ with",
        f"7-bit weights, a scale a channel. Recipe: `models/training/recipes/{recipe.name}.toml`.",
        "",
    ]
    return "\n".join(lines)
