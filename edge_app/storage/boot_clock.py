"""The machine's running time, which nobody can set."""

import time
from dataclasses import dataclass
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_clock_s() -> float:
    """Return the seconds since the machine started, asleep or not; nobody can set it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def boot_id() -> str:
    """Return which start of the machine the seconds are counted from."""
    return _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else ""


@dataclass(frozen=True, slots=True)
class Running:
    """One moment of the machine's running time.

    Attributes:
        boot: Which start of the machine it is counted from.
        seconds: Since that start.
    """

    boot: str
    seconds: float


def running() -> Running:
    """Return this moment."""
    return Running(boot_id(), boot_clock_s())
