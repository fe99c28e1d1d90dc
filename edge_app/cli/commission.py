"""`edge-app commission`: the report that says what this machine was found to be, signed."""

from hashlib import sha256
from pathlib import Path

import click

from edge_app.cli.output import DONE, REFUSED, Call, common_options
from edge_app.cli.unlock import log_in
from edge_app.compose.commissioning import MachineCommissioning
from edge_app.compose.packages import DEFAULT
from edge_app.domain.account import Right
from edge_app.domain.audit import EventKind
from edge_app.domain.commissioning import Medium
from edge_app.domain.error import ExportFailedError
from edge_app.exchange.commissioning import read_commissioning
from edge_app.storage.report_key import ReportKey, is_signed
from edge_app.storage.saved_studies import saved_studies


@click.group("commission")
def command() -> None:
    """The report of a technician: what this machine was found to be, signed by its key."""


@command.command("report")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder or stick.")
@click.option("--detector", "name", default=DEFAULT, show_default=True)
@click.option("--measure", is_flag=True, help="Measure the detector's speed too: minutes.")
@common_options
def report(call: Call, out: Path, name: str, *, measure: bool) -> int:
    """Examine this machine and write the report as PDF and JSON."""
    entrance, who = log_in(call)
    right = Right.MANAGE_DEVICES
    entrance.ensure_may(who, right, EventKind.APPLICATION, "commissioning report")

    def head() -> str:
        with saved_studies(call.settings.data_dir, who.keys) as store:
            return store.audit_head

    key = ReportKey(who.keys.reports)
    machine = MachineCommissioning(call.settings, name, key, head, who.account.name)
    call.output.remark("Examining this machine")
    examination = machine.examine()
    speeds = machine.measure(call.output.remark) if measure else ()
    files = machine.write(examination, speeds, Medium(str(out.absolute()), "", 0))
    if call.output.as_json:
        call.output.answer(files=files, ok=examination.is_well, key=key.public)
    for file in files:
        call.output.line(f"Written: {file}")
    return DONE if examination.is_well else REFUSED


@command.command("verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--key", default="", help="The device's key, as it was noted when it was set up.")
@common_options
def verify(call: Call, file: Path, key: str) -> int:
    """Check the JSON of a report, and the PDF where it stands beside it.

    Without --key it is held against the key that it names itself.
    """
    try:
        signed, signature, named, pdf = read_commissioning(file.read_bytes())
        beside = file.with_suffix(".pdf")
        is_same = not beside.exists() or sha256(beside.read_bytes()).hexdigest() == pdf
    except OSError as error:
        raise ExportFailedError("The file cannot be read.", "Check its name.") from error
    is_ours = not key or key.lower() == named.lower()
    ok = is_ours and is_same and is_signed(signed, signature, named)
    if call.output.as_json:
        call.output.answer(ok=ok, key=named, is_key_given=bool(key), pdf_sha256=pdf)
    call.output.line(f"{'Unchanged' if ok else 'NOT what was signed'}. Key: {named}. PDF: {pdf}")
    return DONE if ok else REFUSED
