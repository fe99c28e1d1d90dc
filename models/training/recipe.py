"""A detector's recipe: one TOML that fixes everything which decides the trained weights."""

from enum import Enum
from pathlib import Path

import msgspec

from edge_app.domain.manifest import QualityLimits, Status


class Look(Enum):
    """What kind of picture the colours of a training picture belong to."""

    SMEAR = "smear"
    """A stained field in transmitted light: dyes add in optical density."""
    SCENE = "scene"
    """Anything else: tone, hue and shading change, and things are drawn over it."""


class Turns(Enum):
    """Which mirrorings and quarter turns leave the picture one that can occur."""

    ALL = "all"
    MIRRORED = "mirrored"
    NONE = "none"


class Backbones(Enum):
    """Where a network's features come from."""

    OWN = "own"
    LITE0 = "lite0"


class AugmentSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a training picture may be moved away from its own laboratory.

    Attributes:
        scale: Longest side of the pasted picture over the canvas, smallest and largest.
        aspect: Largest stretch of one side against the other.
        mosaic: Share of samples made of four pictures.
        stain: Spread of each stain's optical density (0 leaves it).
        tint: Spread of the background's colour.
        blur_px: Largest Gaussian sigma, in canvas pixels.
        dried: Share of pictures with drying artefacts drawn in.
        look: Which of the two below colours the picture; `stain` and `dried` are a smear's, all
            that follows is a scene's.
        turns: The mirrorings and quarter turns that may be drawn.
        rotate_deg: Largest turn beyond those, to either side.
        aim: Share of pictures placed so that one of its boxes lies on the canvas.
        tone: Spread of the logarithm of gamma; contrast and brightness go along.
        hue_deg: Spread of the hue; the saturation goes along.
        shading: Share of pictures with another, smooth field of brightness.
        glare: Share of pictures with small overexposed spots.
        writing: Share of pictures with text, position maps or a black frame drawn over them.
        inverted: Share of pictures with black and white exchanged.
        equalized: Share of pictures with local contrast equalized (CLAHE, Zuiderveld 1994).
        speckle: Share of pictures with multiplied, grained noise.
        overwrite_map: Whether an endoscope's green position map is painted black beforehand.
    """

    scale: tuple[float, float] = (0.45, 1.5)
    aspect: float = 1.15
    mosaic: float = 0.5
    stain: float = 0.4
    tint: float = 0.12
    blur_px: float = 1.8
    dried: float = 0.0
    look: Look = Look.SMEAR
    turns: Turns = Turns.ALL
    rotate_deg: float = 0.0
    aim: float = 0.0
    tone: float = 0.0
    hue_deg: float = 0.0
    shading: float = 0.0
    glare: float = 0.0
    writing: float = 0.0
    inverted: float = 0.0
    equalized: float = 0.0
    speckle: float = 0.0
    overwrite_map: bool = False


class Instructions(Enum):
    """What of the processor a training uses; by another set one seed gives another network."""

    AVX2 = "avx2"
    """Held to it everywhere: every x86 processor since 2015 has it."""
    AVX512 = "avx512"
    """All that the processor has, where it has AVX-512."""


class TrainSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Length, size and pace of the training run; `instructions` are those that it was made with."""

    canvas_px: int = 256
    epochs: int = 40
    batch: int = 16
    learning_rate: float = 2e-3
    weight_decay: float = 0.03
    ema: float = 0.998
    seed: int = 7
    instructions: Instructions = Instructions.AVX2


class NetworkSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the network is made of.

    Attributes:
        backbone: Our own, trained from nothing, or EfficientNet-Lite0, pre-trained on ImageNet.
        widths: Of our own backbone at strides 2, 4, 8, 16 and 32.
        neck: Width of the neck and the heads.
        frozen_blocks: How many of Lite0's 16 blocks stay as ImageNet left them.
        backbone_pace: Of Lite0's learning rate over the heads'.
    """

    backbone: Backbones = Backbones.OWN
    widths: tuple[int, int, int, int, int] = (16, 32, 64, 112, 160)
    neck: int = 48
    frozen_blocks: int = 5
    backbone_pace: float = 0.3


class Drawn(Enum):
    """What our own golden pictures show."""

    SMEAR = "smear"
    ENDOSCOPY = "endoscopy"
    RETINA = "retina"
    ULTRASOUND = "ultrasound"
    SLICE = "slice"
    FILM = "film"


class LabelText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A label's code (scheme, value, meaning) and its names in other data sets."""

    code: tuple[str, str, str]
    aliases: list[str] = []


class CardText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the card says in words that no figure says.

    Attributes:
        labels: How good the labels are that all figures rest on.
        unknown: What nobody has tested.
        weakness: What is wrong with the data, its licence included.
        faults: What was seen to go wrong on validation pictures.
        crossed: What the reader must know of the trials by source.
    """

    labels: str
    unknown: str
    weakness: str = ""
    faults: str = ""
    crossed: str = ""


class ReferralSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which labels speak for a referral, and which must be seen before their absence counts."""

    landmark: str
    signs: list[str]


class PackageText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the package says of itself beyond its figures."""

    title: str
    licence: str
    intended_use: str
    must_not: str
    body_part: str
    modality: str
    training_data: str
    default_point: str
    nms_iou: float
    golden: Drawn
    quality: QualityLimits
    labels: dict[str, LabelText]
    card: CardText
    status: Status = Status.VALIDATED
    referral: ReferralSpec | None = None


class Ranges(Enum):
    """How far int8 numbers reach, from what the calibration pictures gave."""

    AVERAGE = "average"
    """A moving average of each picture's extremes: finer steps, and some numbers are cut."""
    WIDEST = "widest"
    """All that was seen."""


class Strata(Enum):
    """What gives its equal share of groups to validation."""

    SOURCE = "source"
    LABEL = "label"
    """The label that a group has most of, within each source."""


class CrossSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A trial that trains without `sources` and tests on them."""

    name: str
    sources: list[str]
    epochs: int


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that decides a detector's weights; the same recipe and seed give the same file.

    Attributes:
        name: The package's folder under `models/onnx/`.
        data: Folder below the data root that holds `coco.json` and `images/`.
        labels: COCO category names, in the order of the network's outputs.
        input_px: Side of the square that the exported graph takes.
        validation_share: Share of the groups, in each stratum, that is never trained on.
        strata: What the strata are.
        cross_source: Trials that hold out whole sources.
        folds: How many parts the groups are dealt into, each held out in turn by a trial; the
            shipped network then learns from all, and every figure is of the trials. 0: none.
        ranges: Of the int8 variant; which loses less is measured, not known beforehand.
    """

    name: str
    version: str
    data: str
    labels: list[str]
    input_px: int
    validation_share: float
    train: TrainSpec
    augment: AugmentSpec
    package: PackageText
    cross_source: list[CrossSource] = []
    folds: int = 0
    strata: Strata = Strata.SOURCE
    ranges: Ranges = Ranges.AVERAGE
    network: NetworkSpec = NetworkSpec()


def load_recipe(path: Path) -> Recipe:
    """Return the recipe in `path`; unknown keys are errors."""
    return msgspec.toml.decode(path.read_bytes(), type=Recipe)
