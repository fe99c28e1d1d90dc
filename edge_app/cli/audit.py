"""`edge-app audit`: who did what, and whether the record of it is whole."""

from datetime import timedelta
from pathlib import Path

import click
import msgspec

from edge_app.cli.output import DONE, REFUSED, Call, common_options
from edge_app.cli.unlock import log_in
from edge_app.domain.account import Right
from edge_app.domain.audit import EventKind
from edge_app.domain.audit_watch import unusual
from edge_app.domain.error import ExportFailedError
from edge_app.durable import write_whole
from edge_app.exchange.audit_export import atna_audit, fhir_audit

_FORMS = {"fhir": fhir_audit, "atna": atna_audit}


@click.group("audit")
def command() -> None:
    """What was done here, and by whom."""


@command.command("verify")
@common_options
def verify(call: Call) -> int:
    """Check that no event was changed, taken out, put in or cut off."""
    entrance, who = log_in(call)
    with entrance.saved(who, Right.SEE_AUDIT, EventKind.AUDIT_USED) as store:
        found = store.audit_verified()
    if call.output.as_json:
        call.output.answer(
            ok=not found.wrong, count=found.count, head=found.head, wrong=found.wrong
        )
    if found.wrong:
        call.output.line(f"The audit was tampered with: {found.wrong}. Whole up to {found.head}.")
        return REFUSED
    call.output.line(f"{found.count} events, none changed, none missing. Head: {found.head}")
    return DONE


@command.command("list")
@common_options
def list_events(call: Call) -> int:
    """List what was done, in order."""
    entrance, who = log_in(call)
    with entrance.saved(who, Right.SEE_AUDIT, EventKind.AUDIT_USED) as store:
        events = store.audit_events()
    if call.output.as_json:
        call.output.answer(events=[msgspec.to_builtins(e) for e in events])
        return DONE
    rows = [
        [str(e.sequence), e.at.isoformat(sep=" ", timespec="seconds"), e.by, e.act, e.study_id]
        for e in events
    ]
    call.output.table("Audit", ("No.", "at", "by", "act", "study"), rows)
    return DONE


@command.command("export")
@click.option("--as", "form", type=click.Choice([*_FORMS]), default="fhir", show_default=True)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The file.")
@common_options
def export(call: Call, form: str, out: Path) -> int:
    """Write every event for another program: FHIR AuditEvent, or the XML of ATNA."""
    entrance, who = log_in(call)
    with entrance.saved(who, Right.SEE_AUDIT, EventKind.AUDIT_USED) as store:
        events = store.audit_events()
    try:
        write_whole(out.absolute(), _FORMS[form](events))
    except OSError as error:
        raise ExportFailedError(
            f"The audit could not be written: {(error.strerror or 'no answer').lower()}.",
            "Check the folder and its space.",
        ) from error
    if call.output.as_json:
        call.output.answer(file=str(out), count=len(events))
    call.output.line(f"Written: {out}, {len(events)} events")
    return DONE


@command.command("watch")
@click.option("--days", default=7, show_default=True, help="How far back to tell.")
@common_options
def watch(call: Call, days: int) -> int:
    """Say what was unusual, each with its reason: hours, numbers of studies, exports, refusals."""
    entrance, who = log_in(call)
    with entrance.saved(who, Right.SEE_AUDIT, EventKind.AUDIT_USED) as store:
        events = store.audit_events()
    since = events[-1].at - timedelta(days=days) if events else None
    alarms = [a for a in unusual(events) if since and a.at >= since]
    if call.output.as_json:
        call.output.answer(alarms=[msgspec.to_builtins(a) for a in alarms])
        return DONE
    for alarm in alarms:
        call.output.line(f"{alarm.at:%Y-%m-%d %H:%M} {alarm.by} {alarm.words}.")
    if not alarms:
        call.output.line(f"Nothing unusual in the last {days} days.")
    return DONE
