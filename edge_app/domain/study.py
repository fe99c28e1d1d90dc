"""One visit of one patient to one device: images, readings, findings, signature."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from edge_app.domain.error import StepRefusedError
from edge_app.domain.geometry import Box
from edge_app.domain.image import UNCALIBRATED, Calibration, CapturedImage
from edge_app.domain.patient import PatientRef
from edge_app.domain.reading import Detection, Outcome, Reading


class Verdict(Enum):
    """What the clinician made of a detection."""

    UNREVIEWED = "unreviewed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


OTHER = "other"


@dataclass(frozen=True, slots=True)
class Called:
    """What a person calls a finding: a label of the detector's, or OTHER and their own words."""

    label: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A detection kept in a study, with the verdict of whoever reviewed it.

    Attributes:
        called: What a person calls it instead of the detector's label; None where nobody did.
    """

    detection: Detection
    detector: str
    image_id: str
    verdict: Verdict = Verdict.UNREVIEWED
    called: Called | None = None

    @property
    def label(self) -> str:
        """What it is, as the person says or else the detector."""
        return self.called.label if self.called else self.detection.label

    @property
    def box(self) -> Box:
        """Where it is."""
        return self.detection.box

    def judged(self, verdict: Verdict) -> "Finding":
        """Return this finding with `verdict`; the detection itself never changes."""
        return replace(self, verdict=verdict)

    def renamed(self, called: Called) -> "Finding":
        """Return this finding under another label, and accepted as that."""
        is_the_detectors = called == Called(self.detection.label)
        return replace(self, called=None if is_the_detectors else called, verdict=Verdict.ACCEPTED)


@dataclass(frozen=True, slots=True)
class DrawnFinding:
    """What a person saw and the detector did not mark; it never counts as the detector's."""

    called: Called
    box: Box
    image_id: str
    drawn_by: str
    drawn_at: datetime
    verdict: Verdict = Verdict.ACCEPTED

    @property
    def label(self) -> str:
        """What it is."""
        return self.called.label

    def judged(self, verdict: Verdict) -> "DrawnFinding":
        """Return this finding with `verdict`."""
        return replace(self, verdict=verdict)

    def renamed(self, called: Called) -> "DrawnFinding":
        """Return this finding under another label, and accepted as that."""
        return replace(self, called=called, verdict=Verdict.ACCEPTED)


Marked = Finding | DrawnFinding
"""What is marked in a picture, by whomever."""


class StudyState(Enum):
    """How far a study has come."""

    DRAFT = "draft"
    CAPTURED = "captured"
    READ = "read"
    REVIEWED = "reviewed"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class StudyImage:
    """A saved image's record; the pixels stay in the store under `hash`."""

    image_id: str
    hash: str
    width: int
    height: int
    device_id: str
    sequence: int
    captured_at: datetime
    spacing_mm: tuple[float, float] | None = None
    is_partial: bool = False
    calibration: Calibration = UNCALIBRATED

    @staticmethod
    def of(image: CapturedImage, image_id: str) -> "StudyImage":
        """Return the record of `image` under a new id."""
        return StudyImage(
            image_id,
            image.hash,
            image.width,
            image.height,
            image.device_id,
            image.sequence,
            image.captured_at,
            image.spacing_mm,
            image.is_partial,
            image.calibration,
        )


@dataclass(frozen=True, slots=True)
class Signature:
    """Who stands for a study, and since when."""

    signed_by: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Amendment:
    """Why a signed study was opened again, by whom, and which version had been signed."""

    reason: str
    begun_by: str
    begun_at: datetime
    of_version: int


