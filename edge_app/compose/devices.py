"""The devices that this run knows, each asked and held by a process of its own."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec

from edge_app.compose.clock import SystemClock
from edge_app.compose.site_devices import NO_SITE, SiteDevices
from edge_app.domain.error import NotSavedError, ScannerUnavailableError, SwappedKeyError
from edge_app.domain.image import CapturedImage
from edge_app.exchange.captured import write_captured
from edge_app.ports import Control, DeviceInfo, OpenScanner, Scanner
from edge_app.workflow.fresh_pictures import fresh_pictures
from hardware.kinds import FINDABLE, FRAME_S, SEALING
from hardware.profile import DeviceProfile, profile_from
from hardware.remote import RemoteScanner, found_places

SHIPPED = ("microscope:7",)
_SIMULATED = (*SHIPPED, "ultrasound:shipped", "xray-panel:shipped", "flatbed:3")
_WORKER = "edge_app.compose.capture_worker"
_FINDER = "edge_app.compose.finder_worker"
_PROFILE = ".toml"
_ASKED_AT_ONCE = max(2, os.cpu_count() or 1)  # more processes than that start late on slow machines


def names_of(named: Sequence[str], site: SiteDevices) -> Sequence[str]:
    """Return the names of the devices that are offered: those named, else the site's, else ours."""
    return named or site.names or SHIPPED


def _told_nobody() -> None:
    """Tell nobody, where there is no key that could have been swapped."""


def scanners(
    named: Sequence[str],
    site: SiteDevices = NO_SITE,
    opens: bytes = b"",
    on_swapped: Callable[[], None] = _told_nobody,
) -> list[Scanner]:
    """Return the devices named "KIND:PLACE" or "PROFILE.toml:PLACE", else the site's, else ours.

    `opens` is the key of the store that is open to what devices sealed for it; `on_swapped` is told
    where somebody put another key there to seal to.

    Raises:
        ScannerUnavailableError: A name is not of that form, or its profile is not valid.
    """
    return [Named(name, site, opens, on_swapped) for name in names_of(named, site)]


@dataclass(frozen=True, slots=True)
class Attached:
    """What was looked for: names for `scanners`, and the kinds that could not be looked for."""

    names: tuple[str, ...]
    failed: Mapping[str, ScannerUnavailableError]


@dataclass(frozen=True, slots=True)
class Listed:
    """What devices say of themselves, by their names, and those that say nothing, with why."""

    infos: Mapping[str, DeviceInfo]
    failed: Mapping[str, ScannerUnavailableError]


def listed(named: Sequence[str], site: SiteDevices) -> Listed:
    """Return what the devices named say, else all that `attached` finds.

    One that cannot be asked costs no other one; each is asked in a process of its own.
    """
    looked = Attached(tuple(named), {}) if named else attached(site)
    infos: dict[str, DeviceInfo] = {}
    failed = dict(looked.failed)
    with ThreadPoolExecutor(_ASKED_AT_ONCE) as asking:
        asked = [(n, asking.submit(_info, n, site)) for n in looked.names]
    for name, answer in asked:
        try:
            infos[name] = answer.result()
        except ScannerUnavailableError as error:
            failed[name] = error
    return Listed(infos, failed)


def attached(site: SiteDevices = NO_SITE) -> Attached:
    """Return the site's devices, all that is attached to this computer, and the simulated ones.

    Each driver looks in its own process.
    """
    names: list[str] = []
    failed: dict[str, ScannerUnavailableError] = {}
    with ThreadPoolExecutor(max(1, len(FINDABLE))) as looking:
        asked = [(kind, looking.submit(found_places, _FINDER, kind)) for kind in FINDABLE]
    for kind, answer in asked:
        try:
            names += [f"{kind}:{place}" for place in answer.result()]
        except ScannerUnavailableError as error:
            failed[kind] = error
    return Attached(tuple(dict.fromkeys((*site.names, *_SIMULATED, *names))), failed)


def _info(name: str, site: SiteDevices) -> DeviceInfo:
    return Named(name, site).info()


def profile_file(name: str) -> Path | None:
    """Return the file of the profile in a device's name, or None where it names a kind."""
    of_profile, colon, _ = name.partition(_PROFILE + ":")
    return Path(of_profile + _PROFILE) if colon else None


