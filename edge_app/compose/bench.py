"""One detector's speed on this machine: warm in pairs, and cold from the command line."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from edge_app.compose.files import image_from
from edge_app.domain.error import ReadingFailedError
from edge_app.exchange.frames import Frame
from edge_app.inference.detector import OnnxDetector
from edge_app.inference.golden import golden_pixels, golden_set
from edge_app.inference.package import GOLDEN, DetectorPackage
from edge_app.inference.preprocess import prepare
from edge_app.workflow.measure_speed import PairedRuns, paired_runs

_COLD_S = 60


@dataclass(frozen=True, slots=True)
class ColdStart:
    """One `edge-app analyze` from process start to answer."""

    cold_start_ms: float
    rss_mb: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One variant on one provider."""

    variant: str
    provider: str
    warm: PairedRuns
    cold: ColdStart

    def said(self) -> dict[str, object]:
        """Return the figures under the names that the command line's contract fixes."""
        return {
            "variant": self.variant,
            "provider": self.provider,
            **asdict(self.warm),
            **asdict(self.cold),
        }


def warm_pairs(
    package: DetectorPackage, detector: OnnxDetector, runs: int
) -> Iterator[tuple[float, float]]:
    """Yield paired milliseconds of the bare session and of a whole reading of a golden picture."""
    pixels = golden_pixels(package.folder, golden_set(package).pictures[0])
    image = image_from(Frame(pixels), 1)
    tensor = prepare(pixels, package.manifest.input).tensor
    feed = {detector.session.inner.get_inputs()[0].name: tensor}
    yield from paired_runs(
        lambda: detector.session.inner.run(None, feed), lambda: detector.read(image), runs
    )


def cold_start(package: DetectorPackage, variant: str, provider: str) -> ColdStart:
    """Return the time and the memory of one cold `edge-app analyze` of a golden picture.

    Raises:
        ReadingFailedError: It gave no answer.
    """
    picture = package.folder / GOLDEN / golden_set(package).pictures[0].file
    name = package.manifest.name
    command = [sys.executable, "-m", "edge_app", "analyze", str(picture), "--detector", name]
    command += ["--variant", variant, "--provider", provider, "--json", "--quiet"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    started = time.perf_counter()
    ended = subprocess.run(
        command, capture_output=True, timeout=_COLD_S, check=False, env=dict(os.environ)
    )
    took = (time.perf_counter() - started) * 1e3
    if ended.returncode or not json.loads(ended.stdout)["readings"]:
        raise ReadingFailedError("The cold run gave no answer.", "Run edge-app doctor.")
    peak = max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    return ColdStart(took, peak / 1024)
