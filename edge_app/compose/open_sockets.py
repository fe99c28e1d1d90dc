"""Which network sockets this program has open now, by the system's own tables (Linux).

Each process is looked at through its own `/proc/PID/net`, so that one in a network of its own is
seen as it is.
"""

import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from edge_app.domain.about import OpenSocket

_TABLES = ("tcp", "tcp6", "udp", "udp6")


def open_sockets(pid: int, proc: Path = Path("/proc")) -> list[OpenSocket] | None:
    """Return the sockets of a process and of all that it has started; None where nobody can say."""
    if not (proc / str(pid) / "net").is_dir():
        return None
    return sorted(
        {found for each in _family(pid, proc) for found in _sockets(proc / str(each))},
        key=lambda s: (s.process, s.protocol, s.here, s.peer),
    )


def _family(pid: int, proc: Path) -> list[int]:
    """Return a process and its offspring."""
    parents = dict(_parents(proc))
    family = [pid]
    for each in family:  # grows while it is walked
        family += [child for child, parent in parents.items() if parent == each]
    return family


def _parents(proc: Path) -> Iterator[tuple[int, int]]:
    for place in proc.iterdir():
        if place.name.isdigit():
            with suppress(OSError, ValueError, IndexError):  # it has just ended
                stat = (place / "stat").read_text("utf-8", "replace")
                yield int(place.name), int(stat.rpartition(")")[2].split()[1])


def _sockets(process: Path) -> Iterator[OpenSocket]:
    inodes = set(_inodes(process))
    if not inodes:
        return
    with suppress(OSError):
        name = (process / "comm").read_text("utf-8", "replace").strip()
        for table in _TABLES:
            yield from _of_table(process, table, inodes, name)


def _inodes(process: Path) -> Iterator[str]:
    with suppress(OSError):
        for handle in (process / "fd").iterdir():
            with suppress(OSError):
                kind, _, inode = str(handle.readlink()).partition(":[")
                if kind == "socket":
                    yield inode.rstrip("]")


def _of_table(process: Path, table: str, inodes: set[str], name: str) -> Iterator[OpenSocket]:
    with suppress(OSError):
        for line in (process / "net" / table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in inodes:
                peer = _address(fields[2])
                is_waiting = peer.endswith(":0")
                yield OpenSocket(name, table[:3], _address(fields[1]), "" if is_waiting else peer)


def _address(field: str) -> str:
    """Return "0100007F:0050", as the kernel writes it (proc(5)), the way people do."""
    digits, _, port = field.partition(":")
    words = [struct.pack("=I", int(digits[at : at + 8], 16)) for at in range(0, len(digits), 8)]
    family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
    host = socket.inet_ntop(family, b"".join(words))
    return f"{host}:{int(port, 16)}" if family is socket.AF_INET else f"[{host}]:{int(port, 16)}"
