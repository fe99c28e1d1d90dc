"""A network camera is pulled out and comes back; the program and its process go on."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.freshness import FrameGuard, Freshness, Habits
from edge_app.ports import DeviceState
from tests.genicam_peer import PLACE, a_camera, its_turn, needed

pytestmark = needed
CYCLES = int(os.environ.get("EDGE_APP_UNPLUGS", "6"))
FRAME_S = 8.0
BACK_S = 30.0
SLEPT_S = 2.0
RATE = 25
FIRST_STEP = 120


@pytest.fixture
def camera():
    with its_turn() as fake:
        fake.plug()
        yield fake


def next_picture(device):
    """Return the next frame of a camera that is plugged in again, and how often it was refused."""
    until = time.monotonic() + BACK_S
    refused = 0
    while True:
        try:
            return device.frame(), refused
        except ScannerUnavailableError:
            refused += 1
            assert time.monotonic() < until, "the camera did not come back"


def test_it_is_unplugged_and_plugged_in_again_and_again(tmp_path, camera):
    """The first picture after each return is of the camera that was started last."""
    guard = FrameGuard(f"genicam-{PLACE}", Habits())
    verdicts, stale, refused = Counter(), 0, 0
    settings = {"exposure": 30.0, "frame rate": 100.0}
    with a_camera(tmp_path, frame_s=FRAME_S, settings=settings).open() as device:
        for _ in range(CYCLES):
            device.frame()
            time.sleep(0.1)
            before = device.frame()
            verdicts[guard.judged(before, time.monotonic_ns())] += 1
            camera.pull()
            camera.plug()
            frame, times = next_picture(device)
            verdicts[guard.judged(frame, time.monotonic_ns())] += 1
            refused += times
            stale += step(frame) >= step(before)
        knobs = {knob.name: knob.value for knob in device.controls()}

    print(f"\n{CYCLES} times unplugged: {dict(verdicts)}, {refused} refusals, {stale} stale")  # noqa: T201
    assert stale == 0
    assert verdicts == {Freshness.FRESH: 2 * CYCLES}
    assert refused >= CYCLES
    assert frame.sequence == 3 * CYCLES
    assert (knobs["exposure"], knobs["frame rate"]) == (30.0, 100.0), "they are set again"


def step(frame):
    """Return how far the camera's pattern is; it moves by one a frame from where it starts."""
    return (int(frame.pixels[0, 0, 0]) - FIRST_STEP) % 255


def test_nothing_comes_from_a_camera_that_is_away(tmp_path, camera):
    scanner = a_camera(tmp_path, frame_s=3.0)
    before = scanner.info()
    with scanner.open() as device:
        seen = device.frame().sequence
        camera.pull()
        with pytest.raises(ScannerUnavailableError, match=r"broke off|sends no pictures"):
            device.frame()
        with pytest.raises(ScannerUnavailableError):
            device.frame()
        away = scanner.info()
        assert (away.device_id, away.state) == (before.device_id, DeviceState.ABSENT)

        camera.plug()
        frame, _ = next_picture(device)
        assert frame.sequence == seen + 1
    assert scanner.info() == before


def test_a_camera_that_stalls_gives_no_old_picture(tmp_path, camera):
    with a_camera(tmp_path, frame_s=2.0).open() as device:
        device.frame()
        camera.send(signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(ScannerUnavailableError, match=r"broke off|sends no pictures"):
            device.frame()
        assert time.monotonic() - began < 2.5

        camera.send(signal.SIGCONT)
        went_on_ns = time.monotonic_ns()
        frame, _ = next_picture(device)
        assert frame.monotonic_ns > went_on_ns


def test_after_a_computer_that_slept_no_picture_from_before_comes(camera):
    """What lay in the system's own buffers meanwhile is as old as the sleep is long."""
    program = [sys.executable, "-m", "tests.faults.genicam_child", PLACE]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as child:
        before = [said(child) for _ in range(10)][-1][0]
        child.send_signal(signal.SIGSTOP)
        time.sleep(SLEPT_S)
        woken_ns = time.monotonic_ns()
        child.send_signal(signal.SIGCONT)
        frames = [said(child) for _ in range(30)]
        child.kill()

    steps = [(pixel - before) % 255 for pixel, at_ns in frames if at_ns > woken_ns]
    assert len(steps) >= 28
    assert min(steps) > 0.8 * SLEPT_S * RATE


def said(child):
    pixel, at_ns = child.stdout.readline().split()
    return int(pixel), int(at_ns)
