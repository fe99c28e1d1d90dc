"""Room on the disk: no study is begun that could not be finished, and some is held back for that.

SQLite cannot even delete on a full disk, so a file of nothing lies there to be let go of.
"""

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from edge_app.domain.error import EdgeAppError

_BALLAST = "ballast"
_MEGABYTE = 1_000_000


class NoRoomError(EdgeAppError):
    """The disk is too full to begin a study."""

    code = "STO-010"
    safe = "Everything that was saved is safe, and a study that has begun can be finished."


@dataclass(frozen=True, slots=True)
class Room:
    """How much of the disk one store leaves free.

    Attributes:
        folder: Of the store.
        reserve_bytes: What must be free for a study to begin.
        ballast_bytes: What is held back, and let go of when a change of a study finds no room.
    """

    folder: Path
    reserve_bytes: int = 500 * _MEGABYTE
    ballast_bytes: int = 128 * _MEGABYTE

    @property
    def _ballast(self) -> Path:
        return self.folder / _BALLAST

    @property
    def is_held(self) -> bool:
        """Whether there is something to let go of."""
        return self._ballast.exists()

    def hold(self) -> None:
        """Hold room back, where there is more than enough of it."""
        enough = self.reserve_bytes + 2 * self.ballast_bytes
        if self.is_held or shutil.disk_usage(self.folder).free < enough:
            return
        handle = os.open(self._ballast, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(handle, 0, self.ballast_bytes)
        except OSError:
            self.let_go()
        finally:
            os.close(handle)

    def let_go(self) -> bool:
        """Let go of what is held back; return whether there was any."""
        with contextlib.suppress(OSError):
            self._ballast.unlink()
            return True
        return False

    def refuse_if_full(self) -> None:
        """Refuse to begin a study where the reserve is gone.

        Raises:
            NoRoomError: It is.
        """
        free = shutil.disk_usage(self.folder).free
        if free < self.reserve_bytes:
            raise NoRoomError(
                f"The disk is nearly full: {free // _MEGABYTE} MB are left.",
                "Finish this patient, back up, and call the technician to make room.",
            )
