"""All that one detector said of one image."""

from dataclasses import dataclass, replace
from enum import Enum

from edge_app.domain.geometry import Box
from edge_app.domain.instruction import Instruction


@dataclass(frozen=True, slots=True)
class Code:
    """A coded term (DICOM PS3.3 section 8.8): coding scheme, value, meaning in words."""

    scheme: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Detection:
    """One box that the detector reported; never edited.

    Attributes:
        score: 0 to 1, comparable only within one package version; not a probability.
    """

    label: str
    code: Code
    score: float
    box: Box


class Outcome(Enum):
    """What a reading comes to; the last two never mean that nothing is there."""

    FINDING = "finding"
    NO_FINDING = "no finding"
    CANNOT_SAY = "cannot say"
    NOT_ANALYSED = "not analysed"


class Advice(Enum):
    """What the marks of an image come to as a whole; a person looks at the image too."""

    REFER = "refer"
    NO_SIGN_FOUND = "no sign found"
    CANNOT_SAY = "cannot say"


class QualityIssue(Enum):
    """The one thing that is wrong with a picture, worst first."""

    UNDER_EXPOSED = "under-exposed"
    OVER_EXPOSED = "over-exposed"
    WRONG_KIND = "of another kind"
    WRONG_ORIENTATION = "turned"
    COLLIMATION = "too small in its field"
    POOR_COVERAGE = "not covered"
    CLIPPED = "clipped"
    EMPTY_FIELD = "empty field"
    GLARE = "glaring"
    COLOUR_CAST = "tinted"
    BLURRED = "blurred"


@dataclass(frozen=True, slots=True)
class Degree:
    """How far a picture is spoilt in one way: 0 not at all, 1 at the detector's limit."""

    issue: QualityIssue
    value: float


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the picture is, as the detector sees it.

    Attributes:
        sharpness: Fine detail over coarse detail; falls with defocus.
        brightness: 95th percentile of luma, 0 to 255.
        clipped: Share of pixels that are white in every channel.
        covered: Share of the field that differs from its background.
        issue: What is wrong, or None.
        instruction: What to do about it, or None; readings of older versions have none.
        degrees: One for each check that the package asks for.
    """

    sharpness: float
    brightness: float
    clipped: float
    covered: float
    issue: QualityIssue | None
    instruction: Instruction | None = None
    degrees: tuple[Degree, ...] = ()

    @property
    def is_strange(self) -> bool:
        """Whether the picture looks to be of another kind, whatever else is wrong with it."""
        return any(d.issue is QualityIssue.WRONG_KIND and d.value > 1 for d in self.degrees)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What produced a reading; replaying the image with the same gives the same answer.

    Attributes:
        provider: The execution provider that the session really used.
        thresholds: Label and score, of the operating point in force.
        self_test_id: Hash of the golden check that this session passed at load.
        optimisation: How far the runtime was let rewrite the graph.
        kind_sha256: Of the figures by which pictures of another kind were told; empty for none.
        is_experimental: Whether nobody has validated the detector; all that it says must say so.
    """

    detector: str
    version: str
    variant: str
    model_sha256: str
    preprocessing_sha256: str
    provider: str
    runtime: str
    cpu: str
    operating_point: str
    thresholds: tuple[tuple[str, float], ...]
    self_test_id: str
    app_version: str
    optimisation: str = "all"
    kind_sha256: str = ""
    is_experimental: bool = False


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds that each part of a reading took."""

    preprocess_ms: float
    infer_ms: float
    decode_ms: float

    @property
    def total_ms(self) -> float:
        """Milliseconds from pixels to detections."""
        return self.preprocess_ms + self.infer_ms + self.decode_ms


@dataclass(frozen=True, slots=True)
class Reading:
    """A complete answer: what was seen, how good the picture was, and what gave the answer.

    Attributes:
        image_hash: Of the image that was read.
        reason: Why the detector cannot say or did not analyse; empty otherwise.
        detections: Those at or above the operating point, highest score first.
        quality: None only where the image was not analysed.
        certificate: None only where no detector could be loaded.
        advice: On the image as a whole, where the detector gives such a thing.
    """

    image_hash: str
    detector: str
    version: str
    outcome: Outcome
    reason: str
    detections: tuple[Detection, ...]
    quality: Quality | None
    certificate: Certificate | None
    timing: Timing | None = None
    advice: Advice | None = None

    def __post_init__(self) -> None:
        """Refuse an answer that contradicts itself."""
        answered = self.outcome in (Outcome.FINDING, Outcome.NO_FINDING)
        if answered and (self.certificate is None or self.quality is None):
            raise ValueError("an answer without certificate or quality is not a reading")
        if answered and self.quality and self.quality.issue:
            raise ValueError(f"a picture that is {self.quality.issue.value} cannot be answered")
        if not answered and self.advice in (Advice.REFER, Advice.NO_SIGN_FOUND):
            raise ValueError(f"{self.outcome.value}, yet the advice is {self.advice}")
        if not answered and not self.reason:
            raise ValueError(f"{self.outcome.value} needs a reason")
        if self.outcome is Outcome.FINDING and not self.detections:
            raise ValueError("a finding needs a detection")
        if self.outcome is Outcome.NO_FINDING and self.detections:
            raise ValueError("no finding, yet something was detected")
        if self.outcome is Outcome.NOT_ANALYSED and self.detections:
            raise ValueError("not analysed, yet something was detected")

    @property
    def is_experimental(self) -> bool:
        """Whether it comes from a detector that nobody has validated."""
        return self.certificate is not None and self.certificate.is_experimental

    def with_timing(self, timing: Timing) -> "Reading":
        """Return this reading with the time that it took."""
        return replace(self, timing=timing)

    def counts(self) -> dict[str, int]:
        """Return how many detections each label has."""
        counted: dict[str, int] = {}
        for detection in self.detections:
            counted[detection.label] = counted.get(detection.label, 0) + 1
        return counted


EXPERIMENTAL = "Experimental detector, not for patients."


def watermark_of(reading: Reading | None) -> str:
    """Return what every picture of that reading must carry; mostly nothing."""
    return EXPERIMENTAL if reading and reading.is_experimental else ""


def not_analysed(image_hash: str, detector: str, reason: str) -> Reading:
    """Return the reading of an image that no detector has looked at."""
    return Reading(
        image_hash, detector, "", Outcome.NOT_ANALYSED, reason, (), quality=None, certificate=None
    )
