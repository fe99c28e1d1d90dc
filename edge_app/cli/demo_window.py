"""The demonstration's window; loaded only where there is a screen, for Qt takes its time."""

from edge_app.compose.demo import MICROSCOPE_SEED, demo_entrance
from edge_app.compose.door import KioskDoor
from edge_app.compose.look import LookKeeper
from edge_app.compose.tongue import tongue_for
from edge_app.languages.choice import Keeper
from edge_app.settings import Settings
from edge_app.ui.application import Chosen, run_kiosk


def show_demo(settings: Settings) -> int:
    """Open the window on the simulated microscope, with the demonstration's account in."""
    _, who = demo_entrance(settings)
    door = KioskDoor(settings, (f"microscope:{MICROSCOPE_SEED}",))
    door.let_in(who)
    looks = LookKeeper(settings.data_dir)
    chosen = Chosen(tongue_for(settings), Keeper(settings.data_dir).keep, looks.kept(), looks.keep)
    return run_kiosk(door, door.kiosk, chosen, is_in=True)
