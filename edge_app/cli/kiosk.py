"""`edge-app` without a command: the window."""

import click

from edge_app.cli.devices import device_option
from edge_app.cli.output import Call, common_options
from edge_app.compose.door import KioskDoor
from edge_app.compose.log_lines import kept_log
from edge_app.compose.look import LookKeeper
from edge_app.compose.packages import DEFAULT
from edge_app.compose.screen import has_screen
from edge_app.compose.tongue import tongue_for
from edge_app.domain.error import ScannerUnavailableError
from edge_app.languages.catalogue import codes
from edge_app.languages.choice import Keeper
from edge_app.ui.application import Chosen, run_kiosk


@click.command("kiosk")
@device_option
@click.option(
    "--detector", "detector", default=DEFAULT, show_default=True, help="What reads the pictures."
)
@click.option("--language", type=click.Choice(codes()), help="What the window speaks from now on.")
@common_options
def command(call: Call, named: tuple[str, ...], detector: str, language: str | None) -> int:
    """Open the window: capture, read, review, sign."""
    if not has_screen():
        raise ScannerUnavailableError(
            "There is no screen to show the window on.",
            "Start it on a screen, or use `edge-app demo --headless` and `edge-app analyze`.",
        )
    door = KioskDoor(call.settings, named, detector)
    tongue = tongue_for(call.settings, language or "")
    keeper = Keeper(call.settings.data_dir)
    if language:
        keeper.keep(tongue)
    looks = LookKeeper(call.settings.data_dir)
    chosen = Chosen(tongue, keeper.keep, looks.kept(), looks.keep)
    with kept_log(call.settings.data_dir):
        return run_kiosk(door, door.kiosk, chosen)
