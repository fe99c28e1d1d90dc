"""`edge-app analyze`: reads image files without storing them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
from edge_app.compose.files import Analysed, ResultFolder, analysed
from edge_app.compose.packages import DEFAULT
from edge_app.domain.error import DetectorRefusedError, ExportFailedError
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


class _Files:
    """What `--out` writes; a full disk costs the files, never the answer."""

    def __init__(self, output: Output, folder: Path | None, labels: Sequence[str]) -> None:
        self.failures: list[ExportFailedError] = []
        self._output = output
        self._labels = labels
        self._results: ResultFolder | None = None
        if folder:
            with self._saying():
                self._results = ResultFolder(folder)

    @contextmanager
    def _saying(self) -> Iterator[None]:
        try:
            yield
        except ExportFailedError as error:
            self._output.refusal(error)
            self.failures.append(error)
            self._results = None

    def add(self, result: Analysed) -> None:
        """Write one frame's picture."""
        if self._results:
            with self._saying():
                self._results.add(result, self._labels)

    def finish(self, answer: dict[str, object]) -> None:
        """Write what was said of all frames."""
        if self._results:
            with self._saying():
                self._results.finish(answer)


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
    files = _Files(call.output, out, [x.name for x in loaded.manifest.labels] if loaded else [])
    said: list[dict[str, object]] = []
    refused: list[dict[str, object]] = []
    work = analysed(list(paths), loaded, refusal)
    for result in call.output.progress(work, "Reading", None):
        _show(call.output, result)
        files.add(result)
        where = shown_path(result.path)
        if result.reading:
            said.append(said_of_reading(result.reading, where, result.frame))
        if result.refused:
            refused.append({"image": where, **said_of(result.refused)})
    files.finish({"schema": SCHEMA, "readings": said, "refused": refused})
    unwritten = [said_of(e) for e in files.failures]
    if call.output.as_json:
        call.output.answer(readings=said, refused=refused, unwritten=unwritten)
    return REFUSED if refused or refusal or unwritten else DONE
