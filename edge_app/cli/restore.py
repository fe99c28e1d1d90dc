"""`edge-app restore`: a store from its copy, on this device or on another one."""

from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress as Bar

from edge_app.cli.backup import progress_of
from edge_app.cli.output import DONE, Call, common_options
from edge_app.cli.unlock import new_passphrase
from edge_app.cli.user import (
    hand_over,
    key_option,
    passphrase_option,
    recovery_key_option,
    typed_key,
)
from edge_app.compose.copies import copy_on, restore_from
from edge_app.compose.entrance import Entrance


@click.command("restore")
@click.argument("name")
@click.option("--from", "medium", required=True, type=click.Path(path_type=Path), help="The copy.")
@recovery_key_option
@passphrase_option
@key_option
@common_options
def command(
    call: Call,
    name: str,
    medium: Path,
    recovery_key_file: Path | None,
    passphrase_file: Path | None,
    recovery_key_out: Path | None,
) -> int:
    """Restore every study into an empty data folder, and let NAME in as its administrator."""
    place = copy_on(medium)
    typed = typed_key(recovery_key_file)
    chosen = new_passphrase(passphrase_file)
    with Bar(console=Console(stderr=True), transient=True, disable=call.output.quiet) as bar:
        said = restore_from(call.settings, place, typed, progress_of(bar, "Restoring"))
    _, key = Entrance(call.settings).recover(typed, name, chosen)
    hand_over(call, key, recovery_key_out)
    if call.output.as_json:
        call.output.answer(studies=said.studies, images=said.images, copied_at=said.at.isoformat(),
                           reports=said.reports)  # fmt: skip
    call.output.line(
        f"{said.studies} studies with {said.images} images and {said.reports} reports are back, "
        f"as of {said.at:%Y-%m-%d %H:%M %Z}; every image was read."
    )
    call.output.line("Everybody else needs a new passphrase here: edge-app user passphrase NAME.")
    return DONE
