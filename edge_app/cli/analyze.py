"""`edge-app analyze`: reads image files without storing them."""

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
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
from edge_app.cli.preparation_bar import preparation_bar
from edge_app.cli.reading_json import said_of_reading, said_of_tiles
from edge_app.compose.choice import Choice
from edge_app.compose.detectors import detector
from edge_app.compose.files import Analysed, ResultFolder, analysed
from edge_app.compose.packages import DEFAULT
from edge_app.compose.tiled import TiledWay, analysed_in_tiles
from edge_app.domain.error import DetectorRefusedError, ExportFailedError
from edge_app.domain.reading import watermark_of
from edge_app.inference.detector import OnnxDetector
from edge_app.inference.tiling import FIELD_PX, OVERLAP_SHARE, THREADS_A_TILE, SeenTile, Tiling


def _loaded(
    call: Call, name: str, choice: Choice, tiling: Tiling | None
) -> tuple[OnnxDetector | None, DetectorRefusedError | None]:
    threads = THREADS_A_TILE if tiling else 0
    try:
        with preparation_bar(is_quiet=call.output.quiet) as told:
            loaded = detector(call.settings, name, replace(choice, threads=threads), told)
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
        watermark = watermark_of(result.reading)
        said = f"{said} ({watermark})" if watermark else said
        output.line(f"{name}: {result.reading.outcome.value}: {said}")
        if result.reading.advice:
            output.line(f"{name}: the image as a whole: {result.reading.advice.value}")
    if result.tally:
        tally = result.tally
        output.line(f"{name}: {tally.total} tiles, {tally.empty} of them bare glass")


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


def _tile_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add `--tiled` with its measures, and hand them on as one `Tiling`, or None."""

    @click.option("--tiled", is_flag=True, help="Read large pictures in overlapping tiles.")
    @click.option(
        "--tile-side",
        type=click.IntRange(128, 4096),
        default=FIELD_PX,
        show_default=True,
        help="Image pixels that one field of the detector covers.",
    )
    @click.option(
        "--overlap",
        type=click.IntRange(0, 50),
        default=round(OVERLAP_SHARE * 100),
        show_default=True,
        help="Percent of a tile that its neighbour sees too.",
    )
    @functools.wraps(command)
    def called(*rest: object, tiled: bool, tile_side: int, overlap: int, **given: object) -> int:
        tiling = Tiling(tile_side, overlap / 100) if tiled else None
        return command(*rest, tiling=tiling, **given)

    return called


def _results(
    call: Call,
    paths: list[Path],
    loaded: OnnxDetector | None,
    refusal: DetectorRefusedError | None,
    tiling: Tiling | None,
    *,
    drawn: bool,
) -> Iterator[Analysed]:
    if tiling is None:
        return call.output.progress(analysed(paths, loaded, refusal), "Reading", None)

    def shown(tiles: Iterable[SeenTile], total: int) -> Iterator[SeenTile]:
        return call.output.progress(tiles, "Reading tiles", total)

    way = TiledWay(tiling, shown, keeps_overview=drawn)
    return analysed_in_tiles(paths, loaded, refusal, way)


@click.command("analyze")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--detector", "name", default=DEFAULT, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Write annotated PNG and JSON here.")
@_tile_options
@choice_options
@common_options
def command(
    call: Call,
    paths: tuple[Path, ...],
    name: str,
    choice: Choice,
    out: Path | None,
    tiling: Tiling | None,
) -> int:
    """Read image files or folders of them: PNG, JPEG, TIFF, BMP, DICOM."""
    loaded, refusal = _loaded(call, name, choice, tiling)
    files = _Files(call.output, out, [x.name for x in loaded.manifest.labels] if loaded else [])
    said: list[dict[str, object]] = []
    refused: list[dict[str, object]] = []
    for result in _results(call, list(paths), loaded, refusal, tiling, drawn=out is not None):
        _show(call.output, result)
        files.add(result)
        where = shown_path(result.path)
        if result.reading:
            reading = said_of_reading(result.reading, where, result.frame)
            said.append({**reading, **said_of_tiles(result.tally)})
        if result.refused:
            refused.append({"image": where, **said_of(result.refused)})
    files.finish({"schema": SCHEMA, "readings": said, "refused": refused})
    unwritten = [said_of(e) for e in files.failures]
    if call.output.as_json:
        call.output.answer(readings=said, refused=refused, unwritten=unwritten)
    return REFUSED if refused or refusal or unwritten else DONE
