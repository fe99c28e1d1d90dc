"""`edge-app study`: the store."""

from pathlib import Path

import click
import msgspec

from edge_app.cli import study_kept
from edge_app.cli.outbox_words import job_said, job_words
from edge_app.cli.output import DONE, REFUSED, Call, common_options
from edge_app.cli.salvage import command as salvage
from edge_app.cli.study_deidentified import Asked, deidentified_options, export_deidentified
from edge_app.cli.study_series import command as series
from edge_app.cli.unlock import log_in
from edge_app.compose.outbox import sent_now
from edge_app.domain.account import Right
from edge_app.domain.audit import EventKind
from edge_app.domain.outbox import JobState
from edge_app.domain.study import Finding, Marked
from edge_app.storage.upkeep_record import upkeep_record


@click.group("study")
def command() -> None:
    """Saved studies."""


command.add_command(series)
command.add_command(study_kept.hold)
command.add_command(study_kept.release)
command.add_command(study_kept.holds)
command.add_command(study_kept.retire)
command.add_command(salvage)


@command.command("list")
@click.option("--search", default="", help="Parts of a name, an identifier, an id or a day.")
@click.option("--most", default=-1, help="At most so many; -1 for all.")
@common_options
def list_studies(call: Call, search: str, most: int) -> int:
    """List the studies, newest first."""
    entrance, who = log_in(call)
    with entrance.saved(who, Right.SEE_STUDIES, EventKind.QUERIED) as store:
        found = list(store.studies(search, most))
    if call.output.as_json:
        call.output.answer(studies=[msgspec.to_builtins(s) for s in found])
    else:
        rows = [
            [
                s.study_id,
                s.patient.identifier or "not named yet",
                s.started_at.isoformat(sep=" ", timespec="minutes"),
                s.state.value,
                s.outcome,
                str(s.n_images),
                str(s.n_findings),
            ]
            for s in found
        ]
        columns = ("study", "patient", "started", "state", "outcome", "images", "findings")
        call.output.table("Studies", columns, rows)
    return DONE


def _finding_row(number: int, marked: Marked) -> list[str]:
    called = marked.called
    label = f"{called.label}: {called.words}" if called and called.words else marked.label
    if not isinstance(marked, Finding):
        return [str(number), label, "drawn by a person", marked.verdict.value]
    said = marked.detection
    if called:
        label = f"{label} (the detector: {said.label})"
    return [str(number), label, f"{said.score:.2f}", marked.verdict.value]


@command.command("show")
@click.argument("study_id")
@click.option("--version", type=int, help="As it was when that version was signed.")
@common_options
def show(call: Call, study_id: str, version: int | None) -> int:
    """Show one study: images, readings, findings, what is still open, what was signed."""
    entrance, who = log_in(call)
    with entrance.saved(who, Right.SEE_STUDIES, EventKind.INSTANCES_ACCESSED, study_id) as store:
        study = store.signed_version(study_id, version) if version else store.study(study_id)
        signed, hold = store.signed_versions(study_id), store.hold_on(study_id)
    damaged = upkeep_record(call.settings.data_dir).damaged_in(study_id)
    if call.output.as_json:
        call.output.answer(
            damaged=damaged,
            is_held=hold is not None,
            study=msgspec.to_builtins(study),
            state=study.state.value,
            outcome=study.outcome.value,
            open_points=study.open_points(),
            signed_versions=signed,
        )
        return DONE
    call.output.line(f"Study {study.study_id}: {study.state.value}, {study.outcome.value}")
    rows = [_finding_row(n, f) for n, f in enumerate(study.marked, start=1)]
    call.output.table("Findings", ("No.", "finding", "score", "verdict"), rows)
    if hold:
        call.output.line(f"Kept by legal hold since {hold.at:%Y-%m-%d}: {hold.reason}")
    for image_id in damaged:
        what = f"image {image_id}" if image_id else "its record"
        call.output.line(f"Damaged: {what}. Restore it from a backup.")
    for point in study.open_points():
        call.output.line(f"Open: {point}")
    for amendment in study.amendments:
        why = f"version {amendment.of_version}, by {amendment.begun_by}: {amendment.reason}"
        call.output.line(f"Amends {why}")
    call.output.line(f"Signed versions: {', '.join(map(str, signed)) or 'none'}")
    return DONE


@command.command("export")
@click.argument("study_id")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the files.")
@deidentified_options
@common_options
def export(call: Call, study_id: str, out: Path, asked: Asked | None) -> int:
    """Write one study as PDF, annotated PNG and JSON; what fails stays in the outbox.

    De-identified it is DICOM, PNG and JSON.
    """
    if asked:
        return export_deidentified(call, study_id, out, asked)
    entrance, who = log_in(call)
    with entrance.outbox(who) as outbox:
        job = sent_now(outbox, outbox.ask_for_files(study_id, out))
        written = [str(p) for p in outbox.written(job)]
    if call.output.as_json:
        call.output.answer(study_id=study_id, files=written, job=job_said(job))
    for path in written:
        call.output.line(f"Written: {path}")
    if job.state is JobState.SENT:
        return DONE
    call.output.remark(f"{job_words(job)} It is in the outbox: edge-app send outbox list")
    return REFUSED


@command.command("print")
@click.argument("study_id")
@click.option("--printer", required=True, help="One of those that printers.toml names.")
@common_options
def print_report(call: Call, study_id: str, printer: str) -> int:
    """Print the report of a signed study; what fails stays in the outbox."""
    entrance, who = log_in(call)
    with entrance.outbox(who) as outbox:
        job = sent_now(outbox, outbox.ask_to_print(study_id, printer))
    if call.output.as_json:
        call.output.answer(study_id=study_id, job=job_said(job))
    if job.state is JobState.SENT:
        call.output.line(f"Printed by {printer}.")
        return DONE
    call.output.remark(f"{job_words(job)} It is in the outbox: edge-app send outbox list")
    return REFUSED


@command.command("check")
@common_options
def check(call: Call) -> int:
    """Read every study and every image again, and say which are damaged."""
    entrance, who = log_in(call)
    with entrance.saved(who, Right.BACK_UP, EventKind.APPLICATION) as store:
        faults = list(call.output.progress(store.faults(), "Checking", None))
    if call.output.as_json:
        call.output.answer(ok=not faults, faults=faults)
    for fault in faults:
        call.output.line(fault)
    if not faults:
        call.output.line("Everything that was saved can be read.")
    return REFUSED if faults else DONE
