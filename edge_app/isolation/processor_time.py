"""How much a process works, seen from outside: it need not say so, and cannot lie about it."""

import os
from pathlib import Path

_PROCESSES = Path("/proc")
_UTIME, _STIME = 11, 12  # proc_pid_stat(5), counted from the field behind the name
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def processor_s(pid: int, processes: Path = _PROCESSES) -> float | None:
    """Return the seconds of processor time of a process and of all that it started.

    None where this system does not tell, or where the process is gone.
    """
    own = _own_s(processes / str(pid))
    if own is None:
        return None
    others = (processor_s(child, processes) for child in _children(processes / str(pid)))
    return own + sum(s for s in others if s is not None)


def _own_s(place: Path) -> float | None:
    try:
        said = (place / "stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    fields = said.rpartition(")")[2].split()
    return (int(fields[_UTIME]) + int(fields[_STIME])) / _TICKS_A_SECOND


def _children(place: Path) -> list[int]:
    try:
        listed = [p.read_text(encoding="ascii") for p in place.glob("task/*/children")]
    except OSError:
        return []
    return [int(pid) for line in listed for pid in line.split()]
