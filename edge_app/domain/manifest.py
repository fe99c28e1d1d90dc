"""What a detector package says of itself, validated."""

from dataclasses import dataclass, field
from enum import Enum

from edge_app.domain.decoding import DecoderKind, Decoding
from edge_app.domain.measured import Measured
from edge_app.domain.reading import Code
from edge_app.domain.referral import Referral

_WIDEST = 4096


class Precision(Enum):
    """Number format of a variant's weights."""

    FP32 = "fp32"
    INT8 = "int8"


class Status(Enum):
    """Whether anybody has measured what the package is good for."""

    VALIDATED = "validated"
    EXPERIMENTAL = "experimental"


class Fit(Enum):
    """How an image is brought to the size of the graph's input."""

    UPPER_LEFT = "upper-left"
    CENTRED = "centred"
    STRETCH = "stretch"


@dataclass(frozen=True, slots=True)
class LabelSpec:
    """One thing that the detector looks for.

    Attributes:
        aliases: Other names that labelled data may use for it.
    """

    name: str
    code: Code
    aliases: tuple[str, ...] = ()


class Shrink(Enum):
    """How an image is made smaller than half.

    AREA: every image pixel counts. LINEAR: some are passed over, as most networks were trained.
    """

    AREA = "area"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class InputSpec:
    """The declarative pre-processing; one code path carries it out for every source.

    Attributes:
        width: Of the graph's input, in pixels.
        height: Likewise.
        fill: Grey level beside the image, 0 to 255.
        colour: Channel order, always "RGB"; a graph that wants another turns it round itself.
        fit: Whether the image keeps its shape, and where it then lies.
        shrink: How it is made smaller than half.
    """

    width: int
    height: int
    fill: int
    colour: str
    fit: Fit = Fit.UPPER_LEFT
    shrink: Shrink = Shrink.AREA

    def __post_init__(self) -> None:
        """Refuse what no image could be fitted to."""
        if not (0 < self.width <= _WIDEST and 0 < self.height <= _WIDEST):
            raise ValueError(f"the input's sides must be 1 to {_WIDEST} pixels")
        if not 0 <= self.fill <= 255 or self.colour != "RGB":
            raise ValueError("fill must be 0 to 255 and colour RGB")


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """Beyond these the detector does not claim to see; fractions and grey levels."""

    min_brightness: float
    max_clipped: float
    min_covered: float
    min_sharpness: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """One label's score limit and what it gave on the validation groups."""

    label: str
    score: float
    sensitivity: Measured
    fp_per_image: Measured


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A named set of thresholds, one a label."""

    name: str
    thresholds: tuple[Threshold, ...]

    def score_of(self, label: str) -> float:
        """Return the score from which `label` counts."""
        return next(t.score for t in self.thresholds if t.label == label)


@dataclass(frozen=True, slots=True)
class VariantSpec:
    """One ONNX file of the package.

    Attributes:
        score_tolerance: Largest accepted difference of a golden score on this machine.
        box_tolerance_px: Largest accepted mean difference of the golden box sides, input pixels.
        tensor_tolerance: Largest accepted mean difference of the golden output tensor's scores.
    """

    name: str
    file: str
    sha256: str
    precision: Precision
    score_tolerance: float
    box_tolerance_px: float
    tensor_tolerance: float


@dataclass(frozen=True, slots=True)
class DetectorManifest:
    """A whole `package.toml`; unknown keys and wrong hashes are errors where it is read."""

    name: str
    version: str
    title: str
    licence: str
    intended_use: str
    must_not: str
    body_part: str
    modality: str
    training_data: str
    input: InputSpec
    decoder: DecoderKind
    nms_iou: float
    labels: tuple[LabelSpec, ...]
    default_point: str
    points: tuple[OperatingPoint, ...]
    quality: QualityLimits
    variants: tuple[VariantSpec, ...]
    decoding: Decoding = field(default_factory=Decoding)
    status: Status = Status.VALIDATED
    referral: Referral | None = None

    def __post_init__(self) -> None:
        """Refuse parameters that the decoder does not take, or lacks."""
        self.decoding.fits(self.decoder)

    @property
    def shown_version(self) -> str:
        """The version as readings and reports show it: with a warning where it is due."""
        return self.version + (" (experimental)" if self.status is Status.EXPERIMENTAL else "")

    def variant(self, name: str) -> VariantSpec | None:
        """Return the variant of that name, or None."""
        return next((v for v in self.variants if v.name == name), None)

    def point(self, name: str) -> OperatingPoint | None:
        """Return the operating point of that name, or None."""
        return next((p for p in self.points if p.name == name), None)
