"""What each family of detectors is fed and gives, as its publisher exports it."""

from dataclasses import dataclass, field

from edge_app.domain.decoding import (
    Activation,
    Background,
    BoxForm,
    DecoderKind,
    Decoding,
    Suppression,
)
from edge_app.domain.manifest import Fit

_NMS_IOU = 0.5


@dataclass(frozen=True, slots=True)
class Feeding:
    """What a graph wants its pixels to be: (grey level - mean) / std, a channel.

    Attributes:
        mean: Grey levels, in the graph's own channel order.
        std: Likewise.
        bgr: Whether the graph's channels are blue, green, red.
    """

    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    bgr: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no mean and no deviation of one or three channels."""
        if len(self.mean) not in (1, 3) or len(self.std) not in (1, 3) or min(self.std) <= 0:
            raise ValueError("mean and std must be one number or three, and std above nought")


@dataclass(frozen=True, slots=True)
class Family:
    """A family's published form; each part can be told otherwise in a description."""

    title: str
    kind: DecoderKind
    decoding: Decoding = field(default_factory=Decoding)
    feeding: Feeding = field(default_factory=Feeding)
    fit: Fit = Fit.STRETCH
    fill: int = 114
    nms_iou: float = _NMS_IOU


_UNIT = Feeding(std=(255.0,))
_IMAGENET = Feeding((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
_IMAGENET_BGR = Feeding((103.53, 116.28, 123.675), (57.375, 57.12, 58.395), bgr=True)
_THREE, _FOUR = (8, 16, 32), (8, 16, 32, 64)
_SIGMOID, _SOFTMAX = Activation.SIGMOID, Activation.SOFTMAX
_ALL = Suppression.NONE

FAMILIES: dict[str, Family] = {
    "boxes-scores": Family(
        "boxes [n, 4] in input pixels and scores [n, labels]",
        DecoderKind.BOXES_SCORES,
        feeding=_UNIT,
        fit=Fit.UPPER_LEFT,
    ),
    "yolov5": Family("YOLOv5, YOLOv7", DecoderKind.YOLOV5, feeding=_UNIT, fit=Fit.CENTRED),
    "yolov8": Family("YOLOv8, YOLOv9, YOLO11", DecoderKind.YOLOV8, feeding=_UNIT, fit=Fit.CENTRED),
    "yolov10": Family(
        "YOLOv10 and other NMS-free exports",
        DecoderKind.NMS_FREE,
        Decoding(suppression=_ALL),
        _UNIT,
        Fit.CENTRED,
    ),
    "yolox": Family(
        "YOLOX", DecoderKind.YOLOX, Decoding(strides=_THREE), Feeding(bgr=True), Fit.UPPER_LEFT
    ),
    "nanodet": Family(
        "NanoDet", DecoderKind.GFL, Decoding(strides=_THREE), _IMAGENET_BGR, nms_iou=0.6
    ),
    "nanodet-plus": Family(
        "NanoDet-Plus",
        DecoderKind.GFL,
        Decoding(strides=_FOUR, cell_centre=0.0),
        _IMAGENET_BGR,
        nms_iou=0.6,
    ),
    "picodet": Family("PicoDet", DecoderKind.GFL, Decoding(strides=_FOUR), _IMAGENET),
    "rtdetr": Family(
        "RT-DETR, D-FINE, Deformable DETR (sigmoid)",
        DecoderKind.DETR,
        Decoding(activation=_SIGMOID, suppression=_ALL),
        _UNIT,
    ),
    "detr": Family(
        "DETR (softmax, the last class means nothing)",
        DecoderKind.DETR,
        Decoding(activation=_SOFTMAX, background=Background.LAST, suppression=_ALL),
        _IMAGENET,
    ),
    "torchvision": Family(
        "torchvision: boxes in pixels, scores, labels from 1 on",
        DecoderKind.BOXES_SCORES_LABELS,
        Decoding(first_label=1, suppression=_ALL),
        _UNIT,
        Fit.UPPER_LEFT,
    ),
    "ssd": Family(
        "SSD of TensorFlow: boxes in fractions, scores, labels, count",
        DecoderKind.BOXES_SCORES_LABELS,
        Decoding(box_form=BoxForm.YXYX, relative=True, first_label=1),
    ),
    "blazeface": Family(
        "BlazeFace",
        DecoderKind.BLAZEFACE,
        Decoding(suppression=Suppression.WEIGHTED, strides=(8, 16), anchors=(2, 6)),
        Feeding((127.5,), (127.5,)),
        nms_iou=0.3,
    ),
    "classification": Family(
        "one label for the whole image",
        DecoderKind.CLASSIFICATION,
        Decoding(activation=_SOFTMAX, suppression=_ALL),
        _IMAGENET,
    ),
    "instance-masks": Family(
        "one mask an object (MaskFormer)",
        DecoderKind.INSTANCE_MASKS,
        Decoding(activation=_SOFTMAX, background=Background.LAST, mask_level=0.0, suppression=_ALL),
        _IMAGENET,
    ),
    "semantic-masks": Family(
        "one map a class (U-Net)",
        DecoderKind.SEMANTIC_MASKS,
        Decoding(activation=_SIGMOID, suppression=_ALL),
        _IMAGENET,
    ),
}
