"""`edge-app study series`: what was counted in one patient's studies, over time."""

import csv
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import click
import msgspec

from edge_app.cli.output import DONE, Call, common_options
from edge_app.cli.unlock import log_in
from edge_app.domain.account import Right
from edge_app.domain.audit import EventKind
from edge_app.domain.clearance import Clearance
from edge_app.domain.error import ExportFailedError
from edge_app.domain.trend import Change, Crossing, Direction, Line, Visit, change, line, visits
from edge_app.workflow.follow import clearance_since, labels_of, studies_of_the_same_patient

_COLUMNS = ("study", "started", "label", "count", "images", "count_per_image")
_SAID = {Direction.MORE: "more than", Direction.LESS: "less than"}
_NO_PROMISE = "A straight line through these visits; it does not know the disease."


@dataclass(frozen=True, slots=True)
class Series:
    """One label's visits, and what they come to."""

    label: str
    visits: tuple[Visit, ...]
    change: Change | None
    line: Line | None
    crossing: Crossing | None
    clearance: Clearance | None

    @staticmethod
    def of(
        label: str, seen: tuple[Visit, ...], threshold: float | None, treated: datetime | None
    ) -> "Series":
        """Return what `seen` comes to; `threshold` is a count an image."""
        through = line(seen)
        return Series(
            label,
            seen,
            change(seen[-2], seen[-1]) if len(seen) > 1 else None,
            through,
            through.crossing(threshold) if through and threshold is not None else None,
            clearance_since(seen, treated) if treated else None,
        )


def _rows(series: Sequence[Series]) -> list[list[str]]:
    return [
        [v.study_id, v.at.isoformat(), s.label, str(v.count), str(v.n_images), f"{v.per_image:.4f}"]
        for s in series
        for v in s.visits
    ]


def _sentences(series: Series) -> list[str]:
    said = []
    if series.change:
        ratio = series.change.ratio
        words = _SAID.get(series.change.direction, "not surely other than")
        said.append(
            f"{series.label}: {words} at the visit before ({ratio.value:.2f} times as many an"
            f" image, 95 % interval {ratio.low:.2f} to {ratio.high:.2f}; counting error only)."
        )
    if series.crossing:
        ends = (series.crossing.earliest, series.crossing.latest)
        early, late = (f"{e:%Y-%m-%d}" if e else "open" for e in ends)
        at = f"{series.crossing.at:%Y-%m-%d}"
        said.append(f"{series.label}: threshold on {at} ({early} to {late}). {_NO_PROMISE}")
    if series.clearance:
        half = series.clearance.half_life_hours
        said.append(
            f"{series.label}: half-life {half.value:.1f} h ({half.low:.1f} to {half.high:.1f}),"
            f" lag {series.clearance.lag_hours:.1f} h, {series.clearance.n_used} visits."
        )
    return said


def _write(path: Path, rows: list[list[str]]) -> None:
    try:
        with path.open("x", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([_COLUMNS, *rows])
    except OSError as error:
        why = (error.strerror or "no answer").lower()
        raise ExportFailedError(
            f"The file cannot be written: {why}.", "Name a new file in a folder that is there."
        ) from error


def _plain(value: object) -> object:
    """Return a value as JSON has it: an infinite end of an interval is null."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return None if isinstance(value, float) and math.isinf(value) else value


@click.command("series")
@click.argument("study_id")
@click.option("--label", "wanted", multiple=True, help="Only this label; may be given again.")
@click.option("--threshold", type=float, help="A count an image: when is it reached?")
@click.option("--treated", type=click.DateTime(["%Y-%m-%dT%H:%M%z"]), help="Start of a treatment.")
@click.option("--csv", "file", type=click.Path(path_type=Path), help="A new file for a table.")
@common_options
def command(
    call: Call,
    study_id: str,
    wanted: tuple[str, ...],
    threshold: float | None,
    treated: datetime | None,
    file: Path | None,
) -> int:
    """Show the counts in all signed studies of one study's patient, and what they come to."""
    entrance, who = log_in(call)
    right, kind = (
        (Right.EXPORT, EventKind.EXPORTED) if file else (Right.SEE_STUDIES, EventKind.QUERIED)
    )
    with entrance.saved(who, right, kind, study_id) as store:
        studies = studies_of_the_same_patient(store, study_id)
    labels = [x for x in labels_of(studies) if not wanted or x in wanted]
    series = [Series.of(x, visits(studies, x), threshold, treated) for x in labels]
    if file:
        _write(file, _rows(series))
    if call.output.as_json:
        call.output.answer(series=[_plain(msgspec.to_builtins(asdict(s))) for s in series])
        return DONE
    call.output.table("Counts", _COLUMNS, _rows(series))
    for sentence in (s for each in series for s in _sentences(each)):
        call.output.line(sentence)
    return DONE
