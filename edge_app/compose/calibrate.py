"""What a technician measures once on a device, kept in the device's profile."""

from collections.abc import Callable
from datetime import date
from itertools import islice
from pathlib import Path

import msgspec
import tomlkit
from tomlkit.exceptions import TOMLKitError

from edge_app.compose.clock import SystemClock
from edge_app.compose.devices import profile_and_place, profile_file, profiled
from edge_app.compose.site_devices import SiteDevices
from edge_app.domain.error import EdgeAppError, ScannerUnavailableError
from edge_app.domain.freshness import habits_of
from edge_app.domain.image import CapturedImage
from edge_app.durable import write_whole
from edge_app.workflow.fresh_pictures import fresh_pictures
from hardware.light import measured_light
from hardware.profile import DeviceProfile, profile_from
from hardware.scale import Point, spacing_from_lines, spacing_from_marks

Marks = tuple[Point, Point]
"""Two places in a picture, x and y in pixels from its upper left corner."""
FRAMES_OF_LIGHT = 8
_KEPT_AS_IT_WAS = "The profile is as it was."
Measured = Callable[[CapturedImage], float]
"""Returns the millimetres a pixel that a frame of something of known size shows."""


class NotKeptError(EdgeAppError):
    """What was measured could not be written into the device's profile."""

    code = "DEV-003"
    safe = _KEPT_AS_IT_WAS


def measure_of(apart_mm: float, marks: Marks | None, spaces: int | None) -> Measured:
    """Return what measures by two marks, or else by the lines of a scale, `apart_mm` apart."""
    if marks:
        spacing_mm = spacing_from_marks(*marks, apart_mm)
        return lambda _image: spacing_mm
    return lambda image: spacing_from_lines(image.pixels, apart_mm, spaces or 0)


def calibrate_light(name: str, site: SiteDevices) -> date:
    """Measure the light of the device, which shows an empty bright field now; return the day.

    Raises:
        ScannerUnavailableError: It cannot be taken, or does not show such a field.
        NotKeptError: There is no profile to keep it in, or it cannot be written.
    """
    path, raw = _to_measure(name)
    frames = [image.pixels for image in _frames(raw, name, site, FRAMES_OF_LIGHT)]
    light = measured_light(frames, SystemClock().now().date())
    _keep(path, {"light": msgspec.to_builtins(light, builtin_types=(date,))})
    return light.measured


def calibrate_spacing(name: str, site: SiteDevices, measured: Measured) -> float:
    """Measure the size of a pixel on the frame that the device shows now; return mm a pixel.

    Raises:
        ScannerUnavailableError: It cannot be taken, knows its own scale, or shows none.
        NotKeptError: There is no profile to keep it in, or it cannot be written.
    """
    path, raw = _to_measure(name)
    (image,) = _frames(raw, name, site, 1)
    if image.spacing_mm:
        what = f"The device itself says {image.spacing_mm[0]:g} mm a pixel."
        raise ScannerUnavailableError(what, "Nothing is to be measured here.")
    spacing_mm = measured(image)
    today = SystemClock().now().date()
    _keep(path, {"spacing_mm": [spacing_mm, spacing_mm], "spacing_measured": today})
    return spacing_mm


def _to_measure(name: str) -> tuple[Path, DeviceProfile]:
    """Return the profile's file, and the profile without what is measured or turned."""
    path = profile_file(name)
    if path is None:
        what = "A calibration is kept in a device's profile, and this device was named without one."
        raise NotKeptError(
            what, "Write a profile (hardware/README.md), name it as FILE.toml:PLACE."
        )
    profile, _ = profile_and_place(name)
    raw = msgspec.structs.replace(
        profile, light=None, spacing_mm=None, mirrored=False, turned=0, colour="rgb"
    )
    return path, raw


def _frames(
    profile: DeviceProfile, name: str, site: SiteDevices, count: int
) -> list[CapturedImage]:
    scanner = profiled(profile, profile_and_place(name)[1], site)
    info = scanner.info()
    if habits_of(info.capabilities).names_patients:
        what = "What this device delivers is its patients', and is not used up for measuring."
        raise ScannerUnavailableError(what, "Measure at the device that makes the pictures.")
    with scanner.open() as device:
        found = list(islice(fresh_pictures(device, info, SystemClock()), count))
    if len(found) < count:
        what = f"The device gave {len(found)} of {count} pictures."
        raise ScannerUnavailableError(what, "Look at the device, then do it again.")
    return found


def _keep(path: Path, values: dict[str, object]) -> None:
    """Put `values` into the profile's file; what else stands in it stays, comments too."""
    try:
        before = path.read_bytes()
        written = tomlkit.parse(before)
        for key, value in values.items():
            written.pop(key, None)
            written[key] = value
        write_whole(path, tomlkit.dumps(written).encode())
    except (OSError, TOMLKitError) as error:
        why = (getattr(error, "strerror", None) or "it is not valid").lower()
        what = f"What was measured is not kept: the profile cannot be written: {why}."
        raise NotKeptError(what, "Look at the rights of the file, then do it again.") from error
    try:
        profile_from(path)
    except ScannerUnavailableError as error:
        write_whole(path, before)
        raise NotKeptError(f"What was measured is not kept. {error.what}", error.remedy) from error
