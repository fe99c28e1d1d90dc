"""Answers to every port that live in memory, and builders of valid values."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import numpy as np

from edge_app.domain.decoding import DecoderKind
from edge_app.domain.error import (
    AnalysisOffError,
    NotSavedError,
    ReadingFailedError,
    ScannerUnavailableError,
    StepRefusedError,
    StudyChangedError,
    StudyUnknownError,
)
from edge_app.domain.geometry import Box
from edge_app.domain.image import CapturedImage, Pixels
from edge_app.domain.manifest import (
    DetectorManifest,
    InputSpec,
    LabelSpec,
    OperatingPoint,
    Precision,
    QualityLimits,
    Threshold,
    VariantSpec,
)
from edge_app.domain.measured import Measured
from edge_app.domain.outbox import (
    CancelReason,
    Job,
    JobState,
    Problem,
    Send,
    Waiting,
    is_given_up,
    key_of,
    printing,
    wait_after,
)
from edge_app.domain.patient import PatientRef
from edge_app.domain.preparing import Preparing
from edge_app.domain.reading import (
    Certificate,
    Code,
    Detection,
    Outcome,
    Quality,
    QualityIssue,
    Reading,
)
from edge_app.domain.study import Study, StudyImage
from edge_app.ports import (
    AnalysisSwitch,
    Clock,
    Control,
    Detector,
    DeviceInfo,
    DeviceState,
    OpenScanner,
    Outbox,
    Scanner,
    StudyStore,
    StudySummary,
)
from edge_app.storage.saved_studies import searchable, words_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
LABELS = ("white-cell", "red-cell", "platelet")


class FakeClock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self._passed_ns = 1_000_000_000

    def now(self) -> datetime:
        return NOON + timedelta(microseconds=self._passed_ns // 1000)

    def monotonic_ns(self) -> int:
        return self._passed_ns

    def pass_s(self, seconds: float) -> None:
        self._passed_ns += int(seconds * 1e9)


def some_pixels(width: int = 64, height: int = 48, shift: int = 0) -> Pixels:
    """Return a cream field with a pink disc that `shift` moves."""
    y, x = np.mgrid[0:height, 0:width]
    is_disc = (x - (width // 2 + shift) % width) ** 2 + (y - height // 2) ** 2 < (height // 4) ** 2
    pixels = np.full((height, width, 3), (245, 236, 215), np.uint8)
    pixels[is_disc] = (222, 150, 160)
    return pixels


def an_image(
    pixels: Pixels | None = None,
    *,
    sequence: int = 1,
    monotonic_ns: int = 1_000_000_000,
    spacing_mm: tuple[float, float] | None = None,
    is_partial: bool = False,
) -> CapturedImage:
    taken = some_pixels() if pixels is None else pixels
    return CapturedImage(
        taken, "fake-1", sequence, NOON, monotonic_ns, spacing_mm, is_partial=is_partial
    )


class FakeOpenScanner:
    """The held device of a `FakeScanner`."""

    def __init__(self, scanner: "FakeScanner") -> None:
        self._scanner = scanner

    def frame(self) -> CapturedImage | None:
        return self._scanner.next_frame()

    def controls(self) -> Sequence[Control]:
        return self._scanner.knobs

    def adjust(self, name: str, value: float) -> None:
        self._scanner.adjusted.append((name, value))


class FakeScanner:
    """A microscope that can stand still, move, vanish, or stop answering.

    Attributes:
        flowing: While it is cleared, `frame` blocks: the cable is there, the device is stuck.
    """

    def __init__(self, clock: Clock, pixels: Pixels | None = None, *, moves: bool = False) -> None:
        self._clock = clock
        self._pixels = pixels
        self._moves = moves
        self._sequence = 0
        self.flowing = threading.Event()
        self.flowing.set()
        self.is_gone = False
        self.is_frozen = False
        self.device_id = "fake-1"
        self.capabilities: tuple[str, ...] = ("live", "focus", "stage", "lamp")
        self.frames_left: int | None = None
        self.is_held = False
        self.adjusted: list[tuple[str, float]] = []
        self.knobs: tuple[Control, ...] = (
            Control("focus", "um", -50.0, 50.0, 0.0),
            Control("lamp", "%", 0.0, 100.0, 60.0),
            Control("stage x", "mm", 0.0, 25.0, 12.0),
            Control("stage y", "mm", 0.0, 25.0, 8.0),
        )

    def info(self) -> DeviceInfo:
        return DeviceInfo(
            self.device_id,
            "microscope",
            "Simulated microscope",
            "fake",
            DeviceState.ABSENT if self.is_gone else DeviceState.READY,
            self.capabilities,
        )

    @contextmanager
    def open(self) -> Iterator[OpenScanner]:
        self._refuse_if_gone()
        self.is_held = True
        try:
            yield FakeOpenScanner(self)
        finally:
            self.is_held = False

    def _refuse_if_gone(self) -> None:
        if self.is_gone:
            raise ScannerUnavailableError(
                "The microscope does not answer.", "Put the cable back in."
            )

    def next_frame(self) -> CapturedImage | None:
        self.flowing.wait(timeout=10)
        self._refuse_if_gone()
        if self.frames_left is not None:
            if self.frames_left == 0:
                return None
            self.frames_left -= 1
        self._sequence += 1
        shift = self._sequence if self._moves else 0
        pixels = some_pixels(shift=shift) if self._pixels is None else self._pixels.copy()
        if not self.is_frozen:
            pixels[0, 0] = self._sequence % 251  # a sensor's noise: no two frames are the same
        return CapturedImage(
            pixels,
            self.device_id,
            self._sequence,
            self._clock.now(),
            self._clock.monotonic_ns(),
            (0.0001, 0.0001),
        )


def _measured(value: float) -> Measured:
    return Measured(value, value - 0.05, min(1.0, value + 0.05))


def a_point(name: str, score: float) -> OperatingPoint:
    return OperatingPoint(
        name, tuple(Threshold(x, score, _measured(0.9), _measured(0.4)) for x in LABELS)
    )


def a_manifest() -> DetectorManifest:
    return DetectorManifest(
        name="blood-smear",
        version="1.0.0",
        title="Blood cells",
        licence="GPL-3.0-or-later",
        intended_use="Counting cells in training.",
        must_not="Diagnosis.",
        body_part="blood",
        modality="SM",
        training_data="made up",
        input=InputSpec(416, 416, 114, "RGB"),
        decoder=DecoderKind.BOXES_SCORES,
        nms_iou=0.5,
        labels=tuple(LabelSpec(x, Code("99TEST", x, x)) for x in LABELS),
        default_point="balanced",
        points=(a_point("balanced", 0.3), a_point("rule-in", 0.7)),
        quality=QualityLimits(60.0, 0.4, 0.05, 0.1),
        variants=(
            VariantSpec("int8", "model.int8.onnx", "0" * 64, Precision.INT8, 0.05, 3.0, 0.01),
        ),
    )


def a_detection(label: str = "red-cell", score: float = 0.8, box: Box | None = None) -> Detection:
    return Detection(label, Code("99TEST", label, label), score, box or Box(4.0, 4.0, 20.0, 20.0))


def a_certificate() -> Certificate:
    return Certificate(
        "blood-smear",
        "1.0.0",
        "int8",
        "0" * 64,
        "1" * 64,
        "CPUExecutionProvider",
        "1.29",
        "x86",
        "balanced",
        tuple((x, 0.3) for x in LABELS),
        "golden-1",
        "0.1.0",
    )


def a_quality(issue: QualityIssue | None = None) -> Quality:
    return Quality(0.4, 230.0, 0.01, 0.5, issue)


def a_reading(
    image: CapturedImage,
    detections: Sequence[Detection] = (),
    issue: QualityIssue | None = None,
) -> Reading:
    """Return a finding, no finding, or with an `issue` the answer that cannot say."""
    outcome, reason = Outcome.FINDING if detections else Outcome.NO_FINDING, ""
    if issue:
        outcome, reason = Outcome.CANNOT_SAY, f"The picture is {issue.value}."
    return Reading(
        image.hash,
        "blood-smear",
        "1.0.0",
        outcome,
        reason,
        tuple(detections),
        a_quality(issue),
        a_certificate(),
    )


def a_study(image: CapturedImage | None = None, detections: Sequence[Detection] = ()) -> Study:
    """Return a study of one read image with the id "image-1"."""
    taken = image or an_image()
    study = Study("study-1", PatientRef("P-1", "Amina Test"), NOON)
    study = study.with_image(StudyImage.of(taken, "image-1"))
    return study.with_reading("image-1", a_reading(taken, detections))


class FakeDetector:
    """Gives the canned reading that was asked for, after `answering` lets it.

    Attributes:
        is_off: Whether it reads nothing until it is started again.
    """

    def __init__(self, detections: Sequence[Detection] = ()) -> None:
        self.detections = tuple(detections)
        self.issue: QualityIssue | None = None
        self.error: Exception | None = None
        self.answering = threading.Event()
        self.answering.set()
        self.wait_s = 0.0
        self.n_read = 0
        self.is_off = False

    @property
    def manifest(self) -> DetectorManifest:
        return a_manifest()

    def read(self, image: CapturedImage) -> Reading:
        threading.Event().wait(self.wait_s)
        self.answering.wait(timeout=10)
        if self.is_off:
            raise AnalysisOffError("The analysis is off: it failed too often.", "Start it again.")
        self.n_read += 1
        if self.error:
            raise self.error
        return a_reading(image, self.detections, self.issue)

    def start_again(self) -> None:
        self.is_off = False


class FakeSelftest:
    """A self-test that is due where it was told so, and ends when `finishing` lets it."""

    def __init__(self) -> None:
        self.is_due = False
        self.finishing = threading.Event()
        self.finishing.set()
        self.error: Exception | None = None
        self.taken_up = 0

    def run(self) -> None:
        self.is_due = False
        self.finishing.wait(timeout=10)

    def take_up(self) -> str:
        self.taken_up += 1
        if self.error:
            raise self.error
        return "CUDA, fp32"


class FakePreparation:
    """A detector that is ready, or refused, when `finishing` lets it."""

    def __init__(self) -> None:
        self.preparing: Preparing | None = None
        self.finishing = threading.Event()
        self.error: Exception | None = None

    def wait_until_ready(self) -> Certificate:
        self.finishing.wait(timeout=10)
        self.preparing = None
        if self.error:
            raise self.error
        return a_certificate()


def a_failed_reading() -> ReadingFailedError:
    return ReadingFailedError("The detector did not answer in time.", "Read the image again.")


class FakeStore:
    """Studies in memory; refuses old versions as the real one does.

    Attributes:
        acknowledging: While it is cleared, every change waits: a slow disk.
        is_full: Whether the next changes are refused.
        held: The ids of studies under legal hold.
        sends: What changes wanted to be sent, with the study as it was kept.
    """

    def __init__(self) -> None:
        self.kept: dict[str, Study] = {}
        self.acts: list[str] = []
        self.acknowledging = threading.Event()
        self.acknowledging.set()
        self.is_full = False
        self.sends: list[tuple[Study, Send]] = []
        self.held: set[str] = set()
        self._pixels: dict[str, CapturedImage] = {}
        self._signed: dict[tuple[str, int], Study] = {}

    def _keep(self, study: Study, act: str) -> Study:
        self.acknowledging.wait(timeout=10)
        if self.is_full:
            raise NotSavedError("The disk is full.", "Call the technician.")
        known = self.kept.get(study.study_id)
        if study.version != (known.version if known else 0):
            raise StudyChangedError("The study was changed elsewhere.", "Look at it again.")
        reopens = study.amending is not None and study.amending.of_version == study.version
        if known and bool(known.signature) != reopens:
            raise StepRefusedError("The study is signed.", "Amend it by a new version.")
        self.acts.append(act)
        kept = self.kept[study.study_id] = replace(study, version=study.version + 1)
        if kept.signature:
            self._signed[kept.study_id, kept.version] = kept
        return kept

    def start(self, study: Study) -> Study:
        return self._keep(replace(study, version=0), "started")

    def capture(self, study: Study, image: CapturedImage) -> Study:
        image_id = f"image-{len(self._pixels) + 1}"
        kept = self._keep(study.with_image(StudyImage.of(image, image_id)), "captured")
        self._pixels[image_id] = image
        return kept

    def save(self, study: Study, act: str, sends: Sequence[Send] = ()) -> Study:
        kept = self._keep(study, act)
        self.sends += [(kept, send) for send in sends]
        return kept

    def study(self, study_id: str) -> Study:
        if study_id not in self.kept:
            raise StudyUnknownError("No study has this id.", "Choose another one.")
        return self.kept[study_id]

    def signed_version(self, study_id: str, version: int) -> Study:
        if (study_id, version) not in self._signed:
            raise StudyUnknownError("That version was never signed.", "Choose another one.")
        return self._signed[study_id, version]

    def signed_versions(self, study_id: str) -> list[int]:
        return sorted(v for name, v in self._signed if name == study_id)

    def studies(self, search: str = "", most: int = -1) -> Iterator[StudySummary]:
        words = searchable(search).split()
        found = [s for s in self.kept.values() if all(w in words_of(s) for w in words)][::-1]
        for study in found[: most if most >= 0 else None]:
            yield StudySummary(
                study.study_id,
                study.patient,
                study.started_at,
                study.state,
                study.outcome.value,
                len(study.images),
                len(study.marked),
            )

    def holds(self, image_hash: str) -> bool:
        return any(image.hash == image_hash for image in self._pixels.values())

    def pixels(self, study: Study, image_id: str) -> CapturedImage:
        if all(image.image_id != image_id for image in study.images):
            raise StudyUnknownError("The study has no such image.", "Open it again.")
        return self._pixels[image_id]


class FakeOutbox:
    """Sends what a `FakeStore` was told to send, or fails with a problem.

    Attributes:
        problem: Why each try fails; none where it does not.
        error: What is wrong with the outbox itself.
        sent: The studies whose jobs were sent, in order.
        tells_whose: Whether whoever is in may see studies.
    """

    def __init__(self, store: FakeStore | None = None) -> None:
        self._store = store or FakeStore()
        self._jobs: dict[str, Job] = {}
        self.problem = Problem.NONE
        self.error: Exception | None = None
        self.sent: list[Study] = []
        self.tells_whose = True
        self.cancelled: dict[str, CancelReason] = {}

    def _taken(self) -> None:
        for study, send in self._store.sends:
            key = key_of(study.study_id, study.version, send)
            self._jobs.setdefault(key, Job(key, study.study_id, study.version, send))

    def work(self) -> float | None:
        if self.error:
            raise self.error
        self._taken()
        for job in [j for j in self._jobs.values() if j.is_open and j.wait_s == 0]:
            tried = replace(job, tries=job.tries + 1, problem=self.problem)
            if self.problem is Problem.NONE:
                self.sent.append(self._store.signed_version(job.study_id, job.version))
                self._jobs[job.key] = replace(tried, state=JobState.SENT)
            elif is_given_up(self.problem, tried.tries):
                self._jobs[job.key] = replace(tried, state=JobState.GIVEN_UP)
            else:
                self._jobs[job.key] = replace(tried, wait_s=wait_after(tried.tries))
        waits = [j.wait_s for j in self._jobs.values() if j.is_open]
        return min(waits) if waits else None

    def let_wait_pass(self) -> None:
        for key, job in self._jobs.items():
            self._jobs[key] = replace(job, wait_s=0.0)

    def jobs(self, study_id: str = "") -> list[Job]:
        self._taken()
        return [j for j in self._jobs.values() if not study_id or j.study_id == study_id]

    def unsent(self) -> list[Job]:
        over = (JobState.SENT, JobState.CANCELLED)
        return [j for j in self.jobs() if j.state not in over]

    def ask_to_print(self, study_id: str, printer: str) -> Job:
        before = [j for j in self.jobs(study_id) if j.send.printer == printer]
        send, version = (
            printing(printer, len(before) + 1),
            max(self._store.signed_versions(study_id)),
        )
        key = key_of(study_id, version, send)
        return self._jobs.setdefault(key, Job(key, study_id, version, send))

    def retry(self, key: str) -> None:
        job = self._jobs[key]
        self._jobs[key] = Job(key, job.study_id, job.version, job.send)

    def waiting(self) -> list[Waiting]:
        return [
            Waiting(j, NOON, self._store.study(j.study_id).patient if self.tells_whose else None)
            for j in self.unsent()
        ]

    def cancel(self, key: str, reason: CancelReason) -> None:
        self.cancelled[key] = reason
        self._jobs[key] = replace(self._jobs[key], state=JobState.CANCELLED)


def answers_to_ports() -> tuple[Clock, Scanner, Detector, StudyStore, Outbox, AnalysisSwitch]:
    """Return one of each; mypy holds them against the ports here."""
    clock, detector = FakeClock(), FakeDetector()
    return clock, FakeScanner(clock), detector, FakeStore(), FakeOutbox(), detector
