"""`edge-app evaluate`: a detector's accuracy on labelled images."""

from pathlib import Path

import click
import msgspec

from edge_app.cli.output import (
    DONE,
    REFUSED,
    Call,
    Output,
    choice_options,
    common_options,
    said_of,
    shown_path,
)
from edge_app.compose.choice import Choice
from edge_app.compose.detectors import detector
from edge_app.compose.labelled import Refused, answers, write_failures
from edge_app.compose.packages import DEFAULT
from edge_app.domain.error import NoImagesError
from edge_app.exchange.coco import read_coco
from edge_app.workflow.evaluate import Accuracy, Answer, LabelAccuracy, accuracy_of
from edge_app.workflow.failures import Failure, failures_of

_MOST_PICTURES = 24


def _said_of_label(a: LabelAccuracy) -> dict[str, object]:
    return {
        "ap50": a.ap50,
        "sensitivity": a.at_point.sensitivity,
        "precision": a.at_point.precision,
        "fp_per_image": a.at_point.fp_per_image,
        "count_error": a.at_point.count_error,
        "ci95": {
            "ap50": a.ap50_ci95,
            "sensitivity": a.sensitivity_ci95,
            "fp_per_image": a.fp_per_image_ci95,
        },
    }


def _said_of_failure(failure: Failure, path: Path) -> dict[str, object]:
    counts = {
        label: {"missed": len(x.missed), "wrong": len(x.wrong), "right": len(x.right)}
        for label, x in failure.per_label.items()
    }
    return {"image": failure.file_name, "file": str(path), "per_label": counts}


def _show(output: Output, accuracy: Accuracy, title: str) -> None:
    rows = [
        [
            label,
            f"{a.ap50:.3f} [{a.ap50_ci95[0]:.3f}, {a.ap50_ci95[1]:.3f}]",
            f"{a.at_point.sensitivity:.3f}",
            f"{a.at_point.precision:.3f}",
            f"{a.at_point.fp_per_image:.2f}",
            f"{a.at_point.count_error:.2f}",
        ]
        for label, a in accuracy.per_label.items()
    ]
    columns = ("label", "AP50 [95 %]", "sensitivity", "precision", "FP an image", "count error")
    output.table(title, columns, rows)
    low, high = accuracy.map50_ci95
    output.line(
        f"{accuracy.n_images} images in {accuracy.n_groups} groups: "
        f"mAP50 {accuracy.map50:.3f} [{low:.3f}, {high:.3f}], mAP {accuracy.map:.3f}, "
        f"cannot say {accuracy.cannot_say}"
    )


@click.command("evaluate")
@click.option("--detector", "name", default=DEFAULT, show_default=True)
@click.option("--coco", required=True, type=click.Path(path_type=Path), help="Labels.")
@click.option("--images", required=True, type=click.Path(path_type=Path), help="Their folder.")
@click.option("--operating-point", "point", default="", help="Named in the package.")
@click.option(
    "--failures",
    "out",
    type=click.Path(path_type=Path),
    help="Draw the worst images into this folder.",
)
@choice_options
@common_options
def command(  # noqa: PLR0913  the command line's own options
    call: Call, *, name: str, coco: Path, images: Path, point: str, out: Path | None, choice: Choice
) -> int:
    """Measure a detector on labelled images, with 95 % intervals over their groups."""
    loaded = detector(call.settings, name, Choice(choice.variant, choice.provider, point))
    labelled = read_coco(coco, loaded.manifest.labels)
    done: list[Answer] = []
    refused: list[Refused] = []
    work = answers(loaded, labelled, images)
    for result in call.output.progress(work, "Evaluating", len(labelled)):
        if isinstance(result, Refused):
            refused.append(result)
            call.output.refusal(result.error, result.file_name)
        else:
            done.append(result)
    if not done:
        raise NoImagesError("None of the labelled images could be read.", "Name their folder.")
    certificate = loaded.certificate
    thresholds = dict(certificate.thresholds)
    accuracy = accuracy_of(done, thresholds)
    worst = failures_of(done, thresholds, _MOST_PICTURES) if out else []
    drawn = write_failures(worst, images, out) if out else []
    if call.output.as_json:
        call.output.answer(
            detector=name,
            certificate=msgspec.to_builtins(certificate),
            n_images=accuracy.n_images,
            n_groups=accuracy.n_groups,
            map=accuracy.map,
            map50=accuracy.map50,
            map50_ci95=accuracy.map50_ci95,
            per_label={k: _said_of_label(a) for k, a in accuracy.per_label.items()},
            cannot_say=accuracy.cannot_say,
            refused=[{"image": r.file_name, **said_of(r.error)} for r in refused],
            failures=[_said_of_failure(f, p) for f, p in zip(worst, drawn, strict=True)],
        )
    else:
        _show(call.output, accuracy, f"{name} {certificate.variant} on {certificate.provider}")
        for failure, path in zip(worst, drawn, strict=True):
            call.output.line(f"{shown_path(path)}: {failure.file_name}")
    return REFUSED if refused else DONE
