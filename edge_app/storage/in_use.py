"""One program at a time writes in a store."""

from pathlib import Path

from edge_app.domain.error import EdgeAppError
from edge_app.storage import held_lock


class StoreInUseError(EdgeAppError):
    """Another running program holds the store."""

    code = "STO-007"
    safe = "Nothing was changed."


def held(lock: Path) -> int:
    """Return the open lock of this process; the system lets go of it when the process ends.

    Raises:
        StoreInUseError: Another program holds it.
        OSError: It cannot be made.
    """
    try:
        return held_lock.held(lock)
    except BlockingIOError as error:
        raise StoreInUseError(
            "Another edge-app is using these studies.", "Close it, or go on there."
        ) from error
