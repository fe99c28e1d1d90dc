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


def test_out_holds_the_whole_slide_made_smaller_with_its_findings(program, tmp_path):
    wide = np.concatenate([a_slide(1001, 3, 1).pixels] * 2, axis=1)
    Image.fromarray(wide).save(tmp_path / "wide.tif")

    ended = program(
        "analyze", "--tiled", tmp_path / "wide.tif", "--out", tmp_path / "out", "--json"
    )

    with Image.open(tmp_path / "out" / "0001-wide-0.png") as picture:
        drawn = np.asarray(picture).astype(int)
    assert (ended.status, wide.shape[1], drawn.shape[1]) == (0, 3840, 1920)
    small = np.asarray(Image.fromarray(wide).reduce(2)).astype(int)
    for one in ended.answer["readings"][0]["detections"]:
        x0, y0, _, y1 = (round(v / 2) for v in one["box"])
        edge = np.abs(drawn - small)[max(0, y0 - 2) : y1 + 2, max(0, x0 - 2) : x0 + 3]
        assert edge.max() > 60, one["box"]
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"0001-wide-0.png", "readings.json"}


def test_each_page_gets_a_reading_of_its_own(program, tmp_path):
    pages = [Image.fromarray(a_slide(seed, 1, 1).pixels) for seed in (1001, 1002)]
    pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])

    ended = program("analyze", "--tiled", tmp_path / "pages.tif", "--json", "--quiet")

    readings = ended.answer["readings"]
    assert [(r["frame"], r["outcome"]) for r in readings] == [(0, "finding"), (1, "finding")]
    assert readings[0]["detections"] != readings[1]["detections"]
