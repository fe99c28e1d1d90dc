"""`edge-app send`: what leaves this device; so far the outbox of files and reports."""

import click

from edge_app.cli.outbox_words import job_said, job_words
from edge_app.cli.output import DONE, REFUSED, Call, common_options
from edge_app.cli.unlock import log_in
from edge_app.compose.outbox import sent_now
from edge_app.domain.outbox import CancelReason, Job, JobState


@click.group("send")
def command() -> None:
    """What leaves this device."""


@command.group("outbox")
def outbox_command() -> None:
    """What still has to be sent or written, and what has become of it."""


def _say(call: Call, jobs: list[Job]) -> None:
    if call.output.as_json:
        call.output.answer(jobs=[job_said(j) for j in jobs])
        return
    rows = [
        [j.short_key, j.study_id, j.send.kind.value, _place(j), job_words(j), str(j.tries)]
        for j in jobs
    ]
    columns = ("id", "study", "what", "where", "state", "tries")
    call.output.table("Outbox", columns, rows)


def _place(job: Job) -> str:
    return job.send.target or "this device"


@outbox_command.command("list")
@click.option("--all", "everything", is_flag=True, help="Also what was sent or cancelled.")
@common_options
def list_jobs(call: Call, everything: bool) -> int:  # noqa: FBT001  click hands it on
    """List what is not sent yet, in the order in which it was asked for."""
    entrance, who = log_in(call)
    with entrance.outbox(who) as outbox:
        jobs = list(outbox.jobs() if everything else outbox.unsent())
    _say(call, jobs)
    return DONE


@outbox_command.command("work")
@common_options
def work(call: Call) -> int:
    """Send all that is due now, as an open window does by itself."""
    entrance, who = log_in(call)
    with entrance.outbox(who) as outbox:
        due = [j for j in outbox.unsent() if j.is_open and j.wait_s <= 0]
        jobs = [sent_now(outbox, j) for j in due]
    _say(call, jobs)
    return DONE if all(j.state is JobState.SENT for j in jobs) else REFUSED


@outbox_command.command("retry")
@click.argument("job")
@common_options
def retry(call: Call, job: str) -> int:
    """Try JOB again now, also one that was given up or cancelled."""
    entrance, who = log_in(call)
    with entrance.outbox(who) as outbox:
        found = outbox.job(job)
        outbox.retry(found.key)
        tried = sent_now(outbox, outbox.job(found.key))
    _say(call, [tried])
    return DONE if tried.state is JobState.SENT else REFUSED


@outbox_command.command("cancel")
@click.argument("job")
@click.option(
    "--reason",
    required=True,
    type=click.Choice([r.name.lower().replace("_", "-") for r in CancelReason]),
    help="It stands in the audit.",
)
@common_options
def cancel(call: Call, job: str, reason: str) -> int:
    """Do not send JOB any more; what is written already stays where it is."""
    entrance, who = log_in(call)
    with entrance.outbox(who) as outbox:
        found = outbox.job(job)
        outbox.cancel(found.key, CancelReason[reason.upper().replace("-", "_")])
        _say(call, [outbox.job(found.key)])
    return DONE
