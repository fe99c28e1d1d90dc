"""Keeps how the window looks, for the next start of this machine; it names no person."""

from dataclasses import dataclass
from pathlib import Path

from edge_app.durable import ensure_folder, write_whole
from edge_app.ui.look import USUAL, Look, look_from

_FILE = "look"
_MOST_BYTES = 64


@dataclass(frozen=True)  # without slots: Qt refers weakly to whose method it calls
class LookKeeper:
    """The choice as it lies in `folder`."""

    folder: Path

    def kept(self) -> Look:
        """Return what was chosen last; the usual look where nothing was, or it cannot be read."""
        try:
            with (self.folder / _FILE).open("rb") as file:
                return look_from(file.read(_MOST_BYTES).decode("ascii", "ignore"))
        except OSError:
            return USUAL

    def keep(self, look: Look) -> None:
        """Write the choice down; a disk that refuses costs the choice, not the work."""
        try:
            ensure_folder(self.folder)
            write_whole(self.folder / _FILE, look.written.encode())
        except OSError:
            return
