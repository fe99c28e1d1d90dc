"""Devices are shown and captured from, by the names that programs rely on."""

import cv2

from tests import sane_peer


def the_device(program, *more):
    (device,) = program("devices", "list", "--json", *more).answer["devices"]
    return device["id"]


def test_a_device_is_shown_with_its_knobs(program):
    ended = program("devices", "show", the_device(program), "--json")

    assert ended.status == 0
    knobs = {knob["name"] for knob in ended.answer["device"]["controls"]}
    assert knobs == {"stage x", "stage y", "focus", "lamp"}


def test_captured_images_lie_in_the_folder_and_are_never_replaced(program, tmp_path):
    capture = ("devices", "capture", the_device(program), "--out", tmp_path / "o", "--json")
    ended = program(*capture, "--count", "3")

    assert ended.status == 0
    assert [image["sequence"] for image in ended.answer["images"]] == [1, 2, 3]
    assert all(cv2.imread(image["path"]).shape == (480, 640, 3) for image in ended.answer["images"])
    before = {path: path.read_bytes() for path in (tmp_path / "o").iterdir()}
    again = program(*capture)
    assert (again.status, again.answer["error"]["code"]) == (1, "EXP-001")
    assert {path: path.read_bytes() for path in (tmp_path / "o").iterdir()} == before


def test_fewer_images_than_asked_for_are_told(program, smears, tmp_path):
    named = ("--device", f"replay:{smears}")
    ended = program(
        "devices", "capture", the_device(program, *named), *named,
        "--count", "5", "--out", tmp_path / "o", "--json",
    )  # fmt: skip

    assert (ended.status, len(ended.answer["images"])) == (1, 3)
    assert "3 of 5" in ended.err


def test_an_unknown_device_is_refused_with_those_that_there_are(program):
    ended = program("devices", "show", "toaster", "--json")

    assert (ended.status, ended.answer["error"]["code"]) == (1, "DEV-001")
    assert "microscope" in ended.answer["error"]["remedy"]


@sane_peer.needed
def test_a_scanner_is_found_and_its_pages_are_captured(program, tmp_path, monkeypatch):
    monkeypatch.setenv("SANE_CONFIG_DIR", str(sane_peer.configured(tmp_path / "sane.d")))
    listed = program("devices", "list", "--json").answer["devices"]
    (found,) = [device for device in listed if device["kind"] == "sane"]
    assert (found["name"], found["state"]) == ("Noname frontend-tester", "ready")
    assert found["named"] == "sane:test:0"
    ended = program(
        "devices", "capture", found["id"], "--count", "3", "--out", tmp_path / "o", "--json"
    )

    assert ended.status == 0
    assert [image["sequence"] for image in ended.answer["images"]] == [1, 2, 3]
    assert all(image["spacing_mm"] == [0.508, 0.508] for image in ended.answer["images"])
    assert all(cv2.imread(image["path"]).shape == (196, 157, 3) for image in ended.answer["images"])