def profile_and_place(name: str) -> tuple[DeviceProfile, str]:
    """Return what a device's name says.

    Raises:
        ScannerUnavailableError: It is not of the form, or its profile is not valid.
    """
    file = profile_file(name)
    if file:
        profile, place = profile_from(file), name.partition(_PROFILE + ":")[2]
    else:
        kind, colon, place = name.partition(":")
        if not colon or not kind:
            raise ScannerUnavailableError(
                f"A device is named KIND:PLACE, not {name!r}.", "Try microscope:7."
            )
        profile = DeviceProfile(kind)
    return profile, place


class Named:
    """Answers `Scanner`; each taking of the device has what its profile says then.

    Attributes:
        seals: Whether it keeps pictures that only a store's key opens.
    """

    def __init__(
        self,
        name: str,
        site: SiteDevices,
        opens: bytes = b"",
        on_swapped: Callable[[], None] = _told_nobody,
    ) -> None:
        self._name = name
        self._site = site
        self._opens = opens
        self._on_swapped = on_swapped
        self._profiled()
        self.seals = profile_and_place(name)[0].kind in SEALING

    def opened_by(self, key: bytes, on_swapped: Callable[[], None]) -> "Named":
        """Return the device with the key to what it sealed, and who is told of another key."""
        return Named(self._name, self._site, key, on_swapped)

    def _profiled(self) -> RemoteScanner:
        return profiled(*profile_and_place(self._name), self._site, opens=self._opens)

    def info(self) -> DeviceInfo:
        """Return what the device is, without taking it."""
        return self._profiled().info()

    @contextmanager
    def open(self) -> Iterator[OpenScanner]:
        """Take the device; raises ScannerUnavailableError where it cannot be had."""
        with ExitStack() as stack:
            try:
                device = stack.enter_context(self._profiled().open())
            except SwappedKeyError:
                with suppress(NotSavedError):  # that it is refused is said in any case
                    self._on_swapped()
                raise
            yield device


def profiled(
    profile: DeviceProfile,
    place: str,
    site: SiteDevices,
    worker: str = _WORKER,
    opens: bytes = b"",
) -> RemoteScanner:
    """Return the device at `place`, set as `profile` says, in a process of its own."""
    frame_s = profile.frame_s or FRAME_S.get(profile.kind)
    profile = msgspec.structs.replace(profile, frame_s=frame_s)
    # Read once, here: what the process sets and what is waited for are one profile.
    drivers = sorted(site.drivers)
    arguments = (place, msgspec.json.encode(profile).decode(), *drivers)
    opens = opens if profile.kind in SEALING else b""
    return RemoteScanner(worker, arguments, profile.frame_s, opens)


@dataclass(frozen=True, slots=True)
class Shown:
    """One device with its knobs."""

    info: DeviceInfo
    controls: tuple[Control, ...]


def chosen(named: Sequence[str], device_id: str, site: SiteDevices) -> Named:
    """Return the device with that id among those named; a name "KIND:PLACE" is taken as well.

    Raises:
        ScannerUnavailableError: None has it.
    """
    if ":" in device_id and not named:
        return Named(device_id, site)
    infos = listed(named, site).infos
    for name, info in infos.items():
        if info.device_id == device_id:
            return Named(name, site)
    others = ", ".join(sorted(info.device_id for info in infos.values()))
    raise ScannerUnavailableError(f"There is no device {device_id!r}.", f"Choose one of: {others}.")


def shown(scanner: Scanner) -> Shown:
    """Return the device with its knobs; takes it for a moment."""
    with scanner.open() as device:
        controls = tuple(device.controls())
    return Shown(scanner.info(), controls)


def captured(scanner: Scanner, count: int, folder: Path) -> list[tuple[CapturedImage, Path]]:
    """Return up to `count` images, each written to `folder` as PNG; fewer where it has no more.

    A frame that is not a new picture is left out. A device that has nothing yet is waited for.

    Raises:
        NothingYetError: No new picture came for a minute; images before that are in `folder`.
        ScannerUnavailableError: The device went away, or sends no new pictures any more.
        ExportFailedError: One could not be written.
    """
    taken: list[tuple[CapturedImage, Path]] = []
    with scanner.open() as device:
        pictures = fresh_pictures(device, scanner.info(), SystemClock())
        for image in islice(pictures, count):
            path = folder / f"{image.device_id}-{image.sequence:04d}.png"
            write_captured(image, path)
            taken.append((image, path))
    return taken
