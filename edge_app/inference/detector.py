"""One loaded detector: pixels in, a complete reading with its certificate out."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_app import __version__
from edge_app.domain.error import ReadingFailedError
from edge_app.domain.geometry import Box
from edge_app.domain.image import CapturedImage, Pixels
from edge_app.domain.manifest import DetectorManifest, OperatingPoint, Status, VariantSpec
from edge_app.domain.reading import (
    Certificate,
    Detection,
    Outcome,
    Quality,
    Reading,
    Timing,
)
from edge_app.inference.beside import Beside
from edge_app.inference.decoders.candidates import Candidates
from edge_app.inference.decoders.table import decode
from edge_app.inference.kind import KindModel
from edge_app.inference.preprocess import DetectorInput, contract_hash, prepare
from edge_app.inference.quality_gate import measure, reason_of
from edge_app.inference.session import Session, cpu_words, runtime_words


@dataclass(frozen=True, slots=True)
class Seen:
    """What one run of the graph gave, before any outcome is drawn from it."""

    detections: tuple[Detection, ...]
    quality: Quality
    timing: Timing


@dataclass(frozen=True, slots=True)
class Checked:
    """A variant's session and the id of the golden check that it passed.

    Attributes:
        batch: How many pictures it reads at once fastest, each as it reads it alone.
    """

    variant: VariantSpec
    session: Session
    self_test_id: str
    batch: int = 1


class OnnxDetector:
    """A detector package's variant on one provider; every call gives a complete answer.

    Attributes:
        passed_over: Why better variants or providers were not taken on this machine.
        batch: How many tiles of a large picture are seen at once; 1 where that gains nothing.
    """

    def __init__(
        self,
        manifest: DetectorManifest,
        checked: Checked,
        point: OperatingPoint,
        passed_over: tuple[str, ...] = (),
        kind: KindModel | None = None,
    ) -> None:
        variant, session = checked.variant, checked.session
        cv2.setNumThreads(1)  # pictures this small are slower on two, and the graph needs them
        self.passed_over = passed_over
        self.batch = checked.batch
        self._manifest = manifest
        self._session = session
        self._kind = kind
        self._beside = Beside("quality")
        self._point = point
        self._floors = np.array([point.score_of(x.name) for x in manifest.labels], np.float32)
        self._certificate = Certificate(
            detector=manifest.name,
            version=manifest.shown_version,
            variant=variant.name,
            model_sha256=variant.sha256,
            preprocessing_sha256=contract_hash(manifest.input),
            provider=session.provider,
            runtime=runtime_words(),
            cpu=cpu_words(),
            operating_point=point.name,
            thresholds=tuple((t.label, t.score) for t in point.thresholds),
            self_test_id=checked.self_test_id,
            app_version=__version__,
            optimisation=session.level.value,
            kind_sha256=manifest.kind.sha256 if kind else "",
            is_experimental=manifest.status is Status.EXPERIMENTAL,
        )

    @property
    def manifest(self) -> DetectorManifest:
        """What the package says of itself."""
        return self._manifest

    @property
    def certificate(self) -> Certificate:
        """What every reading of this detector carries."""
        return self._certificate

    @property
    def session(self) -> Session:
        """The runtime's session, for measuring it bare."""
        return self._session

    def read(self, image: CapturedImage) -> Reading:
        """Return the complete reading of `image` at the operating point.

        Raises:
            ReadingFailedError: The answer was missing or cannot be trusted.
        """
        seen = self.see(image.pixels, self._floors)
        issue = seen.quality.issue
        if issue:
            outcome = Outcome.CANNOT_SAY
        else:
            outcome = Outcome.FINDING if seen.detections else Outcome.NO_FINDING
        reading = Reading(
            image_hash=image.hash,
            detector=self._manifest.name,
            version=self._manifest.shown_version,
            outcome=outcome,
            reason=reason_of(seen.quality, self._manifest),
            detections=() if seen.quality.is_strange else seen.detections,
            quality=seen.quality,
            certificate=self._certificate,
            timing=seen.timing,
        )
        rule = self._manifest.referral
        return rule.advised(reading) if rule else reading

    def see(self, pixels: Pixels, floors: NDArray[np.float32]) -> Seen:
        """Return all that scores at least its label's floor, and how good the picture is.

        Raises:
            ReadingFailedError: The answer was missing or cannot be trusted.
        """
        started = time.perf_counter()
        prepared = prepare(pixels, self._manifest.input)
        said = self._manifest
        ready = time.perf_counter()
        quality, (found, ran) = self._beside.both(
            lambda: measure(prepared.seen, said.quality, self._kind, said.modality),
            lambda: self._found(prepared, floors),
        )
        detections = self._detections(found, prepared)
        ended = time.perf_counter()
        timing = Timing((ready - started) * 1e3, (ran - ready) * 1e3, (ended - ran) * 1e3)
        return Seen(detections, quality, timing)

    def see_many(self, pictures: Sequence[Pixels], floors: NDArray[np.float32]) -> list[Seen]:
        """Return what `see` returns of each picture, run at once; `batch` of them at most.

        Fewer are filled up to `batch` with the last one, since an accelerator may compile anew for
        each number.

        Raises:
            ReadingFailedError: One of them got no answer, or none that can be trusted.
        """
        started = time.perf_counter()
        said = self._manifest
        prepared = [prepare(pixels, said.input) for pixels in pictures]
        tensors = [p.tensor for p in prepared]
        tensors += tensors[-1:] * (self.batch - len(tensors))
        ready = time.perf_counter()
        qualities, (answered, ran) = self._beside.both(
            lambda: [measure(p.seen, said.quality, self._kind, said.modality) for p in prepared],
            lambda: (self._session.run_batch(tensors), time.perf_counter()),
        )
        detections = [
            self._detections(decode(outputs, said, floors), p)
            for outputs, p in zip(answered, prepared, strict=False)
        ]
        ended = time.perf_counter()
        each = 1e3 / len(pictures)
        timing = Timing((ready - started) * each, (ran - ready) * each, (ended - ran) * each)
        return [Seen(d, q, timing) for d, q in zip(detections, qualities, strict=True)]

    def _found(
        self, prepared: DetectorInput, floors: NDArray[np.float32]
    ) -> tuple[Candidates, float]:
        """Return what the graph finds, and when it had run."""
        outputs = self._session.run(prepared.tensor)
        ran = time.perf_counter()
        return decode(outputs, self._manifest, floors), ran

    def _detections(self, found: Candidates, prepared: DetectorInput) -> tuple[Detection, ...]:
        boxes = prepared.to_image(found.boxes).tolist()
        labels = self._manifest.labels
        kept = tuple(
            Detection(labels[k].name, labels[k].code, score, Box(*box))
            for box, k, score in zip(
                boxes, found.labels.tolist(), found.scores.tolist(), strict=True
            )
            if box[2] > box[0] and box[3] > box[1]
        )
        if len(found.boxes) and not kept:  # dropping the last would turn findings into none
            raise ReadingFailedError(
                "The detector found something, but all of it beside the picture.",
                "Run the self-test.",
            )
        return kept
