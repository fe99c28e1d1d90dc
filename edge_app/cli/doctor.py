"""`edge-app doctor`: what a technician must know of this machine."""

import click

from edge_app.cli.output import DONE, REFUSED, Call, common_options
from edge_app.compose.doctor import examined


@click.command("doctor")
@common_options
def command(call: Call) -> int:
    """Check runtime, providers, detectors, devices, store, disk, clock and network."""
    checks = list(call.output.progress(examined(call.settings), "Examining", None))
    if call.output.as_json:
        call.output.answer(checks=checks, ok=all(c.ok for c in checks))
    else:
        rows = [[c.level.value, c.id, c.found, c.remedy] for c in checks]
        call.output.table("Doctor", ("", "check", "found", "what to do"), rows)
    return DONE if all(c.ok for c in checks) else REFUSED
