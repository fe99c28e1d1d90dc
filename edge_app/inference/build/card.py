"""The card of a package that nobody has validated."""

from collections.abc import Sequence

from edge_app.domain.manifest import DetectorManifest
from edge_app.inference.build.comparison import Row
from edge_app.inference.build.trials import Trial


def _share(agreement: float | None) -> str:
    return "" if agreement is None else f"{agreement:.1%}"


def _table(rows: Sequence[Row]) -> list[str]:
    lines = ["| graph | file | one run here | agrees with float |", "|---|---|---|---|"]
    for row in rows:
        size = f"{row.size_bytes / 1e6:.2f} MB"
        lines.append(f"| {row.name} | {size} | {row.ms:.1f} ms | {_share(row.agreement)} |")
    return lines


def _trials(trials: Sequence[Trial]) -> list[str]:
    if not trials:
        return ["No way of quantizing was tried."]
    lines = ["| quantized | one run here | agrees with float |", "|---|---|---|"]
    for t in trials:
        told = f"{t.ms:.1f} ms | {_share(t.agreement)}" if t.model else f"- | {t.why}"
        lines.append(f"| {t.name} | {told} |")
    return lines


def card(manifest: DetectorManifest, rows: Sequence[Row], trials: Sequence[Trial]) -> str:
    """Return the card as Markdown: what is known, and that nothing was validated."""
    labels = ", ".join(x.name for x in manifest.labels)
    lines = [
        f"# {manifest.title}",
        "",
        "**Not validated.** Nobody has measured what this detector finds and what it misses. It",
        "was made from somebody's ONNX file by `edge-app models build`. Not for patients.",
        "",
        f"`{manifest.name}` {manifest.version}. Licence: {manifest.licence}",
        "",
        f"Use: {manifest.intended_use}",
        "",
        f"Must not: {manifest.must_not}",
        "",
        f"Labels: {labels}. Training data: {manifest.training_data}",
        "",
        "## Before and after",
        "",
        *_table(rows),
        "",
        "## Ways of quantizing that were measured",
        "",
        "Agreement: detections of the float graph and of the quantized one that are twins (same",
        "label, overlap 0.7 or more), on calibration pictures that were held out.",
        "",
        *_trials(trials),
        "",
        "## Before it may be used",
        "",
        "Label pictures of your own, run `edge-app evaluate`, choose thresholds, and write the",
        'figures here. Then set `status = "validated"` in `package.toml`.',
        "",
    ]
    return "\n".join(lines)
