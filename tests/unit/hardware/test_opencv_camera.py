"""A camera through OpenCV gives new frames only, says when it went away, and comes back as set."""

import os
import platform

import cv2
import numpy as np
import pytest

from edge_app.compose.clock import SystemClock
from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.freshness import FrameGuard, Freshness, Habits
from hardware import catalogue, retaken
from hardware.camera.opencv_scanner import OpencvScanner
from hardware.camera.opencv_wire import by_opencv
from hardware.camera.scanner import CameraScanner
from hardware.lent import Surroundings
from tests.contract.test_scanner import SteppedClock
from tests.opencv_wire import FakeCamera, FilmedCamera, noise

CYCLES = int(os.environ.get("EDGE_APP_UNPLUGS", "4"))


@pytest.fixture
def camera():
    return FakeCamera(SteppedClock())


def a_scanner(camera, frame_s=2.5, **choices):
    said = {name.replace("_", " "): word for name, word in choices.items()}
    return OpencvScanner("0", camera.clock, said, frame_s, camera.opened)


def shown(sent):
    return sent[..., ::-1]


def test_a_frame_is_what_the_camera_sent_in_rgb(camera):
    with a_scanner(camera).open() as device:
        frame = device.frame()

    assert np.array_equal(frame.pixels, shown(noise(camera.n_sent)))


def test_a_real_capture_of_a_real_film_gives_its_frames_and_says_when_it_ends(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(retaken, "_awake_s", lambda: 0.0)
    camera = FilmedCamera(tmp_path / "film.avi", SteppedClock())
    guard = FrameGuard("camera-0", Habits())
    with a_scanner(camera).open() as device:
        frames = [device.frame() for _ in range(52)]
        with pytest.raises(ScannerUnavailableError, match="was unplugged"):
            device.frame()
        assert device.frame().sequence == 53  # it was opened anew

    verdicts = {guard.judged(frame, frame.monotonic_ns) for frame in frames}
    assert verdicts == {Freshness.FRESH}
    levels = [frame.pixels.mean() for frame in frames]
    assert levels == pytest.approx([4 * (8 + n) + 1.5 for n in range(52)], abs=3)


@pytest.mark.parametrize("waiting", [1, 3, 20])
def test_what_waited_since_before_the_call_is_left_out(camera, waiting):
    with a_scanner(camera).open() as device:
        device.frame()
        camera.waiting = waiting
        frame = device.frame()

    assert np.array_equal(frame.pixels, shown(noise(camera.n_sent)))


def test_after_half_a_second_without_a_look_nothing_of_a_queue_is_shown_however_slowly_it_comes(
    camera, monkeypatch
):
    awake_s = [0.0]
    monkeypatch.setattr(retaken, "_awake_s", lambda: awake_s[0])
    with a_scanner(camera).open() as device:
        device.frame()
        awake_s[0] += 0.6
        camera.waiting, camera.waiting_s = 8, 0.02  # a busy computer
        frame = device.frame()

    assert np.array_equal(frame.pixels, shown(noise(camera.n_sent)))


@pytest.mark.parametrize("gone", ["nothing", "last", "last, in its time"])
def test_a_camera_that_is_pulled_out_says_so_and_works_again_as_it_was_set(camera, gone):
    with a_scanner(camera, gain="9").open() as device:
        before = device.frame()
        camera.pull(gone)
        with pytest.raises(ScannerUnavailableError, match="was unplugged"):
            device.frame()
        assert camera.n_held == 0
        with pytest.raises(ScannerUnavailableError, match="is not there, or another"):
            device.frame()
        camera.plug()
        after = device.frame()

    assert after.sequence == before.sequence + 1
    assert camera.takes[cv2.CAP_PROP_GAIN] == 9.0
    assert camera.n_held == 0


def test_however_often_unplugged_it_comes_back_and_no_old_frame_is_accepted(camera):
    guard, verdicts = FrameGuard("camera-0", Habits()), []
    with a_scanner(camera, gain="9").open() as device:
        for cycle in range(CYCLES):
            frame = device.frame()
            verdicts.append(guard.judged(frame, frame.monotonic_ns))
            assert np.array_equal(frame.pixels, shown(noise(camera.n_sent)))
            camera.pull(("nothing", "last", "last, in its time")[cycle % 3])
            for said in ("was unplugged", "is not there, or another"):
                with pytest.raises(ScannerUnavailableError, match=said):
                    device.frame()
            camera.plug()

    assert verdicts == [Freshness.FRESH] * CYCLES
    assert camera.n_held == 0


def test_a_picture_that_stands_still_is_no_picture(camera):
    with a_scanner(camera).open() as device:
        before = device.frame()
        camera.is_still = True
        with pytest.raises(ScannerUnavailableError, match="unplugged"):
            device.frame()

        assert camera.clock.monotonic_ns() - before.monotonic_ns < 2e9


def test_a_dark_picture_without_noise_may_repeat(camera, monkeypatch):
    monkeypatch.setattr("tests.opencv_wire.noise", lambda _seed: np.zeros((48, 64, 3), np.uint8))
    with a_scanner(camera).open() as device:
        assert [device.frame().sequence for _ in range(3)] == [1, 2, 3]


def test_a_camera_whose_frames_never_have_to_be_waited_for_is_told_as_silent(camera):
    with a_scanner(camera, 0.5).open() as device:
        camera.waiting = 10**9
        with pytest.raises(ScannerUnavailableError, match="sends no pictures"):
            device.frame()

    assert camera.n_held == 0


@pytest.mark.parametrize(
    "sent", [None, np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.uint16),
             np.zeros((0, 4, 3), np.uint8)],
)  # fmt: skip
def test_what_is_no_picture_counts_as_gone(camera, sent, monkeypatch):
    with a_scanner(camera).open() as device:
        monkeypatch.setattr("tests.opencv_wire.FakeCapture.read", lambda _self: (True, sent))
        with pytest.raises(ScannerUnavailableError, match="unplugged"):
            device.frame()


