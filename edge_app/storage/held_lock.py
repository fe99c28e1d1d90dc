"""A lock of one process; the system lets go of it when the process ends, however it ends."""

import fcntl
import os
from pathlib import Path


def held(lock: Path) -> int:
    """Return the open lock of this process; close it to let go.

    Raises:
        BlockingIOError: Another process, or another part of this one, holds it.
        OSError: It cannot be made.
    """
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle
