"""`edge-app analyze`: every image gets a reading or a refusal, and JSON stands alone."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from tests.smears import PACKAGE

DICOM_FILES = Path(pydicom.__file__).parent / "data" / "test_files"

READING = {"image", "frame", "detector", "version", "outcome", "reason", "detections",
           "quality", "certificate", "timing_ms"}  # fmt: skip


def outcomes(ended):
    return {r["image"].rsplit("/", 1)[-1]: r["outcome"] for r in ended.answer["readings"]}


def test_a_folder_is_read_and_every_reading_keeps_the_contract(program, smears):
    ended = program("analyze", smears, "--json")

    assert ended.status == 0
    assert isinstance(ended.answer["schema"], int)
    assert outcomes(ended) == {
        "sharp.png": "finding", "blurred.png": "cannot say", "void.png": "cannot say"
    }  # fmt: skip
    for reading in ended.answer["readings"]:
        assert set(reading) >= READING
        assert bool(reading["reason"]) == (reading["outcome"] == "cannot say")
        assert reading["certificate"]["self_test_id"]
        for found in reading["detections"]:
            assert {"label", "code", "score", "box"} <= set(found)
            assert len(found["box"]) == 4


def test_people_get_one_line_an_image_and_nothing_called_normal(program, smears):
    ended = program("analyze", smears)

    assert ended.status == 0
    assert len(ended.out.splitlines()) == 3
    assert "normal" not in ended.out.lower()


def test_out_writes_one_annotated_picture_an_image_and_the_answer(program, smears, tmp_path):
    program("analyze", smears, "--out", tmp_path / "out", "--json")

    names = sorted(p.suffix for p in (tmp_path / "out").iterdir())
    assert names == [".json", ".png", ".png", ".png"]


def test_bad_files_of_every_kind_cost_one_line_each_and_good_ones_are_still_read(
    program, smears, tmp_path
):
    folder = tmp_path / "batch"
    folder.mkdir()
    whole = (smears / "sharp.png").read_bytes()
    bad = {
        "empty.png": b"",
        "text.png": b"no pixels",
        "cut.png": whole[: len(whole) // 2],
        "cut.dcm": bytes(128) + b"DICM" + bytes(9),
        "no.jpg": b"\xff\xd8\xff\xe0",
    }
    for name, content in bad.items():
        (folder / name).write_bytes(content)
    Image.new("RGB", (5, 5)).save(folder / "tiny.bmp")
    Image.new("CMYK", (64, 64)).save(folder / "printed.jpg")
    shutil.copy(smears / "sharp.png", folder / "good.png")
    (tmp_path / "nothing").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    others = [tmp_path / "missing.png", tmp_path / "nothing", tmp_path / "pipe.png"]

    ended = program("analyze", *others, folder, smears / "sharp.png", "--json", "--quiet")

    assert ended.status == 1
    assert outcomes(ended) == {"good.png": "finding", "sharp.png": "finding"}
    refused = ended.answer["refused"]
    assert len(refused) == len(bad) + 2 + len(others)
    assert all(r["code"].startswith("IMG-") and r["remedy"] for r in refused)
    lines = ended.err.splitlines()
    assert len(lines) == len(refused)
    assert all("IMG-0" in line for line in lines)


def test_a_name_that_is_no_text_does_not_stop_the_batch(program, smears, tmp_path):
    folder = tmp_path / "names"
    folder.mkdir()
    strange = os.fsencode(folder) + b"/\xff\xfe.png"
    shutil.copy(os.fsencode(smears / "sharp.png"), strange)
    shutil.copy(smears / "sharp.png", folder / "good.png")

    as_json = program("analyze", folder, "--json", "--out", tmp_path / "out")
    for_people = program("analyze", folder)

    assert [r["outcome"] for r in as_json.answer["readings"]] == ["finding", "finding"]
    assert as_json.status == for_people.status == 0


def test_where_nothing_can_be_written_the_answer_is_given_all_the_same(program, smears, tmp_path):
    (tmp_path / "taken").write_bytes(b"a file where the folder should be")

    ended = program("analyze", smears, "--out", tmp_path / "taken", "--json", "--quiet")

    assert ended.status == 1
    assert len(ended.answer["readings"]) == 3
    assert [e["code"] for e in ended.answer["unwritten"]] == ["EXP-001"]
    assert ended.err.count("EXP-001") == 1


def take_away(folder):
    (folder / "model.int8.onnx").unlink()


def tamper(folder):
    content = bytearray((folder / "model.int8.onnx").read_bytes())
    content[5000] ^= 0xFF
    (folder / "model.int8.onnx").write_bytes(content)


def lose_golden(folder):
    shutil.rmtree(folder / "golden")


@pytest.mark.parametrize("damage", [take_away, tamper, lose_golden, shutil.rmtree])
def test_without_a_sound_detector_no_image_is_ever_called_without_finding(
    program, smears, tmp_path, damage
):
    damage(shutil.copytree(PACKAGE, tmp_path / "packages" / PACKAGE.name))

    ended = program("analyze", smears, "--json", packages=tmp_path / "packages")

    assert ended.status == 1
    assert set(outcomes(ended).values()) == {"not analysed"}
    assert len(ended.answer["readings"]) == 3
    assert all("DET-001" in r["reason"] for r in ended.answer["readings"])
    assert all(r["detections"] == [] for r in ended.answer["readings"])


def test_every_page_is_a_frame_of_its_own(program, smears, tmp_path):
    with Image.open(smears / "sharp.png") as one, Image.open(smears / "void.png") as other:
        one.save(tmp_path / "pages.tif", save_all=True, append_images=[other])

    ended = program("analyze", tmp_path / "pages.tif", "--json")

    assert [(r["frame"], r["outcome"]) for r in ended.answer["readings"]] == [
        (0, "finding"), (1, "cannot say"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong", [["analyze"], ["analyze", "x.png", "--no-such"], ["no-such"], ["bench", "--runs", "0"]]
)
def test_wrong_use_ends_with_two_and_says_why(program, wrong):
    ended = program(*wrong)

    assert ended.status == 2
    assert ended.err
    assert ended.out == ""


@pytest.mark.parametrize("wish", [["--variant", "int4"], ["--provider", "azure"]])
def test_a_wish_that_cannot_be_met_is_refused_with_what_there_is(program, smears, wish):
    ended = program("analyze", smears / "sharp.png", *wish, "--json")

    assert ended.status == 1
    assert outcomes(ended) == {"sharp.png": "not analysed"}
    assert "Choose from" in ended.err


def test_a_picture_of_one_colour_is_never_without_finding(program, tmp_path):
    for grey in (0, 200, 255):
        Image.fromarray(np.full((300, 300, 3), grey, np.uint8)).save(tmp_path / f"{grey}.png")

    ended = program("analyze", *sorted(tmp_path.glob("*.png")), "--json")

    assert set(outcomes(ended).values()) == {"cannot say"}


def test_what_a_library_says_of_strange_files_stays_off_the_screen(program):
    ended = program("analyze", DICOM_FILES, "--json", "--quiet")

    lines = ended.err.splitlines()
    assert len(lines) == len(ended.answer["refused"]) > 50
    assert all("IMG-0" in line for line in lines)
    assert len(ended.answer["readings"]) > 50


def test_an_experimental_detector_says_so_in_words_json_and_picture(program, smears, tmp_path):
    folder = shutil.copytree(PACKAGE, tmp_path / "packages" / PACKAGE.name)
    package = folder / "package.toml"
    package.write_text(package.read_text().replace('"validated"', '"experimental"'))
    picture = smears / "sharp.png"

    def analyzed(out, packages=None):
        ended = program("analyze", picture, "--out", out, packages=packages)
        (drawn,) = out.glob("*.png")
        (reading,) = json.loads((out / "readings.json").read_text())["readings"]
        return ended, np.asarray(Image.open(drawn)).astype(int), reading

    trial, marked, told = analyzed(tmp_path / "trial", tmp_path / "packages")
    known, plain, also = analyzed(tmp_path / "known")

    assert "Experimental detector, not for patients." in trial.out
    assert "Experimental" not in known.out
    assert told["certificate"]["is_experimental"]
    assert not also["certificate"]["is_experimental"]
    assert np.abs(marked - plain)[-60:].max() > 100
