"""What a technician measures once on a device, kept in the device's profile."""

import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path

import msgspec
import tomlkit
from tomlkit.exceptions import TOMLKitError

from edge_app.compose.clock import SystemClock
from edge_app.compose.devices import profile_and_place, profile_file, profiled
from edge_app.compose.site_devices import SiteDevices
from edge_app.domain.error import (
    EdgeAppError,
    NotAllowedError,
    ScannerGoneError,
    ScannerUnavailableError,
)
from edge_app.domain.freshness import habits_of
from edge_app.domain.image import CapturedImage
from edge_app.durable import ensure_writable, write_whole
from edge_app.ports import DeviceInfo, MeasuredLight, MeasuredSpacing, Point
from edge_app.workflow.fresh_pictures import fresh_pictures
from hardware.light import FRAMES_OF_LIGHT
from hardware.profile import profile_from
from hardware.remote import OpenRemote, RemoteScanner
from hardware.scale import spacing_from_marks

_WORKER = "edge_app.compose.calibration_worker"
Use = Callable[[str], None]


class NotKeptError(EdgeAppError):
    """What is measured of the device cannot be written into its profile."""

    code = "DEV-003"
    safe = "The profile is as it was."


class _MeasuredScanner:
    """Answers `Scanner`, and knows what is held, for whoever holds it and measures."""

    def __init__(self, scanner: RemoteScanner) -> None:
        self._scanner = scanner
        self._info: DeviceInfo | None = None
        self._held: OpenRemote | None = None

    def info(self) -> DeviceInfo:
        """Return what the device is; it is asked once."""
        if self._info is None:
            self._info = self._scanner.info()
        return self._info

    @contextmanager
    def open(self) -> Iterator[OpenRemote]:
        """Take the device; raises ScannerUnavailableError, also for one that names patients."""
        if habits_of(self.info().capabilities).names_patients:
            what = "What this device delivers is its patients', and is not used up for measuring."
            raise ScannerUnavailableError(what, "Measure at the device that makes the pictures.")
        with self._scanner.open() as held:
            self._held = held
            try:
                yield held
            finally:
                self._held = None

    @property
    def held(self) -> OpenRemote:
        if self._held is None:
            raise ScannerGoneError("The device is not there.", "Connect it, then do it again.")
        return self._held

    def fresh(self, count: int) -> list[CapturedImage]:
        """Return new pictures of the held device; raises as `fresh_pictures` does."""
        return list(islice(fresh_pictures(self.held, self.info(), SystemClock()), count))


class DeviceCalibrator:
    """Answers `Calibrator` for a device named PROFILE.toml:PLACE."""

    def __init__(
        self,
        name: str,
        site: SiteDevices,
        beside: Sequence[str],
        use: Use,
    ) -> None:
        """Read the profile.

        `beside` are the names of all devices, besides the site's; `use` is called before anything
        is kept, with what is kept in words.

        Raises:
            NotKeptError: There is no profile to keep anything in, it is another device's too, or
                it cannot be written.
            ScannerUnavailableError: The profile is not valid.
        """
        path = profile_file(name)
        if path is None:
            what = "What is measured is kept in a device's profile, and this device has none."
            remedy = "Write a profile (hardware/README.md), name the device as FILE.toml:PLACE."
            raise NotKeptError(what, remedy)
        profile, place = profile_and_place(name)
        self._path = path.resolve()
        _ensure_own(self._path, name, (*site.names, *beside))
        _ensure_keepable(self._path)
        self.spacing_mm = profile.spacing_mm[1] if profile.spacing_mm else None
        raw = msgspec.structs.replace(
            profile, light=None, spacing_mm=None, mirrored=False, turned=0, colour="rgb"
        )
        self._use = use
        self.scanner = _MeasuredScanner(profiled(raw, place, site, _WORKER))

    def light(self) -> MeasuredLight:
        """Measure the light of the empty field that the held device shows now."""
        self.scanner.fresh(FRAMES_OF_LIGHT)
        found = self.scanner.held.light()
        value = msgspec.to_builtins(found.light, builtin_types=(date,))
        keep = partial(self._keep, "light", {"light": value})
        return MeasuredLight(found.light.measured, found.before, found.after, keep)

    def by_lines(self, image: CapturedImage, apart_mm: float, spaces: int) -> MeasuredSpacing:
        """Measure on one of its last frames, which shows upright lines."""
        _ensure_unknown(image)
        return self._spacing(self.scanner.held.lines(image.sequence, apart_mm, spaces))

    def by_marks(
        self, image: CapturedImage, marks: Sequence[Point], apart_mm: float
    ) -> MeasuredSpacing:
        """Measure by two places on a frame."""
        _ensure_unknown(image)
        start, end = marks
        return self._spacing(spacing_from_marks(start, end, apart_mm))

    def _spacing(self, spacing_mm: float) -> MeasuredSpacing:
        today = SystemClock().now().date()
        values = {"spacing_mm": [spacing_mm, spacing_mm], "spacing_measured": today}
        return MeasuredSpacing(spacing_mm, partial(self._keep, "size of a pixel", values))

    def _keep(self, what: str, values: dict[str, object]) -> None:
        self._use(f"keeps the {what} of a device")
        _keep(self._path, values)


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may calibrate.

    Attributes:
        is_given: Whether it is offered to whoever is in.
        use: Called before anything is kept, with what is kept in words: writes it down, or raises
            NotAllowedError.
    """

    is_given: bool
    use: Use


class ProfileCalibrations:
    """Answers `Calibrations` for the devices of these names, in the window's order."""

    def __init__(self, names: Sequence[str], site: SiteDevices, permission: Permission) -> None:
        self._names = tuple(names)
        self._site = site
        self._permission = permission

    def of(self, place: int) -> DeviceCalibrator:
        """Return what measures that device.

        Raises:
            NotAllowedError: Whoever is in may not.
            EdgeAppError: As `DeviceCalibrator` raises it.
        """
        if not self._permission.is_given:
            what = "That is for technicians and administrators."
            raise NotAllowedError(what, "Have one of them log in.")
        name, names, use = self._names[place], self._names, self._permission.use
        return DeviceCalibrator(name, self._site, names, use)


