"""The detector's process watched well, and watched badly: what the kill harness must tell apart."""

import subprocess
from collections.abc import Callable

from edge_app.domain.image import CapturedImage
from edge_app.domain.reading import Reading
from edge_app.inference.messages import ReadReply, Refusal
from edge_app.inference.package import load_package
from edge_app.inference.remote import RemoteDetector, _decoded
from edge_app.isolation.channel import Message
from edge_app.isolation.child import Child
from edge_app.isolation.pace import Pace
from tests.smears import PACKAGE

WORKER = "edge_app.compose.detector_worker"
ARGUMENTS = (str(PACKAGE), "int8", "cpu", "")


class Believing(RemoteDetector):
    """Takes an answer for that of the image before it."""

    def _understood(self, answer: Message, _: CapturedImage) -> Reading | Refusal:
        reply = _decoded(answer)
        assert isinstance(reply, ReadReply)
        return reply.reading


class Endless(Pace):
    """Waits for an answer as long as it takes."""

    def deadline_s(self, _: int) -> float:
        return 1e6


class PatientChild(Child):
    """Looks only whether its process is there: a stopped one is."""

    def _end_of(self, process: "subprocess.Popen[bytes]") -> int:
        return process.wait()


class Patient(RemoteDetector):
    """Watches that the process lives and not that it answers; from the second process on."""

    def __init__(self, *arguments: object, clock: Callable[[], float]) -> None:
        super().__init__(*arguments, clock=clock)
        self._supervisor._pace = Endless(1.0)
        self._supervisor._start = lambda on_end: PatientChild(WORKER, ARGUMENTS, None, on_end)


BUILDS: dict[str, type[RemoteDetector]] = {
    "sound": RemoteDetector,
    "patient": Patient,
}


def detector_of(build: str, clock: Callable[[], float]) -> RemoteDetector:
    """Return the detector of the product ("sound") or one of its broken builds."""
    manifest = load_package(PACKAGE).manifest
    if build == "believing":
        stale = (*ARGUMENTS, "", "stale", "")
        return Believing(manifest, "tests.faults.faulty_detector_worker", stale, clock=clock)
    return BUILDS[build](manifest, WORKER, ARGUMENTS, clock=clock)
