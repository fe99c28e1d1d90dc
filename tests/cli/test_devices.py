"""Devices are shown and captured from, by the names that programs rely on."""

import itertools
import threading

import cv2
import numpy as np

from tests import genicam_peer, sane_peer
from tests.peers.video_streams import mjpeg_camera
from tests.peers.video_streams import needed as gstreamer_needed


def the_device(program, *more):
    """Return the id of the device that was named, else of the shipped microscope."""
    return program("devices", "list", "--json", *more).answer["devices"][0]["id"]


def test_every_simulated_device_is_listed_and_gives_three_pictures(program, tmp_path):
    listed = program("devices", "list", "--json").answer["devices"]
    simulated = [device for device in listed if device["id"].startswith("simulated")]

    kinds = ["microscope", "ultrasound", "xray-panel", "flatbed"]
    assert [device["kind"] for device in simulated] == kinds
    for device in simulated:
        out = tmp_path / device["kind"]
        taken = program("devices", "capture", device["id"], "--count", "3", "--out", out, "--json")
        assert (taken.status, len(taken.answer["images"])) == (0, 3)


def test_three_pictures_are_captured_from_a_folder_into_which_a_device_drops_them(
    program, tmp_path
):
    share = tmp_path / "share"
    share.mkdir()
    (share / "old.png").write_bytes(png(9))
    stop = threading.Event()

    def drops():
        for seed in itertools.count():
            if stop.wait(0.5):
                return
            (share / f"{seed}.png").write_bytes(png(10 + seed))

    named = ("--device", f"watch-folder:{share}")
    device = the_device(program, *named)
    dropping = threading.Thread(target=drops)
    dropping.start()
    capture = ("devices", "capture", device, *named, "--count", "3")
    taken = program(*capture, "--out", tmp_path / "o", "--json")
    stop.set()
    dropping.join()

    assert (taken.status, len(taken.answer["images"])) == (0, 3)
    old = cv2.imdecode(np.frombuffer(png(9), np.uint8), cv2.IMREAD_COLOR)
    came = [cv2.imread(image["path"]) for image in taken.answer["images"]]
    assert not any((picture == old).all() for picture in came)
    assert (share / "old.png").exists()


@genicam_peer.needed
def test_a_network_camera_is_listed_shown_and_captured_from_by_its_name(program, tmp_path):
    with genicam_peer.its_turn() as camera:
        camera.plug()
        listed = program("devices", "list", "--json").answer["devices"]
        (name,) = [one["named"] for one in listed if genicam_peer.SERIAL in one["id"]]
        shown = program("devices", "show", name, "--json").answer["device"]
        taken = program("devices", "capture", name, "--count", "3", "--out", tmp_path, "--json")

    assert name == f"genicam:{genicam_peer.PLACE}"
    assert {knob["name"] for knob in shown["controls"]} == {"exposure", "gain", "frame rate"}
    assert [image["dropped"] for image in taken.answer["images"]] == [0, 0, 0]
    assert len({image["hash"] for image in taken.answer["images"]}) == 3


@genicam_peer.needed
def test_frames_that_a_camera_lost_are_told_after_a_capture(program, tmp_path):
    with genicam_peer.its_turn() as camera:
        camera.plug("-r", "2")
        name = f"genicam:{genicam_peer.PLACE}"
        taken = program("devices", "capture", name, "--count", "20", "--out", tmp_path, "--json")

    lost = taken.answer["images"][-1]["dropped"]
    assert lost > 0
    assert f"The device lost {lost} frames meanwhile" in taken.err


def png(seed):
    pixels = np.random.default_rng(seed).integers(0, 255, (48, 64, 3)).astype(np.uint8)
    return cv2.imencode(".png", pixels)[1].tobytes()


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


@gstreamer_needed
def test_a_camera_is_listed_and_captured_by_its_name_and_its_password_is_never_shown(
    program, tmp_path
):
    with mjpeg_camera() as camera:
        name = f"gstreamer:{camera.address(login='nurse:secret@')}"
        listed = program("devices", "list", "--json", "--device", name)
        taken = program("devices", "capture", name, "--count", "3", "--out", tmp_path, "--json")

    (device,) = listed.answer["devices"]
    assert (device["state"], device["kind"]) == ("ready", "gstreamer")
    assert "***@" in device["named"]
    assert (taken.status, len(taken.answer["images"])) == (0, 3)
    assert "secret" not in f"{listed.answer} {taken.answer}"
