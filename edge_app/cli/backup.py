"""`edge-app backup`: the studies on another medium, encrypted, read again."""

from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress as Bar

from edge_app.cli.output import DONE, REFUSED, Call, common_options
from edge_app.cli.unlock import log_in
from edge_app.compose.copies import copy_to
from edge_app.storage.backup import Progress


def progress_of(bar: Bar, what: str) -> Progress:
    """Return what moves a bar."""
    task = bar.add_task(what, total=None)
    return lambda done, of: bar.update(task, completed=done, total=of)


@click.command("backup")
@click.option("--to", "medium", required=True, type=click.Path(path_type=Path), help="The medium.")
@common_options
def command(call: Call, medium: Path) -> int:
    """Copy every study to a stick or disk; the next copy takes only what is new."""
    entrance, who = log_in(call)
    with Bar(console=Console(stderr=True), transient=True, disable=call.output.quiet) as bar:
        made = copy_to(call.settings, entrance, who, medium, progress_of(bar, "Copying"))
    said = made.said
    if call.output.as_json:
        call.output.answer(
            place=str(made.place), studies=said.studies, images=said.images, copied=made.copied,
            missing=made.missing, head=said.audit_head, reports=said.reports,
            missing_reports=made.missing_reports,
        )  # fmt: skip
    call.output.line(
        f"{said.studies} studies with {said.images} images and {said.reports} reports are in "
        f"{made.place}; {made.copied} images are new. Audit head: {said.audit_head}"
    )
    for image_id in made.missing:
        call.output.line(f"Not in the copy, as it is damaged here: image {image_id}")
    for name in made.missing_reports:
        call.output.line(f"Not in the copy, as it is gone here: report {name}")
    return REFUSED if made.missing else DONE
