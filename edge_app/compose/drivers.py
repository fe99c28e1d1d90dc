"""Drivers in this process: for a device's own process and for the command line."""

from collections.abc import Collection, Iterator
from pathlib import Path

from edge_app.compose.clock import SystemClock
from edge_app.exchange.pictures import belonging, frame_rate, read_frames
from edge_app.ports import Scanner
from hardware.catalogue import scanner
from hardware.lent import Frame, Surroundings
from hardware.profile import DeviceProfile, ProfiledScanner


def _decoded(path: Path) -> Iterator[Frame]:
    for frame in read_frames(path):
        yield Frame(frame.pixels, frame.spacing_mm, frame.deep)


def local_scanner(kind: str, place: str) -> Scanner:
    """Return a driver in this process; raises ScannerUnavailableError."""
    lent = Surroundings(SystemClock(), _decoded, frame_rate=frame_rate, belongs=belonging)
    return scanner(kind, place, lent)


def profiled_scanner(
    place: str, profile: DeviceProfile, allowed: Collection[str], opens: bytes = b""
) -> Scanner:
    """Return the profile's driver in this process, set as the profile says; raises likewise.

    `allowed` are the kinds whose driver may come with a package of somebody else; `opens` is the
    store's key to what was sealed for it.
    """
    lent = Surroundings(
        SystemClock(), _decoded, profile.choices, profile.frame_s, frame_rate, belonging, opens
    )
    return ProfiledScanner(scanner(profile.kind, place, lent, allowed), profile)
