"""Labelled images in COCO's form, as `edge-app evaluate` takes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from edge_app.domain.accuracy import LabelledBoxes
from edge_app.domain.error import ImageRefusedError
from edge_app.domain.manifest import LabelSpec


class _Category(msgspec.Struct):
    id: int
    name: str


class _Image(msgspec.Struct):
    id: int
    file_name: str
    group: int | str | None = None


class _Annotation(msgspec.Struct):
    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]
    iscrowd: int = 0


class _Coco(msgspec.Struct):
    images: list[_Image]
    annotations: list[_Annotation]
    categories: list[_Category]


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """One image file with its true boxes a label, and the group that it belongs to."""

    file_name: str
    group: str
    truth: dict[str, LabelledBoxes]


def _label_of(name: str, labels: Sequence[LabelSpec]) -> str | None:
    plain = name.strip().lower()
    for label in labels:
        if plain in {label.name.lower(), *(a.lower() for a in label.aliases)}:
            return label.name
    return None


def _boxes(rows: Sequence[tuple[float, float, float, float]]) -> LabelledBoxes:
    xywh = np.array(rows, np.float64).reshape(-1, 4)
    boxes = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)
    return LabelledBoxes(boxes, np.ones(len(boxes)))


def read_coco(path: Path, labels: Sequence[LabelSpec]) -> list[LabelledImage]:
    """Return the labelled images; categories that the detector does not know are left out.

    An image without a group is a group of its own.

    Raises:
        ImageRefusedError: The file is missing, not COCO, or shares no label with the detector.
    """
    try:
        coco = msgspec.json.decode(path.read_bytes(), type=_Coco)
    except (OSError, msgspec.DecodeError) as error:
        raise ImageRefusedError(
            f"{path.name} is not a readable COCO file.", "Name the right file."
        ) from error
    names = {c.id: _label_of(c.name, labels) for c in coco.categories}
    if not any(names.values()):
        raise ImageRefusedError(
            f"{path.name} has none of the detector's labels.", "Choose another detector."
        )
    rows: dict[tuple[int, str], list[tuple[float, float, float, float]]] = {}
    for a in coco.annotations:
        label = names.get(a.category_id)
        if label and not a.iscrowd:
            rows.setdefault((a.image_id, label), []).append(a.bbox)
    return [
        LabelledImage(
            image.file_name,
            f"image {image.id}" if image.group is None else str(image.group),
            {x.name: _boxes(rows.get((image.id, x.name), [])) for x in labels},
        )
        for image in coco.images
    ]
