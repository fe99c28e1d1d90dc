"""One table: kind of device -> what builds its driver."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from edge_app.domain.error import ScannerUnavailableError
from edge_app.ports import Clock, Scanner
from hardware.dicom_receiver import scanner as dicom
from hardware.simulated import microscope, replay


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the program lends to drivers, and the choices of the device's profile."""

    clock: Clock
    decode: replay.Decode
    choices: Mapping[str, str] = field(default_factory=dict)


Builder = Callable[[str, Surroundings], Scanner]


def simulated_microscope(place: str, lent: Surroundings) -> Scanner:
    """Return the microscope over smear `place`, a whole number from 0."""
    if not (place.isascii() and place.isdigit()):
        raise ScannerUnavailableError(
            f"A simulated smear is a whole number from 0, not {place!r}.", "Give another number."
        )
    return microscope.SimulatedMicroscope(lent.clock, int(place))


def replayed_folder(place: str, lent: Surroundings) -> Scanner:
    """Return the replay of the folder `place`."""
    return replay.ReplayScanner(Path(place), lent.decode, lent.clock)


def dicom_receiver(place: str, lent: Surroundings) -> Scanner:
    """Return the receiver with the settings in the file `place`."""
    return dicom.DicomReceiverScanner(Path(place), lent.decode, lent.clock)


DRIVERS: Mapping[str, Builder] = {
    microscope.DEVICE_KIND: simulated_microscope,
    replay.DEVICE_KIND: replayed_folder,
    dicom.DEVICE_KIND: dicom_receiver,
}
FINDERS: Mapping[str, Callable[[], Sequence[str]]] = {}
"""How each of `kinds.FINDABLE` is looked for: returns the places of what is attached now."""
CHOOSERS: frozenset[str] = frozenset()
"""The kinds that can be set in words."""


def scanner(kind: str, place: str, lent: Surroundings) -> Scanner:
    """Return the driver for the device of that kind at `place`; nothing is taken yet.

    Raises:
        ScannerUnavailableError: There is no such kind, or the place or a choice means nothing
            to it.
    """
    if kind not in DRIVERS:
        raise ScannerUnavailableError(
            f"There is no driver for {kind!r}.", f"Choose one of: {', '.join(sorted(DRIVERS))}."
        )
    if lent.choices and kind not in CHOOSERS:
        raise ScannerUnavailableError(
            f"{kind!r} takes no choices.", "Take [choices] out of the device's profile."
        )
    return DRIVERS[kind](place, lent)
