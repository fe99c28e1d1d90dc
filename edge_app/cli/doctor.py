"""`edge-app doctor`: what a technician must know of this machine."""

import click

from edge_app.cli.output import DONE, REFUSED, Call, common_options
from edge_app.compose.clock import SystemClock
from edge_app.compose.doctor import examined
from edge_app.compose.doctor_tried import tried_here
from edge_app.compose.doctor_upkeep import trust_the_clock


@click.command("doctor")
@click.option("--date-is-right", is_flag=True, help="You looked: the clock is right from here on.")
@common_options
def command(call: Call, *, date_is_right: bool) -> int:
    """Check runtime, providers, detectors, devices, store, upkeep, disk, clock and network."""
    if date_is_right:
        trust_the_clock(call.settings, SystemClock().now())
    checks = list(call.output.progress(examined(call.settings), "Examining", None))
    tried = list(tried_here(call.settings))
    if call.output.as_json:
        call.output.answer(checks=checks, tried=tried, ok=all(c.ok for c in checks))
    else:
        rows = [[c.level.value, c.id, c.found, c.remedy] for c in checks]
        call.output.table("Doctor", ("", "check", "found", "what to do"), rows)
        ways = [
            [w.detector, w.variant, w.way, w.found.value, f"{w.median_ms:.1f}", w.why]
            for w in tried
        ]
        columns = ("detector", "variant", "provider", "found", "ms a run", "why")
        call.output.table("What was tried on this machine", columns, ways)
    return DONE if all(c.ok for c in checks) else REFUSED
