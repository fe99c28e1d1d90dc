"""Detectors in this process, for the command line, and the self-tests of this machine."""

from collections.abc import Iterator

from edge_app.compose.clock import SystemClock
from edge_app.compose.packages import package_folder
from edge_app.inference.choice import Choice
from edge_app.inference.detector import OnnxDetector
from edge_app.inference.loading import load_detector
from edge_app.inference.machine import Machine
from edge_app.inference.package import DetectorPackage
from edge_app.inference.selftest import SelftestRecord, Verdict
from edge_app.settings import Settings


def machine(settings: Settings) -> Machine:
    """Return what this machine knows of its detectors."""
    return Machine.at(settings, SystemClock())


def detector(settings: Settings, name: str, choice: Choice) -> OnnxDetector:
    """Return a detector in this process, golden check passed; raises DetectorRefusedError."""
    return load_detector(package_folder(settings, name), choice, machine(settings))


def tested(settings: Settings, package: DetectorPackage) -> Iterator[Verdict | SelftestRecord]:
    """Yield each verdict of a new self-test of one package, and at last its record.

    Raises:
        DetectorRefusedError: The package has no valid golden answers.
        OSError: The record could not be kept.
    """
    return machine(settings).test(package)
