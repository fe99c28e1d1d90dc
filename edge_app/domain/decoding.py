"""How a graph's outputs become boxes: the kind of layout, and its parameters."""

from dataclasses import dataclass, fields
from enum import Enum


class DecoderKind(Enum):
    """The published layout that the graph's outputs follow; one file a kind decodes it."""

    BOXES_SCORES = "boxes-scores"
    BOXES_SCORES_LABELS = "boxes-scores-labels"
    YOLOV5 = "yolov5"
    YOLOV8 = "yolov8"
    NMS_FREE = "nms-free"
    YOLOX = "yolox"
    GFL = "gfl"
    DETR = "detr"
    BLAZEFACE = "blazeface"
    CLASSIFICATION = "classification"
    INSTANCE_MASKS = "instance-masks"
    SEMANTIC_MASKS = "semantic-masks"


class Activation(Enum):
    """What makes scores from 0 to 1 of the graph's numbers; NONE where the graph did it."""

    NONE = "none"
    SIGMOID = "sigmoid"
    SOFTMAX = "softmax"


class Background(Enum):
    """Where the class that means nothing stands among the graph's classes."""

    NONE = "none"
    FIRST = "first"
    LAST = "last"


class BoxForm(Enum):
    """The order of a box's four numbers."""

    XYXY = "xyxy"
    YXYX = "yxyx"
    CXCYWH = "cxcywh"


class Suppression(Enum):
    """What becomes of boxes that overlap by the package's `nms_iou` or more.

    PER_LABEL: the weaker of two of one label goes. ACROSS_LABELS: the weaker of any two goes,
    and each row of the output has one label. WEIGHTED: twins of one label become one box,
    their mean by score. NONE: all stay; for graphs that suppress by themselves.
    """

    PER_LABEL = "per-label"
    ACROSS_LABELS = "across-labels"
    WEIGHTED = "weighted"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Decoding:
    """The parameters of a decoder; each kind takes some of them, and the rest must be left out.

    Attributes:
        suppression: What becomes of overlapping boxes.
        activation: What makes scores of the graph's numbers.
        background: Where the class that means nothing stands.
        strides: Input pixels a cell, one a level of the pyramid, in the order of the output.
        anchors: Boxes a cell, one number a stride; none means one a cell.
        cell_centre: Where in its cell, in cells, a point lies: 0.5 its middle, 0 its corner.
        box_form: The order of a box's four numbers.
        relative: Whether box sides are fractions of the input's.
        first_label: The number that the graph gives the first label.
        coefficients: Columns of mask coefficients after the scores; they are not read.
        mask_level: The value above which a pixel belongs to a mask.
    """

    suppression: Suppression = Suppression.PER_LABEL
    activation: Activation = Activation.NONE
    background: Background = Background.NONE
    strides: tuple[int, ...] = ()
    anchors: tuple[int, ...] = ()
    cell_centre: float = 0.5
    box_form: BoxForm = BoxForm.XYXY
    relative: bool = False
    first_label: int = 0
    coefficients: int = 0
    mask_level: float = 0.5

    def fits(self, kind: DecoderKind) -> None:
        """Refuse a parameter that `kind` does not take, lacks, or cannot mean.

        Raises:
            ValueError: With what is wrong.
        """
        plain = Decoding()
        given = {f.name for f in fields(self) if getattr(self, f.name) != getattr(plain, f.name)}
        strange = sorted(given - TAKEN[kind] - {"suppression"})
        if strange:
            raise ValueError(f"the decoder {kind.value} does not take {', '.join(strange)}")
        if "strides" in TAKEN[kind] and not self.strides:
            raise ValueError(f"the decoder {kind.value} needs strides")
        if any(n < 1 for n in (*self.strides, *self.anchors)):
            raise ValueError("strides and anchors must be 1 or more")
        if self.anchors and len(self.anchors) != len(self.strides):
            raise ValueError("there must be as many anchors as strides")
        if self.first_label not in (0, 1) or self.coefficients < 0 or not 0 <= self.cell_centre < 1:
            raise ValueError("first_label, coefficients or cell_centre is out of range")


_CLASSES = frozenset({"activation", "background"})
TAKEN: dict[DecoderKind, frozenset[str]] = {
    DecoderKind.BOXES_SCORES: frozenset(),
    DecoderKind.BOXES_SCORES_LABELS: frozenset({"box_form", "relative", "first_label"}),
    DecoderKind.YOLOV5: frozenset({"coefficients"}),
    DecoderKind.YOLOV8: frozenset({"coefficients"}),
    DecoderKind.NMS_FREE: frozenset({"relative"}),
    DecoderKind.YOLOX: frozenset({"strides"}),
    DecoderKind.GFL: frozenset({"strides", "cell_centre", "activation"}),
    DecoderKind.DETR: _CLASSES,
    DecoderKind.BLAZEFACE: frozenset({"strides", "anchors"}),
    DecoderKind.CLASSIFICATION: _CLASSES,
    DecoderKind.INSTANCE_MASKS: _CLASSES | {"mask_level"},
    DecoderKind.SEMANTIC_MASKS: _CLASSES | {"mask_level"},
}
