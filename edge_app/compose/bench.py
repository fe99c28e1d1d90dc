"""One detector's speed on this machine: warm, every way in turns, and cold as a command."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app.compose.files import image_from
from edge_app.compose.window import remote_detector
from edge_app.domain.error import ReadingFailedError
from edge_app.domain.image import CapturedImage
from edge_app.exchange.frames import Frame
from edge_app.inference import gate
from edge_app.inference.choice import Choice
from edge_app.inference.detector import OnnxDetector
from edge_app.inference.golden import golden_pixels, golden_set
from edge_app.inference.package import GOLDEN, DetectorPackage
from edge_app.inference.preprocess import prepare
from edge_app.settings import Settings
from edge_app.workflow.measure_speed import Way

BARE, PIPELINE, WORKER, PEER = "session.run", "pipeline", "through the worker", "cv2.dnn"
Runs = Mapping[str, Callable[[], object]]


@dataclass(frozen=True, slots=True)
class ColdStart:
    """One `edge-app analyze` from process start to answer."""

    cold_start_ms: float
    rss_mb: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One variant on one provider.

    Attributes:
        ways: By name; the bare session, ours in this process and through the worker, a peer.
    """

    variant: str
    provider: str
    ways: Mapping[str, Way]
    cold: ColdStart

    def said(self) -> dict[str, object]:
        """Return the figures under the names that the command line's contract fixes."""
        return {
            "variant": self.variant,
            "provider": self.provider,
            "session_run_ms": self.ways[BARE].ms,
            "pipeline_ms": self.ways[PIPELINE].ms,
            "ratio": self.ways[PIPELINE].ratio,
            **asdict(self.cold),
            "ways": {name: asdict(way) for name, way in self.ways.items()},
        }


def _picture(package: DetectorPackage) -> CapturedImage:
    first = golden_set(package).pictures[0]
    return image_from(Frame(golden_pixels(package.folder, first)), 1)


def _cv2_way(
    package: DetectorPackage, variant: str, tensor: NDArray[np.uint8]
) -> Callable[[], object] | None:
    """Return OpenCV's own runtime on the same graph, or None where it cannot run it."""
    model = package.model(package.variant(variant))
    gate.ensure_admitted(model)
    try:
        net = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
        names = net.getUnconnectedOutLayersNames()

        def run() -> object:
            net.setInput(tensor)
            return net.forward(names)

        run()
    except cv2.error:
        return None
    return run


def bare_runs(package: DetectorPackage, detectors: Sequence[OnnxDetector]) -> Runs:
    """Return each detector's bare session on one picture, by the variant's name."""
    tensor = prepare(_picture(package).pixels, package.manifest.input).tensor
    return {
        d.certificate.variant: partial(d.session.inner.run, None, {d.session.input_name: tensor})
        for d in detectors
    }


@contextmanager
def ways(
    settings: Settings, package: DetectorPackage, detector: OnnxDetector
) -> Iterator[tuple[Runs, str]]:
    """Yield every way to run one detector on one picture, and what could not be run and why."""
    image = _picture(package)
    tensor = prepare(image.pixels, package.manifest.input).tensor
    inner = detector.session.inner
    feed = {inner.get_inputs()[0].name: tensor}
    certificate = detector.certificate
    found: dict[str, Callable[[], object]] = {
        BARE: lambda: inner.run(None, feed),
        PIPELINE: lambda: detector.read(image),
    }
    peer = _cv2_way(package, certificate.variant, tensor) if certificate.provider == "cpu" else None
    if peer:
        found[PEER] = peer
    choice = Choice(certificate.variant, certificate.provider)
    loaded = remote_detector(settings, package.manifest.name, choice)
    remote = loaded.detector
    if remote is None:
        yield found, loaded.words
        return
    found[WORKER] = lambda: remote.read(image)
    try:
        yield found, ""
    finally:
        remote.close()


def cold_start(package: DetectorPackage, variant: str, provider: str) -> ColdStart:
    """Return the time and the memory of one cold `edge-app analyze` of a golden picture.

    Raises:
        ReadingFailedError: It gave no answer.
    """
    picture = package.folder / GOLDEN / golden_set(package).pictures[0].file
    name = package.manifest.name
    command = [sys.executable, "-m", "edge_app", "analyze", str(picture), "--detector", name]
    command += ["--variant", variant, "--provider", provider, "--json", "--quiet"]
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=said, stderr=subprocess.DEVNULL, env=dict(os.environ)
        )
        _, status, usage = os.wait4(process.pid, 0)
        took = (time.perf_counter() - started) * 1e3
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        answer = said.read()
    if process.returncode or not json.loads(answer)["readings"]:
        raise ReadingFailedError("The cold run gave no answer.", "Run edge-app doctor.")
    return ColdStart(took, usage.ru_maxrss / 1024)
