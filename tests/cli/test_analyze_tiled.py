"""`edge-app analyze --tiled`: a large picture gets one reading, and its tiles are accounted for."""

import numpy as np
import pytest
from PIL import Image

from tests.slides import a_slide


@pytest.fixture(scope="module")
def slide(tmp_path_factory):
    path = tmp_path_factory.mktemp("slides") / "slide.tif"
    Image.fromarray(a_slide(1001, 3, 3).pixels).save(path, compression="tiff_adobe_deflate")
    return path


def test_a_slide_gets_one_reading_with_its_tiles_counted(program, slide):
    ended = program("analyze", "--tiled", slide, "--json", "--quiet")

    (reading,) = ended.answer["readings"]
    assert ended.status == 0
    assert reading["outcome"] == "finding"
    assert reading["tiles"] == {
        "side_px": 640, "overlap_px": 160, "total": 12, "empty": 0, "turned_away": {}
    }  # fmt: skip
    whites = [d for d in reading["detections"] if d["label"] == "white-cell"]
    assert len(whites) == len(a_slide(1001, 3, 3).labelled("white-cell"))
    assert reading["certificate"]["self_test_id"]


def test_what_cannot_be_read_is_refused_and_the_others_are_read(program, slide, tmp_path):
    cut = tmp_path / "cut.tif"
    cut.write_bytes(slide.read_bytes()[:-50_000])
    small = np.zeros((8, 8, 3), np.uint8)
    Image.fromarray(small).save(tmp_path / "small.png")

    ended = program("analyze", "--tiled", tmp_path, slide, tmp_path / "none.png", "--json")

    assert ended.status == 1
    assert [r["image"] for r in ended.answer["readings"]] == [str(slide)]
    refused = [r["image"].rsplit("/", 1)[-1] for r in ended.answer["refused"]]
    assert refused == ["cut.tif", "small.png", "none.png"]


def test_without_a_detector_a_large_picture_is_not_analysed(program, slide, tmp_path):
    ended = program("analyze", "--tiled", slide, "--json", packages=tmp_path)

    (reading,) = ended.answer["readings"]
    assert (ended.status, reading["outcome"]) == (1, "not analysed")
    assert reading["detections"] == []
