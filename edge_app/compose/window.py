"""The kiosk: the window in this process, the detector and the devices in others."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from edge_app.compose.clock import SystemClock
from edge_app.compose.confinement import enclosure_for
from edge_app.compose.devices import scanners
from edge_app.compose.packages import DEFAULT, package_folder
from edge_app.domain.error import EdgeAppError
from edge_app.exchange.pdf_report import PdfReport
from edge_app.inference.choice import Choice
from edge_app.inference.package import load_package
from edge_app.inference.remote import RemoteDetector
from edge_app.settings import Settings
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.ui.parts import KioskParts

_WORKER = "edge_app.compose.detector_worker"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The detector's process, or why there is none."""

    detector: RemoteDetector | None
    words: str


def remote_detector(settings: Settings, name: str, choice: Choice) -> Loaded:
    """Return a detector in a process of its own; a refusal leaves capturing as it is."""
    try:
        folder = package_folder(settings, name)
        arguments = (str(folder), choice.variant, choice.provider, choice.point)
        manifest = load_package(folder).manifest
        detector = RemoteDetector(
            manifest, _WORKER, arguments, enclosure_for(folder, choice.provider)
        )
    except EdgeAppError as error:
        return Loaded(None, str(error))
    certificate = detector.certificate
    return Loaded(detector, f"{certificate.provider.upper()}, {certificate.variant}")


@contextmanager
def kiosk_parts(settings: Settings, devices: Sequence[str]) -> Iterator[KioskParts]:
    """Yield what the window is made of; leaving the block ends the processes.

    Raises:
        EdgeAppError: The store cannot be opened, or a device's name means nothing.
    """
    attached = scanners(devices)
    with SqliteStudyStore(settings.data_dir) as store:
        loaded = remote_detector(settings, DEFAULT, Choice())
        labels = [x.name for x in loaded.detector.manifest.labels] if loaded.detector else []
        try:
            yield KioskParts(
                scanners=attached,
                detector=loaded.detector,
                provider_words=loaded.words,
                store=store,
                report=PdfReport(labels),
                clock=SystemClock(),
                report_dir=settings.data_dir / "reports",
                analysis=loaded.detector,
            )
        finally:
            if loaded.detector:
                loaded.detector.close()
