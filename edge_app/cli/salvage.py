"""`edge-app study salvage`: a new list of studies from what can be read of a damaged one."""

import sys
from pathlib import Path

import click
import msgspec

from edge_app.cli.output import DONE, REFUSED, Call, common_options
from edge_app.cli.unlock import credentials
from edge_app.cli.user import recovery_key_option, typed_key
from edge_app.compose.salvaging import Salvaging, salvaging, salvaging_by_recovery_key
from edge_app.domain.salvaged import Salvaged


def _looked_at(call: Call, medium: Path | None, recovery_key_file: Path | None) -> Salvaging:
    if recovery_key_file:
        return salvaging_by_recovery_key(call.settings, typed_key(recovery_key_file), medium)
    _, name, passphrase = credentials(call)
    return salvaging(call.settings, name, passphrase, medium)


def _say(call: Call, told: Salvaged) -> None:
    line = call.output.line
    line(f"{told.damaged_pages} of {told.pages} pages of the list of studies cannot be read.")
    line(f"{len(told.whole)} studies are as they were.")
    for study_id in told.older:
        line(f"Older: study {study_id}: an earlier version was found, later changes are lost.")
    for study_id in told.unnamed:
        line(f"Patient not known: study {study_id}: its pictures were found; not analysed.")
    for study_id in told.lost:
        line(f"Lost: study {study_id}: nothing of it can be read.")
    for study_id, image_id in told.unreadable:
        line(f"Lost: study {study_id}, image {image_id}: it cannot be read.")
    if told.mended:
        line(f"{told.mended} images come from the copy.")
    if not told.accounts:
        line("No account was found: edge-app user recover lets you in by the recovery key.")
    if not told.is_complete and not told.has_copy:
        line("If there is a backup, name it by --from: more may be found.")


def _agrees() -> bool:
    if not sys.stdin.isatty():
        return False
    asked = "Write a new list of studies from that? The damaged one is kept."
    return click.confirm(asked, err=True)


@click.command("salvage")
@click.option("--from", "medium", type=click.Path(path_type=Path), help="The newest backup.")
@click.option("--agree", is_flag=True, help="Write the new list without being asked.")
@recovery_key_option
@common_options
def command(call: Call, medium: Path | None, recovery_key_file: Path | None, *, agree: bool) -> int:
    """Say what can be saved of a damaged list of studies and, if you agree, save it.

    The damaged list is kept in a folder of its own. Only an administrator or whoever has the
    recovery key may do this.
    """
    found = _looked_at(call, medium, recovery_key_file)
    _say(call, found.outcome)
    has_agreed = agree or _agrees()
    kept = str(found.carry_out()) if has_agreed else ""
    if call.output.as_json:
        told = msgspec.to_builtins(found.outcome)
        call.output.answer(written=has_agreed, quarantine=kept, **told)
    if not has_agreed:
        call.output.line("Nothing was changed. With --agree the new list is written.")
        return REFUSED
    call.output.line(f"The new list is written. The damaged one is kept in {kept}.")
    return DONE if found.outcome.is_complete else REFUSED
