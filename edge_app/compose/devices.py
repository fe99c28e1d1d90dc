"""The devices that this run knows, each asked and held by a process of its own."""

from collections.abc import Sequence

from edge_app.domain.error import ScannerUnavailableError
from edge_app.ports import Scanner
from hardware.remote import RemoteScanner

SHIPPED = ("microscope:7",)
_WORKER = "edge_app.compose.capture_worker"


def scanners(named: Sequence[str]) -> list[Scanner]:
    """Return the devices named "KIND:PLACE" (the shipped one where none is named).

    Raises:
        ScannerUnavailableError: A name is not of that form.
    """
    found: list[Scanner] = []
    for name in named or SHIPPED:
        kind, colon, place = name.partition(":")
        if not colon:
            raise ScannerUnavailableError(
                f"A device is named KIND:PLACE, not {name!r}.", "Try microscope:7."
            )
        found.append(RemoteScanner(_WORKER, (kind, place)))
    return found
