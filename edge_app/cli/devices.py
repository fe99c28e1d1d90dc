"""`edge-app devices`: what is attached."""

import click
import msgspec

from edge_app.cli.output import DONE, Call, common_options
from edge_app.compose.devices import scanners

device_option = click.option(
    "--device", "named", multiple=True, metavar="KIND:PLACE", help="microscope:7, replay:FOLDER."
)


@click.group("devices")
def command() -> None:
    """Devices that deliver images."""


@command.command("list")
@device_option
@common_options
def list_devices(call: Call, named: tuple[str, ...]) -> int:
    """List the devices with their state."""
    found = [s.info() for s in scanners(named)]
    if call.output.as_json:
        devices = [{"id": d.pop("device_id"), **d} for d in (msgspec.to_builtins(i) for i in found)]
        call.output.answer(devices=devices)
    else:
        rows = [
            [i.device_id, i.kind, i.name, i.state.value, ", ".join(i.capabilities)] for i in found
        ]
        call.output.table("Devices", ("id", "kind", "name", "state", "can"), rows)
    return DONE
