"""Which back ends of SANE are asked: a driver for another device can neither slow nor crash us."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

NETWORKED = frozenset({"airscan", "dell1600n_net", "escl", "net"})
"""Back ends that look around in the network; only a place that names one goes there."""

_NO_SCANNERS = frozenset({"gphoto2", "v4l"})
_VARIABLE = "SANE_CONFIG_DIR"
_INSTALLED = Path("/etc/sane.d")
_LIST, _LISTS = "dll.conf", "dll.d"


def looked_for() -> tuple[str, ...]:
    """Return the installed back ends that a search for what is attached here asks."""
    skipped = NETWORKED | _NO_SCANNERS
    return tuple(name for name in _installed(_folders()) if name not in skipped)


@contextmanager
def only(asked: Sequence[str]) -> Iterator[None]:
    """Start SANE inside this block, and it knows only the back ends that are asked.

    It holds for the life of the process: SANE reads the variable once.
    """
    folders = _folders()
    if list(asked) == list(_installed(folders)):
        yield
        return
    with TemporaryDirectory() as private:
        (Path(private) / _LISTS).mkdir()
        (Path(private) / _LIST).write_text("\n".join(asked) + "\n", encoding="ascii")
        os.environ[_VARIABLE] = os.pathsep.join([private, *map(str, folders)])
        yield


def reach(host: str) -> None:
    """Have the network back end ask `host` and no other, and give up soon; before SANE starts."""
    os.environ["SANE_NET_HOSTS"] = host
    os.environ.setdefault("SANE_NET_TIMEOUT", "3")


def _folders() -> list[Path]:
    """Return where configuration lies; the current folder, which SANE adds, is no place for it."""
    named = os.environ.get(_VARIABLE, "")
    folders = [Path(folder) for folder in named.split(os.pathsep) if folder]
    return folders if folders and not named.endswith(os.pathsep) else [*folders, _INSTALLED]


def _installed(folders: list[Path]) -> Iterator[str]:
    lists = [folder / _LIST for folder in folders if (folder / _LIST).is_file()][:1]
    more = [folder / _LISTS for folder in folders if (folder / _LISTS).is_dir()][:1]
    for path in (*lists, *(path for folder in more for path in sorted(folder.iterdir()))):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            name = line.partition("#")[0].strip()
            if name:
                yield name