@dataclass(frozen=True, slots=True)
class Study:
    """The one aggregate; each change returns a new value, and the store counts versions.

    Attributes:
        version: Counts up by one with each saved change; the store refuses an old one.
        readings: By image id; an image that is missing here was not analysed.
        read_by_eye: Ids of images that a person read where the detector gave no answer.
        amendments: Each time that it was opened again after it was signed, the last one last.
        drawn: What people marked that the detector did not.
    """

    study_id: str
    patient: PatientRef
    started_at: datetime
    images: tuple[StudyImage, ...] = ()
    readings: dict[str, Reading] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    read_by_eye: tuple[str, ...] = ()
    signature: Signature | None = None
    version: int = 0
    amendments: tuple[Amendment, ...] = ()
    drawn: tuple[DrawnFinding, ...] = ()

    @property
    def marked(self) -> tuple[Marked, ...]:
        """The detector's findings, then those that people drew; numbers of findings count so."""
        return (*self.findings, *self.drawn)

    @property
    def amending(self) -> Amendment | None:
        """The amendment under way: until it is signed, the version it is of is what stands."""
        return self.amendments[-1] if self.amendments and not self.signature else None

    @property
    def state(self) -> StudyState:
        """How far the study has come, from what is in it."""
        if self.signature:
            return StudyState.SIGNED
        if not self.images:
            return StudyState.DRAFT
        if any(image.image_id not in self.readings for image in self.images):
            return StudyState.CAPTURED
        return StudyState.READ if self.open_points() else StudyState.REVIEWED

    @property
    def outcome(self) -> Outcome:
        """The most cautious of its readings; not analysed where an image was not read."""
        if not self.images or any(i.image_id not in self.readings for i in self.images):
            return Outcome.NOT_ANALYSED
        said = {self.readings[i.image_id].outcome for i in self.images}
        for cautious in (Outcome.NOT_ANALYSED, Outcome.CANNOT_SAY, Outcome.FINDING):
            if cautious in said:
                return cautious
        return Outcome.NO_FINDING

    def image(self, image_id: str) -> StudyImage:
        """Return the record of one image."""
        return next(i for i in self.images if i.image_id == image_id)

    def _changeable(self) -> None:
        if self.signature:
            raise StepRefusedError("The study is signed.", "Amend it by a new version.")

    def with_image(self, image: StudyImage) -> "Study":
        """Return the study with one more image."""
        self._changeable()
        return replace(self, images=(*self.images, image))

    def without_image(self, image_id: str) -> "Study":
        """Return the study without a retaken image; the store keeps its pixels."""
        self._changeable()
        return replace(
            self,
            images=tuple(i for i in self.images if i.image_id != image_id),
            readings={k: r for k, r in self.readings.items() if k != image_id},
            findings=tuple(f for f in self.findings if f.image_id != image_id),
            read_by_eye=tuple(i for i in self.read_by_eye if i != image_id),
            drawn=tuple(d for d in self.drawn if d.image_id != image_id),
        )

    def with_reading(self, image_id: str, reading: Reading) -> "Study":
        """Return the study with what the detector said, each detection a finding to review."""
        self._changeable()
        if self.image(image_id).hash != reading.image_hash:
            raise StepRefusedError("The reading belongs to another image.", "Read the image again.")
        new = tuple(
            Finding(d, reading.detector, image_id)
            for d in reading.detections
            if reading.outcome is Outcome.FINDING
        )
        others = tuple(f for f in self.findings if f.image_id != image_id)
        return replace(
            self, readings={**self.readings, image_id: reading}, findings=(*others, *new)
        )

    def judged(self, index: int, verdict: Verdict) -> "Study":
        """Return the study with finding number `index` judged."""
        self._changeable()
        return self._with_marked(index, self.marked[index].judged(verdict))

    def renamed(self, index: int, called: Called) -> "Study":
        """Return the study in which finding number `index` has another label, and is accepted."""
        self._changeable()
        return self._with_marked(index, self.marked[index].renamed(called))

    def _with_marked(self, index: int, changed: Marked) -> "Study":
        findings, drawn = list(self.findings), list(self.drawn)
        if isinstance(changed, Finding):
            findings[index] = changed
        else:
            drawn[index - len(findings)] = changed
        return replace(self, findings=tuple(findings), drawn=tuple(drawn))

    def with_drawn(self, drawn: DrawnFinding) -> "Study":
        """Return the study with what a person drew.

        Raises:
            StepRefusedError: It is not within its image, or has no side.
        """
        self._changeable()
        image, box = self.image(drawn.image_id), drawn.box
        is_inside = 0 <= box.x0 < box.x1 <= image.width and 0 <= box.y0 < box.y1 <= image.height
        if not is_inside:
            raise StepRefusedError("The box is not in the picture.", "Draw it again.")
        return replace(self, drawn=(*self.drawn, drawn))

    def with_read_by_eye(self, image_id: str) -> "Study":
        """Return the study in which a person answers for an image without an answer."""
        self._changeable()
        if self.image(image_id).image_id in self.read_by_eye:
            return self
        return replace(self, read_by_eye=(*self.read_by_eye, image_id))

    def _unanswered(self, image_id: str) -> str:
        reading = self.readings.get(image_id)
        if image_id in self.read_by_eye:
            return ""
        if reading is None or reading.outcome is Outcome.NOT_ANALYSED:
            return "An image was not analysed: try again, or read it by eye."
        if reading.outcome is Outcome.CANNOT_SAY:
            return "The detector cannot say: capture a better image, or read it by eye."
        return ""

    def open_points(self) -> tuple[str, ...]:
        """Return what keeps the study from being signed, one sentence each."""
        if not self.images:
            return ("There is no image.",)
        points = [p for p in (self._unanswered(i.image_id) for i in self.images) if p]
        waiting = sum(f.verdict is Verdict.UNREVIEWED for f in self.marked)
        if waiting:
            points.append(f"Findings that are not reviewed: {waiting}.")
        return tuple(points)

    def signed(self, signature: Signature) -> "Study":
        """Return the signed study.

        Raises:
            StepRefusedError: Something is still open.
        """
        self._changeable()
        points = self.open_points()
        if points:
            raise StepRefusedError(" ".join(points), "Close each open point, then sign.")
        return replace(self, signature=signature)

    def amended(self, reason: str, begun_by: str, begun_at: datetime) -> "Study":
        """Return the signed study opened again, to be changed and signed once more.

        Raises:
            StepRefusedError: It is not signed, or nobody said why.
        """
        if not self.signature:
            raise StepRefusedError("The study is not signed.", "Change it as it is.")
        if not reason.strip():
            raise StepRefusedError("No reason was given.", "Say why the study is amended.")
        amendment = Amendment(reason.strip(), begun_by, begun_at, self.version)
        return replace(self, signature=None, amendments=(*self.amendments, amendment))
