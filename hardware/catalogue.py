"""One table: kind of device -> what builds its driver."""

import platform
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from edge_app.domain.error import ScannerUnavailableError
from edge_app.ports import Scanner
from hardware.camera import opencv_scanner
from hardware.camera import scanner as camera
from hardware.dicom_receiver import scanner as dicom
from hardware.genicam import scanner as genicam
from hardware.gstreamer import scanner as gstreamer
from hardware.lent import Builder, Surroundings
from hardware.sane import scanner as sane
from hardware.simulated import flatbed, microscope, replay, ultrasound, xray_panel
from hardware.simulated.faults import FaultyScanner, script_from
from hardware.third_party import third_party_driver
from hardware.twain import scanner as twain
from hardware.watch_folder import scanner as watch_folder


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


def watched_folder(place: str, lent: Surroundings) -> Scanner:
    """Return the watcher of the folder `place`."""
    choices = watch_folder.choices_from(lent.choices)
    return watch_folder.WatchFolderScanner(Path(place), lent.decode, lent.clock, choices)


def played_clip(place: str, lent: Surroundings) -> Scanner:
    """Return the player of the clip `place`, a file or "shipped"."""
    return ultrasound.simulated_ultrasound(place, lent.decode, lent.frame_rate, lent.clock)


def simulated_panel(place: str, lent: Surroundings) -> Scanner:
    """Return the X-ray panel over the films of `place`, a folder or "shipped"."""
    return xray_panel.simulated_xray_panel(place, lent.decode, lent.clock)


def simulated_bed(place: str, lent: Surroundings) -> Scanner:
    """Return the flatbed with sheet `place`, a whole number from 0."""
    return flatbed.simulated_flatbed(place, lent.clock)


def _with_faults(sound: Builder) -> Builder:
    """Return what builds the device that plays the faults of its profile's choices."""

    def built(place: str, lent: Surroundings) -> Scanner:
        scanner = sound(place, lent)
        script = script_from(lent.choices)
        return FaultyScanner(scanner, script, lent.clock) if script else scanner

    return built


_SIMULATED: Mapping[str, Builder] = {
    microscope.DEVICE_KIND: _with_faults(simulated_microscope),
    ultrasound.DEVICE_KIND: _with_faults(played_clip),
    xray_panel.DEVICE_KIND: _with_faults(simulated_panel),
    flatbed.DEVICE_KIND: _with_faults(simulated_bed),
}


def dicom_receiver(place: str, lent: Surroundings) -> Scanner:
    """Return the receiver with the settings in the file `place`."""
    return dicom.DicomReceiverScanner(Path(place), lent)


def sane_scanner(place: str, lent: Surroundings) -> Scanner:
    """Return the scanner that SANE reaches at `place`."""
    return sane.SaneScanner(place, lent.clock, lent.choices, lent.frame_s)


def twain_scanner(place: str, lent: Surroundings) -> Scanner:
    """Return the scanner whose TWAIN driver has the name `place`."""
    return twain.TwainScanner(place, lent.clock, lent.choices, lent.frame_s)


def video_stream(place: str, lent: Surroundings) -> Scanner:
    """Return the camera at the address `place`, or the device of a profile's pipeline."""
    return gstreamer.GstreamerScanner(place, lent.clock, lent.choices, lent.frame_s)


def genicam_camera(place: str, lent: Surroundings) -> Scanner:
    """Return the GigE Vision or USB3 Vision camera with the id `place`."""
    return genicam.GenicamScanner(place, lent.clock, lent.choices, lent.frame_s)


def usb_camera(place: str, lent: Surroundings) -> Scanner:
    """Return the camera that V4L2 knows by the id `place`; where there is none, by its number."""
    if platform.system() == "Linux":
        return camera.CameraScanner(place, lent.clock, lent.choices, lent.frame_s)
    return opencv_scanner.OpencvScanner(place, lent.clock, lent.choices, lent.frame_s)


DRIVERS: Mapping[str, Builder] = {
    **_SIMULATED,
    replay.DEVICE_KIND: replayed_folder,
    watch_folder.DEVICE_KIND: watched_folder,
    sane.DEVICE_KIND: sane_scanner,
    twain.DEVICE_KIND: twain_scanner,
    genicam.DEVICE_KIND: genicam_camera,
    camera.DEVICE_KIND: usb_camera,
    dicom.DEVICE_KIND: dicom_receiver,
    gstreamer.DEVICE_KIND: video_stream,
}
FINDERS: Mapping[str, Callable[[], Sequence[str]]] = {
    sane.DEVICE_KIND: sane.attached,
    twain.DEVICE_KIND: twain.attached,
    genicam.DEVICE_KIND: genicam.attached,
    camera.DEVICE_KIND: camera.attached,
}
"""How each of `kinds.FINDABLE` is looked for: returns the places of what is attached now."""
CHOOSERS: frozenset[str] = frozenset(
    {
        *_SIMULATED,
        watch_folder.DEVICE_KIND,
        sane.DEVICE_KIND,
        twain.DEVICE_KIND,
        genicam.DEVICE_KIND,
        camera.DEVICE_KIND,
        gstreamer.DEVICE_KIND,
    }
)
"""The kinds that can be set in words."""


def scanner(
    kind: str, place: str, lent: Surroundings, allowed: Collection[str] = frozenset()
) -> Scanner:
    """Return the driver for the device of that kind at `place`; nothing is taken yet.

    `allowed` are the kinds whose driver may come with a package of somebody else.

    Raises:
        ScannerUnavailableError: There is no such kind, or it is not allowed, or the place or a
            choice means nothing to it.
    """
    if kind in DRIVERS:
        if lent.choices and kind not in CHOOSERS:
            raise ScannerUnavailableError(
                f"{kind!r} takes no choices.", "Take [choices] out of the device's profile."
            )
        return DRIVERS[kind](place, lent)
    driver = third_party_driver(kind, allowed)
    if driver is None:
        raise ScannerUnavailableError(
            f"There is no driver for {kind!r}.", f"Choose one of: {', '.join(sorted(DRIVERS))}."
        )
    return driver(place, lent)
