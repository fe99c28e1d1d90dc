"""Files of a detector package: read once, whole, from one plain file that lies in its folder."""

import os
import re
import stat
from pathlib import Path

from edge_app.domain.error import DetectorRefusedError

REINSTALL = "Install the detector again from its signed bundle."
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
# Windows opens a device by any of these names, whatever stands after the first point.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))}
# No link is followed, and a FIFO without a writer does not block; Windows has neither flag.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)
_LONGEST_SHOWN = 200
_MOST_ENTRIES = 64


def shown(text: str) -> str:
    """Return `text` so that it can stand in a sentence: short, and only what can be seen."""
    cut = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
    return "".join(c if c.isprintable() else "?" for c in cut)


def is_plain_name(name: str, ending: str = "") -> bool:
    """Whether `name` names a file of its own folder on any system: no path, no device."""
    is_plain = _PLAIN_NAME.fullmatch(name) is not None and name.endswith(ending)
    return is_plain and name.split(".", maxsplit=1)[0].lower() not in _DEVICES


def read_file(path: Path, most_bytes: int) -> bytes:
    """Return the whole content of a plain file, read from one open file.

    Raises:
        DetectorRefusedError: It is missing, empty, too large, a link, or no plain file.
    """
    name = shown(path.name)
    try:
        if path.is_symlink():
            raise DetectorRefusedError(f"The file {name} is a link, not a file.", REINSTALL)
        handle = os.open(path, _FLAGS)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise DetectorRefusedError(f"{name} is not a plain file.", REINSTALL)
        with os.fdopen(handle, "rb") as file:
            content = file.read(most_bytes + 1)
    except FileNotFoundError as error:
        raise DetectorRefusedError(f"The file {name} is missing.", REINSTALL) from error
    except OSError as error:
        raise DetectorRefusedError(f"The file {name} cannot be read.", REINSTALL) from error
    if not content:
        raise DetectorRefusedError(f"The file {name} is empty.", REINSTALL)
    if len(content) > most_bytes:
        raise DetectorRefusedError(
            f"The file {name} is larger than the {most_bytes:,} bytes that it may have.", REINSTALL
        )
    return content


def strange_entry(folder: Path, inner: str = "") -> str:
    """Return what in a folder does not belong to a package, or nothing.

    A link leads out of the folder; a hard link lets somebody else change the file later; both
    have no place in a package that was copied here.

    Args:
        folder: A package's folder, or its golden folder.
        inner: The name of the one folder that may lie in it, if any.
    """
    with os.scandir(folder) as entries:
        for count, entry in enumerate(entries):
            found = entry.stat(follow_symlinks=False)
            name = shown(entry.name)
            if count >= _MOST_ENTRIES:
                return f"it holds more than {_MOST_ENTRIES} files"
            if not is_plain_name(entry.name):
                return f"{name} is not a name that a file of a package may have"
            if stat.S_ISDIR(found.st_mode) and entry.name == inner:
                continue
            if not stat.S_ISREG(found.st_mode):
                return f"{name} is not a plain file"
            if found.st_nlink > 1:
                return f"{name} is also another file of this machine (hard link)"
    return ""
