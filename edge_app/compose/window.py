"""The kiosk: the window in this process, the detector and the devices in others."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import msgspec

from edge_app.compose.about import ProgramAbout
from edge_app.compose.beside_window import command_of, environment_of
from edge_app.compose.calibrate import Permission, ProfileCalibrations
from edge_app.compose.clock import SystemClock
from edge_app.compose.confinement import enclosure_for
from edge_app.compose.devices import names_of, scanners
from edge_app.compose.leaving import KioskLeaving
from edge_app.compose.open_store import OpenStore
from edge_app.compose.packages import DEFAULT, package_folder
from edge_app.compose.settings_shown import shown_settings
from edge_app.compose.site_devices import site_devices
from edge_app.compose.site_printers import known_printers
from edge_app.domain.account import Right
from edge_app.domain.audit import EventKind
from edge_app.domain.error import EdgeAppError
from edge_app.domain.reading import Certificate
from edge_app.inference.choice import Choice
from edge_app.inference.package import card_of, load_package
from edge_app.inference.remote import RemoteDetector
from edge_app.inference.site_tuning import site_tuning
from edge_app.settings import Settings
from edge_app.ui.parts import KioskParts

_WORKER = "edge_app.compose.detector_worker"
_AGAIN_S = 7 * 24 * 3600.0
_LONGEST_S = 3600.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """The detector's process, or why there is none."""

    detector: RemoteDetector | None
    words: str


def started_detector(settings: Settings, name: str, choice: Choice) -> RemoteDetector:
    """Return a detector in a process of its own that is being made ready there.

    Raises:
        EdgeAppError: There is no such package, or it is refused before anything runs.
    """
    folder = package_folder(settings, name)
    wish = (choice.variant, choice.provider, choice.point)
    site = msgspec.json.encode(site_tuning(settings)).decode()
    return RemoteDetector(
        load_package(folder).manifest,
        _WORKER,
        (str(folder), *wish, str(settings.data_dir), site),
        enclosure_for((folder, settings.selftests_dir), choice.provider),
    )


def remote_detector(settings: Settings, name: str, choice: Choice) -> Loaded:
    """Return a detector in a process of its own, ready to read, or why there is none."""
    try:
        detector = started_detector(settings, name, choice)
    except EdgeAppError as error:
        return Loaded(None, str(error))
    try:
        return Loaded(detector, running_words(detector.wait_until_ready()))
    except EdgeAppError as error:
        detector.close()
        return Loaded(None, str(error))


def running_words(certificate: Certificate) -> str:
    """Return the provider and the variant that really run."""
    return f"{certificate.provider.upper()}, {certificate.variant}"


class MachineSelftest:
    """Answers `Selftest`: a process of its own tests, then the detector takes what it chose."""

    def __init__(self, settings: Settings, detector: RemoteDetector) -> None:
        self._settings = settings
        self._detector = detector
        self._is_run = False
        self._tested_at = time.monotonic()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_due(self) -> bool:
        """Whether the detector was never tested here, or not for a week; known once it is ready."""
        is_first = not (self._is_run or self._detector.is_tested)
        return is_first or time.monotonic() - self._tested_at > _AGAIN_S

    def run(self) -> None:
        """Test every variant, provider and level; minutes where a GPU's engine is built."""
        self._is_run = True
        self._tested_at = time.monotonic()
        words = ("models", "selftest", self._detector.manifest.name)
        self._process = subprocess.Popen(
            command_of(self._settings, words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment_of(self._settings),
        )
        try:
            self._process.wait(_LONGEST_S)
        except subprocess.TimeoutExpired:  # what is used has passed its golden check all the same
            self.close()

    def take_up(self) -> str:
        """Load what the self-test chose; return provider and variant in words.

        Raises:
            DetectorRefusedError: Nothing agrees on this machine any more.
        """
        self._detector.renew()
        return running_words(self._detector.certificate)

    def close(self) -> None:
        """End a test that is running; the next start runs it again."""
        if self._process:
            self._process.kill()
            self._process.wait()


def _calibrating(store: OpenStore) -> Permission:
    def use(what: str) -> None:
        store.ensure_may(Right.MANAGE_DEVICES)
        store.note(EventKind.APPLICATION, what)

    return Permission(store.may(Right.MANAGE_DEVICES), use)


@contextmanager
def kiosk_parts(
    settings: Settings, store: OpenStore, devices: Sequence[str], detector: str = DEFAULT
) -> Iterator[KioskParts]:
    """Yield what the window is made of; leaving the block ends the processes.

    The detector is made ready meanwhile, which may take an accelerator minutes; one that cannot
    be loaded costs the readings, not the window.

    Raises:
        EdgeAppError: A device's name means nothing.
    """
    site = site_devices(settings)
    attached = scanners(devices, site, store.opens_received, store.note_swapped_key)
    try:
        started: RemoteDetector | None = started_detector(settings, detector, Choice())
    except EdgeAppError:
        started = None
    selftest = MachineSelftest(settings, started) if started else None
    upkeep = store.upkeep(settings)
    commissioning = store.commissioning(settings, detector)
    may_count = store.may(Right.SEE_STUDIES) or store.may(Right.MANAGE_DEVICES)
    try:
        yield KioskParts(
            scanners=attached,
            detector=started,
            provider_words="",
            store=store.studies,
            outbox=store.outbox if store.may(Right.USE_OUTBOX) else None,
            is_emergency=store.is_emergency,
            clock=SystemClock(),
            analysis=started,
            preparation=started,
            selftest=selftest,
            shutter=site.shutter,
            wedge=site.wedge,
            calibrations=ProfileCalibrations(names_of(devices, site), site, _calibrating(store)),
            who=store.who,
            leaving=KioskLeaving(settings, store),
            printers=tuple(known_printers(settings.data_dir)) if store.may(Right.PRINT) else (),
            recovered=store.recovered,
            held=store.held,
            upkeep=upkeep.look,
            figures=store.figures(settings) if may_count else None,
            settings=partial(shown_settings, settings, store),
            about=ProgramAbout(settings, devices),
            commissioning=commissioning if store.may(Right.MANAGE_DEVICES) else None,
            card=card_of(package_folder(settings, detector)) if started else "",
        )
    finally:
        commissioning.stop()
        upkeep.close()
        if selftest:
            selftest.close()
        if started:
            started.close()
