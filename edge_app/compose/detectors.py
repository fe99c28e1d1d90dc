"""Detectors in this process, for the command line, and the self-tests of this machine."""

from collections.abc import Callable, Iterator

from edge_app.compose.clock import SystemClock
from edge_app.compose.packages import package_folder
from edge_app.domain.preparing import Preparing
from edge_app.inference.choice import Choice
from edge_app.inference.detector import OnnxDetector
from edge_app.inference.loading import load_detector
from edge_app.inference.machine import Machine
from edge_app.inference.package import DetectorPackage
from edge_app.inference.preparation import WhatIsPrepared
from edge_app.inference.selftest import SelftestRecord, Verdict
from edge_app.settings import Settings

Told = Callable[[Preparing | None], None]
"""Hears what is being made ready, and None when that has ended."""


def untold(_: Preparing | None) -> None:
    """Tell nobody."""


def machine(settings: Settings, told: Told = untold) -> Machine:
    """Return what this machine knows of its detectors."""

    def hear(what: WhatIsPrepared | None) -> None:
        told(what.after(0.0) if what else None)

    return Machine.at(settings, SystemClock(), told=hear)


def detector(settings: Settings, name: str, choice: Choice, told: Told = untold) -> OnnxDetector:
    """Return a detector in this process, golden check passed; raises DetectorRefusedError."""
    return load_detector(package_folder(settings, name), choice, machine(settings, told))


def tested(
    settings: Settings, package: DetectorPackage, told: Told
) -> Iterator[Verdict | SelftestRecord]:
    """Yield each verdict of a new self-test of one package, and at last its record.

    Raises:
        DetectorRefusedError: The package has no valid golden answers.
        OSError: The record could not be kept.
    """
    return machine(settings, told).test(package)


def standing(settings: Settings, package: DetectorPackage) -> SelftestRecord | None:
    """Return the self-test that stands for this machine and package, or None where one is due.

    Raises:
        DetectorRefusedError: A model's file is not the one that was tested.
    """
    for variant in package.manifest.variants:
        package.model(variant)
    return machine(settings).record(package)
