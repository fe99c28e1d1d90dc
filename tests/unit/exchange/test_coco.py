"""Labelled sets in COCO's form."""

import json

import numpy as np
import pytest

from edge_app.domain.error import ImageRefusedError
from edge_app.domain.manifest import LabelSpec
from edge_app.domain.reading import Code
from edge_app.exchange.coco import read_coco

CODE = Code("99TEST", "x", "x")
LABELS = [LabelSpec("white-cell", CODE, ("WBC", "leukocyte")), LabelSpec("platelet", CODE)]


def a_set(**changed):
    return {
        "images": [
            {"id": 1, "file_name": "a.png", "group": "slide 4"},
            {"id": 2, "file_name": "b.png"},
        ],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 7, "bbox": [10, 20, 30, 40], "area": 1200},
            {"id": 2, "image_id": 1, "category_id": 9, "bbox": [1, 2, 3, 4]},
            {"id": 3, "image_id": 1, "category_id": 7, "bbox": [0, 0, 99, 99], "iscrowd": 1},
        ],
        "categories": [{"id": 7, "name": " wbc "}, {"id": 9, "name": "parasite"}],
        **changed,
    }  # fmt: skip


def written(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_boxes_become_corners_under_the_detectors_own_names(tmp_path):
    first, second = read_coco(written(tmp_path / "coco.json", a_set()), LABELS)

    assert first.truth["white-cell"].boxes.tolist() == [[10, 20, 40, 60]]
    assert first.truth["platelet"].boxes.shape == (0, 4)
    assert second.truth["white-cell"].boxes.shape == (0, 4)
    assert np.array_equal(first.truth["white-cell"].scores, [1.0])


@pytest.mark.parametrize("name", ["white-cell", "WHITE-CELL", "Leukocyte", "WBC"])
def test_names_and_aliases_match_in_any_case(tmp_path, name):
    content = a_set(categories=[{"id": 7, "name": name}])

    first, _ = read_coco(written(tmp_path / "coco.json", content), LABELS)

    assert len(first.truth["white-cell"].boxes) == 1


def test_an_image_without_a_group_is_a_group_of_its_own(tmp_path):
    first, second = read_coco(written(tmp_path / "coco.json", a_set()), LABELS)

    assert first.group == "slide 4"
    assert second.group not in {"slide 4", ""}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no json",
        "[]",
        '{"images": []}',
        a_set(annotations=[{"image_id": 1, "category_id": 7, "bbox": [1, 2, 3]}]),
        a_set(annotations=[{"image_id": 1, "category_id": 7, "bbox": "10 20 30 40"}]),
        a_set(images=[{"id": "one", "file_name": "a.png"}]),
    ],
)
def test_what_is_not_coco_is_refused(tmp_path, content):
    with pytest.raises(ImageRefusedError, match="not a readable COCO file"):
        read_coco(written(tmp_path / "coco.json", content), LABELS)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ImageRefusedError):
        read_coco(tmp_path / "coco.json", LABELS)


def test_a_set_without_any_of_the_labels_is_refused(tmp_path):
    content = a_set(categories=[{"id": 7, "name": "fracture"}])

    with pytest.raises(ImageRefusedError, match="none of the detector's labels"):
        read_coco(written(tmp_path / "coco.json", content), LABELS)
