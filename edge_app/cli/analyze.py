"""`edge-app analyze`: reads image files without storing them."""

from pathlib import Path

import click

from edge_app.cli.output import (
    DONE,
    REFUSED,
    SCHEMA,
    Call,
    Output,
    choice_options,
    common_options,
    said_of,
    shown_path,
)
from edge_app.cli.reading_json import said_of_reading
from edge_app.compose.choice import Choice
from edge_app.compose.detectors import detector
from edge_app.compose.files import Analysed, analysed, write_results
from edge_app.compose.packages import DEFAULT
from edge_app.domain.error import DetectorRefusedError
from edge_app.inference.detector import OnnxDetector


def _loaded(
    call: Call, name: str, choice: Choice
) -> tuple[OnnxDetector | None, DetectorRefusedError | None]:
    try:
        loaded = detector(call.settings, name, choice)
    except DetectorRefusedError as error:
        call.output.refusal(error)
        return None, error
    for reason in loaded.passed_over:
        call.output.remark(f"Passed over: {reason}")
    return loaded, None


def _show(output: Output, result: Analysed) -> None:
    name = shown_path(result.path) + (f" [{result.frame}]" if result.frame else "")
    if result.refused:
        output.refusal(result.refused, name)
    if result.reading:
        counts = ", ".join(f"{label} {n}" for label, n in result.reading.counts().items())
        said = result.reading.reason or counts or "nothing that this detector looks for"
        output.line(f"{name}: {result.reading.outcome.value}: {said}")


@click.command("analyze")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--detector", "name", default=DEFAULT, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Write annotated PNG and JSON here.")
@choice_options
@common_options
def command(
    call: Call, paths: tuple[Path, ...], name: str, choice: Choice, out: Path | None
) -> int:
    """Read image files or folders of them: PNG, JPEG, TIFF, BMP, DICOM."""
    loaded, refusal = _loaded(call, name, choice)
    results = []
    work = analysed(list(paths), loaded, refusal)
    for result in call.output.progress(work, "Reading", None):
        results.append(result)
        _show(call.output, result)
    readings = [
        said_of_reading(r.reading, shown_path(r.path), r.frame) for r in results if r.reading
    ]
    refused = [{"image": shown_path(r.path), **said_of(r.refused)} for r in results if r.refused]
    if out:
        labels = [x.name for x in loaded.manifest.labels] if loaded else []
        answer = {"schema": SCHEMA, "readings": readings, "refused": refused}
        write_results(out, results, answer, labels)
    if call.output.as_json:
        call.output.answer(readings=readings, refused=refused)
    return REFUSED if refused or refusal else DONE
