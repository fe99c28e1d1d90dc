"""Labelled pictures of a data folder, split so that no group stands on both sides."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.recipe import Strata


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled picture.

    Attributes:
        boxes: float32 [n, 4], x0 y0 x1 y1 in picture pixels.
        labels: int64 [n], indices into the recipe's labels.
    """

    path: Path
    group: str
    source: str
    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]

    def pixels(self) -> NDArray[np.uint8]:
        """Return the picture, uint8 [h, w, 3], RGB."""
        encoded = np.frombuffer(self.path.read_bytes(), np.uint8)
        decoded = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR))
        return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)


def read_coco(folder: Path, labels: list[str]) -> list[Sample]:
    """Return the folder's samples in file order; boxes of other categories are left out."""
    coco = json.loads((folder / "coco.json").read_text())
    index_of = {c["id"]: labels.index(c["name"]) for c in coco["categories"] if c["name"] in labels}
    boxes: dict[int, list[tuple[list[float], int]]] = {}
    for a in coco["annotations"]:
        if a["category_id"] in index_of:
            x, y, w, h = a["bbox"]
            boxes.setdefault(a["image_id"], []).append(
                ([x, y, x + w, y + h], index_of[a["category_id"]])
            )
    return [
        Sample(
            path=folder / "images" / image["file_name"],
            group=str(image["group"]),
            source=image["source"],
            boxes=np.array([b for b, _ in boxes.get(image["id"], [])], np.float32).reshape(-1, 4),
            labels=np.array([k for _, k in boxes.get(image["id"], [])], np.int64),
        )
        for image in coco["images"]
    ]


def _rank(seed: int, group: str) -> bytes:
    return hashlib.sha256(f"{seed}:{group}".encode()).digest()


def _strata(samples: list[Sample], strata: Strata) -> dict[str, list[str]]:
    """Return each stratum's groups, in an order that only the groups decide."""
    labels: dict[tuple[str, str], Counter[int]] = {}
    for s in samples:
        labels.setdefault((s.source, s.group), Counter()).update(s.labels.tolist())
    parts: dict[str, set[str]] = {}
    for (source, group), counted in labels.items():
        most = min(counted, key=lambda k: (-counted[k], k), default=-1)
        stratum = source if strata is Strata.SOURCE else f"{source}/{most}"
        parts.setdefault(stratum, set()).add(group)
    return {name: sorted(parts[name]) for name in sorted(parts)}


def split_by_group(
    samples: list[Sample], share: float, seed: int, strata: Strata = Strata.SOURCE
) -> tuple[list[Sample], list[Sample]]:
    """Return (training, validation); each stratum gives `share` of its groups, whole."""
    held: set[str] = set()
    for groups in _strata(samples, strata).values():
        ranked = sorted(groups, key=lambda g: _rank(seed, g))
        held.update(ranked[: max(1, round(share * len(ranked)))])
    return [s for s in samples if s.group not in held], [s for s in samples if s.group in held]


def folds_by_group(
    samples: list[Sample], folds: int, seed: int, strata: Strata = Strata.SOURCE
) -> list[tuple[list[Sample], list[Sample]]]:
    """Return (training, test) for each fold; every group is in just one test."""
    fold_of: dict[str, int] = {}
    for groups in _strata(samples, strata).values():
        for number, group in enumerate(sorted(groups, key=lambda g: _rank(seed, g))):
            fold_of.setdefault(group, number % folds)
    return [
        (
            [s for s in samples if fold_of[s.group] != fold],
            [s for s in samples if fold_of[s.group] == fold],
        )
        for fold in range(folds)
    ]


def hold_out(samples: list[Sample], sources: list[str]) -> tuple[list[Sample], list[Sample]]:
    """Return (training, test): `sources` are the test, and their groups leave the training."""
    test = [s for s in samples if s.source in sources]
    gone = {s.group for s in test}
    return [s for s in samples if s.source not in sources and s.group not in gone], test


def coco_of(samples: list[Sample], labels: list[str]) -> dict[str, object]:
    """Return samples as a COCO file's content, for `edge-app evaluate`."""
    boxes = [
        (number, label, box)
        for number, s in enumerate(samples)
        for label, box in zip(s.labels.tolist(), s.boxes.tolist(), strict=True)
    ]
    return {
        "categories": [{"id": k, "name": name} for k, name in enumerate(labels)],
        "images": [
            {"id": n, "file_name": s.path.name, "group": s.group, "source": s.source}
            for n, s in enumerate(samples)
        ],
        "annotations": [
            {"image_id": n, "category_id": k, "bbox": [b[0], b[1], b[2] - b[0], b[3] - b[1]]}
            for n, k, b in boxes
        ],
    }