def test_choices_are_set_in_their_order_under_the_names_that_they_have_under_linux(camera):
    camera.takes[cv2.CAP_PROP_FOURCC] = camera.takes[cv2.CAP_PROP_AUTOFOCUS] = 0.0
    said = {"pixel format": "MJPEG", "resolution": "640x480", "automatic focus": "no"}
    with OpencvScanner("0", camera.clock, said, 2.0, camera.opened).open():
        pass

    width, height = cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT
    order = [cv2.CAP_PROP_FOURCC, width, height, cv2.CAP_PROP_AUTOFOCUS]
    assert camera.set_in_order == order
    assert (camera.takes[width], camera.takes[height]) == (640.0, 480.0)


@pytest.mark.parametrize(
    ("said", "words"),
    [({"gain": "much"}, "cannot set 'gain'"), ({"volume": "1"}, "no choice 'volume'"),
     ({"automatic focus": "perhaps"}, "Choose one of: yes, no"),
     ({"resolution": "wide"}, "cannot set 'resolution'"), ({"focus": "10"}, "did not take '10'"),
     ({"pixel format": "H264"}, "MJPEG, YUYV, NV12")],
)  # fmt: skip
def test_a_choice_that_the_camera_does_not_take_refuses_it_and_lets_go(camera, said, words):
    scanner = OpencvScanner("0", camera.clock, said, 2.0, camera.opened)
    with pytest.raises(ScannerUnavailableError, match=words), scanner.open():
        pass

    assert camera.n_held == 0


def test_a_choice_that_the_camera_rounds_far_away_is_refused(camera, monkeypatch):
    monkeypatch.setattr("tests.opencv_wire.FakeCapture.set", lambda *_: True)
    scanner = a_scanner(camera, gain="9")
    with (
        pytest.raises(ScannerUnavailableError, match="did not take '9' for 'gain'"),
        scanner.open(),
    ):
        pass


def test_a_camera_that_is_not_there_says_so(camera):
    camera.is_there = False
    with pytest.raises(ScannerUnavailableError, match="not there"), a_scanner(camera).open():
        pass


@pytest.mark.parametrize("place", ["", "front", "-1", "1000"])
def test_a_place_is_a_number(place):
    with pytest.raises(ScannerUnavailableError, match="whole number from 0"):
        OpencvScanner(place, SystemClock(), {})


@pytest.mark.parametrize(
    ("system", "kind"), [("Windows", OpencvScanner), ("Darwin", OpencvScanner),
                         ("Linux", CameraScanner)],
)  # fmt: skip
def test_a_camera_goes_through_opencv_only_where_there_is_no_v4l2(monkeypatch, system, kind):
    monkeypatch.setattr(platform, "system", lambda: system)

    assert type(catalogue.scanner("camera", "0", Surroundings(SystemClock(), iter))) is kind


def test_the_real_library_finds_no_camera_of_a_number_that_nobody_has():
    assert by_opencv(97) is None
