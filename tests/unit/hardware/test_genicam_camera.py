"""Aravis' simulated camera, through a process of its own as in the program."""

import time

import numpy as np
import pytest

from edge_app.domain.error import ScannerUnavailableError
from hardware.genicam.scanner import GenicamScanner
from hardware.remote import found_places
from tests.contract.test_scanner import SteppedClock
from tests.genicam_peer import PLACE, a_camera, its_turn, needed

pytestmark = needed
GREY = ("Mono8", "Mono16")
FORMATS = (*GREY, "RGB8", "BayerRG8", "BayerGR8", "BayerGB8", "BayerBG8")


@pytest.fixture
def camera():
    with its_turn() as fake:
        yield fake


@pytest.fixture
def plugged(camera):
    camera.plug()
    return camera


def is_ramp(frame):
    """Return whether every pixel is where the camera's pattern has it, in one picture."""
    grey = frame.pixels[..., 0].astype(int)
    places = np.add.outer(np.arange(frame.height), np.arange(frame.width))
    return bool((grey == (grey[0, 0] + places) % 255).all())


def test_a_camera_is_found_by_a_name_that_stays_and_shows_no_address(camera):
    for _ in range(2):
        camera.plug()
        assert PLACE in found_places("edge_app.compose.finder_worker", "genicam")
        camera.pull()
    camera.plug()
    info = GenicamScanner(PLACE, SteppedClock(), {}).info()

    assert (info.device_id, info.name) == (f"genicam-{PLACE}", "Aravis Fake")
    assert "127.0" not in repr(info)


@pytest.mark.parametrize("place", ["Aravis-Fake-None", "127.0.0.1"])
def test_a_camera_that_is_not_there_says_so(plugged, tmp_path, place):
    scanner = GenicamScanner(place, SteppedClock(), {})
    with pytest.raises(ScannerUnavailableError, match="not there"), scanner.open():
        pass


def test_every_format_of_the_camera_that_is_known_gives_pictures(plugged, tmp_path):
    for name in FORMATS:
        with a_camera(tmp_path, choices={"PixelFormat": name}).open() as device:
            frame = device.frame()

        assert frame.pixels.shape == (512, 512, 3)
        grey = (frame.pixels == frame.pixels[..., :1]).all()
        assert grey == (name in GREY), name


@pytest.mark.parametrize(
    ("choices", "settings", "why"),
    [
        ({"PixelFormat": "Mono12Packed"}, {}, "Mono12Packed"),
        ({"Smell": "Sweet"}, {}, "Smell"),
        ({"Width": "7"}, {}, "Width"),
        ({}, {"exposure": 1e9}, "exposure"),
        ({}, {"warmth": 1}, "warmth"),
    ],
)
def test_a_profile_that_the_camera_cannot_keep_refuses_it(
    plugged, tmp_path, choices, settings, why
):
    scanner = a_camera(tmp_path, choices=choices, settings=settings)
    with pytest.raises(ScannerUnavailableError, match=why), scanner.open():
        pass


def test_knobs_act_on_the_picture_and_the_profile_locks_them(plugged, tmp_path):
    def mean(gain):
        scanner = a_camera(
            tmp_path,
            choices={"GainAuto": "Continuous"},
            settings={"gain": gain, "exposure": 20.0},
            more='locked = ["gain"]',
        )
        with scanner.open() as device:
            knobs = {knob.name: knob for knob in device.controls()}
            assert set(knobs) == {"exposure", "frame rate"}
            assert (knobs["exposure"].value, knobs["exposure"].unit) == (20.0, "ms")
            return device.frame().pixels.mean()

    assert mean(2.0) > 1.2 * mean(0.0)


def test_a_frame_is_never_from_before_it_was_asked_for(plugged, tmp_path):
    with a_camera(tmp_path).open() as device:
        steps, lost = [], [0]
        for _ in range(3):
            before = int(device.frame().pixels[0, 0, 0])
            time.sleep(0.8)  # more than the buffers hold
            frame = device.frame()
            steps.append((int(frame.pixels[0, 0, 0]) - before) % 255)
            lost.append(frame.dropped)

    # The camera makes 20 meanwhile, a starved one fewer; the buffers hold 8.
    assert min(steps) > 12
    # A busy machine may really lose some in one turn; not those that nobody asked for in each.
    assert 0 in np.diff(lost)


def test_of_lost_packets_no_picture_is_torn_and_every_loss_is_counted(camera, tmp_path):
    camera.plug("-r", "1")  # of a thousand packets; a frame has 190
    with a_camera(tmp_path, settings={"frame rate": 50}).open() as device:
        frames = [device.frame() for _ in range(30)]

    assert all(is_ramp(frame) for frame in frames)
    assert [frame.sequence for frame in frames] == list(range(1, 31))
    counts = [frame.dropped for frame in frames]
    assert counts == sorted(counts)
    assert counts[-1] > 0


def test_a_camera_of_which_nothing_arrives_whole_says_so(camera, tmp_path):
    camera.plug("-r", "300")
    refused = pytest.raises(ScannerUnavailableError, match="arrive incomplete")
    with a_camera(tmp_path, frame_s=2.0).open() as device, refused:
        device.frame()


def test_a_camera_that_somebody_holds_is_busy_for_others(plugged, tmp_path):
    with a_camera(tmp_path).open() as device:
        with pytest.raises(ScannerUnavailableError, match="in use by another program"):
            a_camera(tmp_path).open().__enter__()
        assert device.frame() is not None
