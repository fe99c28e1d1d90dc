"""A detector's recipe: one TOML that fixes everything which decides the trained weights."""

from pathlib import Path

import msgspec

from edge_app.domain.manifest import QualityLimits


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
    """

    scale: tuple[float, float] = (0.45, 1.5)
    aspect: float = 1.15
    mosaic: float = 0.5
    stain: float = 0.4
    tint: float = 0.12
    blur_px: float = 1.8
    dried: float = 0.0


class TrainSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Length, size and pace of the training run."""

    canvas_px: int = 256
    epochs: int = 40
    batch: int = 16
    learning_rate: float = 2e-3
    weight_decay: float = 0.03
    ema: float = 0.998
    seed: int = 7


class NetworkSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Widths of the network at strides 2, 4, 8, 16 and 32, and of its neck."""

    widths: tuple[int, int, int, int, int] = (16, 32, 64, 112, 160)
    neck: int = 48


class LabelText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A label's code (scheme, value, meaning) and its names in other data sets."""

    code: tuple[str, str, str]
    aliases: list[str] = []


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
    quality: QualityLimits
    labels: dict[str, LabelText]


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
        validation_share: Share of the groups, in each source, that is never trained on.
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
    network: NetworkSpec = NetworkSpec()


def load_recipe(path: Path) -> Recipe:
    """Return the recipe in `path`; unknown keys are errors."""
    return msgspec.toml.decode(path.read_bytes(), type=Recipe)
