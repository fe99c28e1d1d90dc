"""What a file is at one look: its mark, and the hash of what it holds."""

import hashlib
import stat
from pathlib import Path

Mark = tuple[int, int]
"""Size in bytes and time of the last change, as the folder's computer tells them."""

_CHUNK = 1 << 20


def mark_of(path: Path) -> Mark | None:
    """Return size and time of a plain file; None for everything else, and where it went away."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def hash_of(path: Path) -> bytes | None:
    """Return the hash of what a file holds, or None where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        return None
    return digest.digest()
