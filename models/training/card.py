"""The detector's card: what it is for, how good it is where, and what nobody knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge_app.domain.manifest import DetectorManifest
from edge_app.workflow.evaluate import Accuracy
from models.training.recipe import Recipe


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


def card(recipe: Recipe, manifest: DetectorManifest, figures: Figures) -> str:
    """Return the card as Markdown; every figure in it was measured by the code that ships."""
    labels = recipe.labels
    epochs = ", ".join(f"{c.name} {c.epochs}" for c in recipe.cross_source)
    lines = [
        f"# {manifest.title}",
        "",
        f"`{manifest.name}` {manifest.version}, {manifest.licence}. {manifest.intended_use}",
        "",
        f"**Must not:** {manifest.must_not}",
        "",
        "## How good it is",
        "",
        "Intervals are 95 % bootstrap over groups of near-duplicate pictures (a group is not a",
        "patient: patients are not known). Labels are half automatic, so no figure is better than",
        "they are.",
        "",
        "### Validation groups of the laboratories that it was trained on",
        "",
        *_rows(figures.validation, labels),
        "",
        "### Laboratories that it never saw: each source held out in turn",
        "",
        f"Same recipe, shorter schedules (epochs: {epochs}). BCD holds the photographs of BCCD,",
        "augmented; groups that stand in both left the training. `out-both` holds out both and is",
        "the honest figure for that laboratory.",
        "",
        *_rows(figures.crossed, labels),
        "",
        "### Operating points, chosen and measured on the validation groups (int8)",
        "",
        *_points(manifest),
        "",
        "Chosen and measured on the same groups: expect a little less elsewhere.",
        "",
        "## What nobody knows",
        "",
        "Diseased blood, children, parasites, other stains than Romanowsky's, other lenses: not",
        "tested. A cell that lies under another or is cut by the edge may be missed.",
        "",
        "## Made from",
        "",
        f"{manifest.training_data}. Network: our own compact anchor-free detector, trained from",
        f"nothing, seed {recipe.train.seed}, {recipe.train.epochs} epochs; int8 by static QDQ with",
        f"7-bit weights, a scale a channel. Recipe: `models/training/recipes/{recipe.name}.toml`.",
        "",
    ]
    return "\n".join(lines)
