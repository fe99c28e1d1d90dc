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
    """Beyond these the detector does not claim to see; 0 leaves a check out, except in the first.

    The field is what is lit: lighter than the device's frame. Under low gain less light is lit too.

    Attributes:
        min_brightness: 95th percentile of luma, 0 to 255.
        max_clipped: Share of pixels that are white in every channel.
        min_covered: Share of the field that is apart from its wide surroundings.
        min_sharpness: The steepest edges' slope over the contrast, an input pixel.
        max_burnt: Share of the field in which a channel is full.
        max_level: Median luma of the field, 0 to 255.
        max_crushed: Share of the lit part's upright rectangle that is black.
        min_peak: 99th percentile of luma, 0 to 255, of the columns that are lit in their upper
            half.
        min_texture: Mean fine contrast of the field, percent of the brightness.
        min_fineness: Contrast at one pixel over contrast at two to four, within the field.
        max_glare: Share of the field that one white patch takes.
        colour: Usual (red - green) / sum and (green - blue) / sum of the field, the spread of
            each, and their correlation; empty where colour is not looked at.
        max_cast: Mahalanobis distance from the usual colour.
        min_field: Share of the picture that is lit at all.
        min_extent: Share of the picture that the lit part's upright rectangle takes.
        min_contact: Share of the columns that are lit in their upper half.
        min_layers: Contrast from above to below over contrast from left to right.
        min_upright: Light of the brightest row of the upper quarter over that of the lower one.
    """

    min_brightness: float
    max_clipped: float
    min_covered: float
    min_sharpness: float
    max_burnt: float = 0.0
    max_level: float = 0.0
    max_crushed: float = 0.0
    min_peak: float = 0.0
    min_texture: float = 0.0
    min_fineness: float = 0.0
    max_glare: float = 0.0
    colour: tuple[float, ...] = ()
    max_cast: float = 0.0
    min_field: float = 0.0
    min_extent: float = 0.0
    min_contact: float = 0.0
    min_layers: float = 0.0
    min_upright: float = 0.0


@dataclass(frozen=True, slots=True)
class KindSpec:
    """How the package tells pictures of its own kind from all others; empty for none.

    Attributes:
        file: The fitted figures, in the package's folder.
        sha256: Of that file.
        title: The kind in words, as in "This does not look like a blood smear."
        own: The name of the kind in the file.
        min_share: Least share of likelihood that its own kind must have among all kinds.
        max_distance: Farthest that a picture may lie from what the kind looks like.
    """

    file: str = ""
    sha256: str = ""
    title: str = ""
    own: str = ""
    min_share: float = 0.0
    max_distance: float = 0.0


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
    kind: KindSpec = field(default_factory=KindSpec)
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
