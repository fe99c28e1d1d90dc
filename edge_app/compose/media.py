"""Where a file may be put: the sticks that are plugged in, and a folder of this machine."""

import os
from collections.abc import Sequence
from pathlib import Path

from edge_app.domain.commissioning import Medium

_MOUNTS = Path("/proc/self/mountinfo")
_ROOTS = (Path("/media"), Path("/run/media"), Path("/mnt"))


def media(own: Path, roots: Sequence[Path] = _ROOTS, mounts: Path = _MOUNTS) -> list[Medium]:
    """Return every medium that may be written, sticks first; `own`, which may be missing, last."""
    found = [
        Medium(str(place), place.name, _free(place))
        for place in _mounted(mounts)
        if any(root in place.parents for root in roots) and os.access(place, os.W_OK)
    ]
    return [*found, Medium(str(own), "", _free(own))]


def _mounted(mounts: Path) -> list[Path]:
    """Return the mount points, in the order of their paths (proc_pid_mountinfo(5))."""
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
    return sorted({Path(_unescaped(line.split(" ")[4])) for line in lines})


def _unescaped(field: str) -> str:
    """Return a path with the blanks that the kernel writes in octal digits."""
    for written, meant in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        field = field.replace(written, meant)
    return field


def _free(place: Path) -> int:
    while not place.exists():
        place = place.parent
    try:
        said = os.statvfs(place)
    except OSError:
        return 0
    return said.f_bavail * said.f_frsize