def calibrate_light(name: str, site: SiteDevices, use: Use) -> MeasuredLight:
    """Measure the light of the device, which shows an empty bright field now, and keep it.

    `use` is called before it is kept.

    Raises:
        ScannerUnavailableError: It cannot be taken, or does not show such a field.
        NotKeptError: There is no profile to keep it in, or it cannot be written.
    """
    calibrator = DeviceCalibrator(name, site, (), use)
    with calibrator.scanner.open():
        found = calibrator.light()
    found.keep()
    return found


def calibrate_spacing(
    name: str, site: SiteDevices, apart_mm: float, by: Sequence[Point] | int, use: Use
) -> float:
    """Measure the size of a pixel on the frame that the device shows now, keep it; return mm.

    `by` are two places that are `apart_mm` apart, or how many spaces of that size go across;
    `use` is called before it is kept.

    Raises:
        ScannerUnavailableError: It cannot be taken, knows its own scale, or shows none.
        NotKeptError: There is no profile to keep it in, or it cannot be written.
    """
    calibrator = DeviceCalibrator(name, site, (), use)
    with calibrator.scanner.open():
        frames = calibrator.scanner.fresh(1)
        if not frames:
            what = "The device gave no picture."
            raise ScannerUnavailableError(what, "Look at the device, then do it again.")
        if isinstance(by, int):
            found = calibrator.by_lines(frames[0], apart_mm, by)
        else:
            found = calibrator.by_marks(frames[0], by, apart_mm)
    found.keep()
    return found.spacing_mm


def _ensure_unknown(image: CapturedImage) -> None:
    if image.spacing_mm:
        what = f"The device itself says {image.spacing_mm[0]:g} mm a pixel."
        raise ScannerUnavailableError(what, "Nothing is to be measured here.")


def _ensure_own(path: Path, name: str, names: Sequence[str]) -> None:
    """Refuse a profile of several devices: the others' pictures would carry a false scale."""
    profiles = {other: profile_file(other) for other in names if other != name}
    if any(profile and profile.resolve() == path for profile in profiles.values()):
        what = "This device shares its profile with another one, which is not measured with it."
        raise NotKeptError(what, "Give each device a profile of its own.")


def _ensure_keepable(path: Path) -> None:
    try:
        ensure_writable(path)
    except OSError as error:
        raise _not_written(error) from error


def _not_written(error: OSError | TOMLKitError) -> NotKeptError:
    why = (getattr(error, "strerror", None) or "it is not valid").lower()
    what = f"The device's profile cannot be written: {why}. What is measured is not kept."
    return NotKeptError(what, "Have a technician look at the rights of the file.")


def _keep(path: Path, values: dict[str, object]) -> None:
    """Put `values` into the profile's file; what else stands in it stays, comments too."""
    try:
        ensure_writable(path)
        before, mode = path.read_bytes(), stat.S_IMODE(path.stat().st_mode)
        written = tomlkit.parse(before)
        for key, value in values.items():
            written.pop(key, None)
            written[key] = value
        write_whole(path, tomlkit.dumps(written).encode(), mode=mode)
    except (OSError, TOMLKitError) as error:
        raise _not_written(error) from error
    try:
        profile_from(path)
    except ScannerUnavailableError as error:
        write_whole(path, before, mode=mode)
        raise NotKeptError(f"What was measured is not kept. {error.what}", error.remedy) from error
