"""`edge-app study hold|release|holds|retire`: how long studies are kept, and what keeps them."""

from datetime import datetime

import click

from edge_app.cli.output import DONE, Call, common_options
from edge_app.cli.unlock import log_in
from edge_app.domain.retention import SignedStudy

_REASON = click.option("--reason", required=True, help="Why; without a patient's name.")


@click.command("hold")
@click.argument("study_id")
@_REASON
@common_options
def hold(call: Call, study_id: str, reason: str) -> int:
    """Keep STUDY_ID whatever the retention rule says, until it is released."""
    entrance, who = log_in(call)
    with entrance.retention(who) as retention:
        retention.hold(study_id, reason)
    return _say_done(call, study_id, "is under legal hold: it is never removed.")


@click.command("release")
@click.argument("study_id")
@_REASON
@common_options
def release(call: Call, study_id: str, reason: str) -> int:
    """Lift the legal hold of STUDY_ID; the retention rule counts for it again."""
    entrance, who = log_in(call)
    with entrance.retention(who) as retention:
        retention.release(study_id, reason)
    return _say_done(call, study_id, "is held no longer.")


def _say_done(call: Call, study_id: str, words: str) -> int:
    if call.output.as_json:
        call.output.answer(study_id=study_id)
    call.output.line(f"Study {study_id} {words}")
    return DONE


@click.command("holds")
@common_options
def holds(call: Call) -> int:
    """List what is under legal hold, and why."""
    entrance, who = log_in(call)
    with entrance.retention(who) as retention:
        found = retention.holds()
    if call.output.as_json:
        call.output.answer(
            holds=[
                {"study_id": h.study_id, "reason": h.reason, "by": h.by, "at": h.at.isoformat()}
                for h in found
            ]
        )
        return DONE
    rows = [[h.study_id, h.reason, h.by, f"{h.at:%Y-%m-%d}"] for h in found]
    call.output.table("Legal holds", ("study", "reason", "by", "since"), rows)
    return DONE


@click.command("retire")
@click.option("--remove", is_flag=True, help="Remove what may be removed; without it, only list.")
@click.option(
    "--today", type=click.DateTime(["%Y-%m-%d"]), help="Today's date; --remove asks for it."
)
@common_options
def retire(call: Call, remove: bool, today: datetime | None) -> int:  # noqa: FBT001  click's
    """List which signed studies the site's rule lets go, and why the others stay; or remove them.

    Removed for good are the record, the images and the kept report; that there was a study, and who
    removed it, stays in the audit.
    """
    if remove and today is None:
        raise click.UsageError("To remove studies, say today's date: --today YYYY-MM-DD.")
    entrance, who = log_in(call)
    with entrance.retention(who) as retention:
        listed = retention.listed()
        removed = retention.remove(today.date()) if remove and today else []
    if call.output.as_json:
        studies = [_said(signed, kept) for signed, kept in listed]
        call.output.answer(studies=studies, removed=removed)
        return DONE
    rows = [
        [s.study_id, f"{s.signed_at:%Y-%m-%d}", "; ".join(kept) or "may be removed"]
        for s, kept in listed
    ]
    call.output.table("Signed studies", ("study", "signed", "kept because"), rows)
    for study_id in removed:
        call.output.line(f"Removed: study {study_id}")
    if not remove:
        call.output.line("Nothing was removed: this was a list.")
    return DONE


def _said(signed: SignedStudy, kept: tuple[str, ...]) -> dict[str, object]:
    return {
        "study_id": signed.study_id,
        "signed_at": signed.signed_at.isoformat(),
        "may_go": not kept,
        "kept_by": kept,
        "hold": signed.hold,
        "is_backed_up": signed.is_backed_up,
        "is_delivered": signed.is_delivered,
    }
