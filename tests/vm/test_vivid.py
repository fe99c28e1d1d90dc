"""The driver with a real kernel and its simulated camera; `make test-vm` runs this."""

import os
import time
from collections import Counter

import numpy as np
import pytest

from edge_app.compose.clock import SystemClock
from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.freshness import FrameGuard, Freshness, Habits
from edge_app.ports import DeviceState
from hardware.camera.scanner import CameraScanner, attached
from tests.vivid import PLACE, Injector, needed

pytestmark = needed
CYCLES = int(os.environ.get("EDGE_APP_UNPLUGS", "100"))
FRAME_S = 8.0


def a_camera(choices=(), frame_s=FRAME_S):
    return CameraScanner(PLACE, SystemClock(), dict(choices), frame_s)


def said(line):
    print(f"\nvivid: {line}")  # noqa: T201


def test_only_its_picture_node_is_found():
    """Beside it, vivid has nodes for output, measurements, text, radio and touch."""
    assert attached() == (PLACE,)


def test_frames_come_one_after_another_and_none_is_lost_at_an_easy_rate():
    choices = {"pixel format": "YUYV", "resolution": "320x180", "frame rate": "10"}
    with a_camera(choices).open() as device:
        began = time.monotonic()
        frames = [device.frame() for _ in range(40)]
        took = time.monotonic() - began

    said(f"40 frames in {took:.1f} s, {frames[-1].dropped} lost")
    assert len({frame.hash for frame in frames}) == 40
    assert frames[0].pixels.shape == (180, 320, 3)


@pytest.mark.parametrize("name", ["YUYV", "NV12", "RGB24", "BGR24", "GREY"])
def test_the_bars_have_the_same_colours_in_each_format(name):
    """75% colour bars: the first is white at 191, the second yellow, the last black."""
    with a_camera({"pixel format": name, "resolution": "640x360"}).open() as device:
        row = device.frame().pixels[300].astype(int)

    bars = np.array([row[int(640 * (bar + 0.5) / 8)] for bar in range(8)])
    said(f"{name}: {bars.tolist()}")
    wanted = np.array([[(bar >> 1 & 1 ^ 1), bar >> 2 ^ 1, bar & 1 ^ 1] for bar in range(8)]) * 191
    if name == "GREY":
        assert (np.diff(bars[:, 0]) < 0).all()
    else:
        assert (abs(bars - wanted) <= 12).all()


def test_a_camera_that_is_held_is_busy_for_others():
    first, second = a_camera(), a_camera()
    with first.open() as device:
        device.frame()
        assert second.info().state is DeviceState.BUSY
        with pytest.raises(ScannerUnavailableError, match="in use by another"), second.open():
            pass
        assert device.frame() is not None
    assert second.info().state is DeviceState.READY


def test_damaged_frames_are_counted_and_never_shown():
    with a_camera().open() as device, Injector() as fault:
        before = device.frame().dropped
        for _ in range(5):
            fault.inject("inject_v4l2_buf_flag_error")
            frame = device.frame()
            assert frame.pixels.any()
    said(f"5 damaged frames: {frame.dropped - before} lost")
    assert frame.dropped - before >= 5


def test_frames_that_the_driver_loses_are_counted():
    with (
        a_camera({"frame rate": "15", "resolution": "320x180"}).open() as device,
        Injector() as fault,
    ):
        device.frame()
        fault.inject("percentage_of_dropped_buffers", 50)
        frames = [device.frame() for _ in range(20)]
        fault.inject("percentage_of_dropped_buffers", 0)
    said(f"half of all lost: {frames[-1].dropped} beside 20 that came")
    assert frames[-1].dropped >= 5


def test_a_driver_that_gives_up_is_started_anew():
    with a_camera().open() as device, Injector() as fault:
        device.frame()
        fault.inject("inject_fatal_streaming_error")
        with pytest.raises(ScannerUnavailableError, match="does not answer"):
            device.frame()
        assert device.frame().sequence == 2


def test_a_camera_that_cannot_start_is_refused_and_works_again():
    with Injector() as fault:
        fault.inject("inject_vidioc_streamon_error")
        with pytest.raises(ScannerUnavailableError), a_camera().open():
            pass
    with a_camera().open() as device:
        assert device.frame() is not None


def test_a_camera_that_sends_nothing_is_told_in_time():
    with a_camera(frame_s=2.0).open() as device, Injector() as fault:
        device.frame()
        fault.inject("percentage_of_dropped_buffers", 100)
        began = time.monotonic()
        with pytest.raises(ScannerUnavailableError, match="sends no pictures"):
            device.frame()
        took = time.monotonic() - began
        fault.inject("percentage_of_dropped_buffers", 0)
        said(f"silence of a camera told after {took:.2f} s of 2")
        assert device.frame() is not None


def test_it_is_unplugged_and_plugged_in_again_and_again():
    """vivid comes back once nobody has it open any more: a handle that is kept would end this.

    It has no noise, and draws the same picture at the same time after each start. So it is told to
    draw another pattern each time, which also shows that what comes then is not from before.
    """
    guard = FrameGuard(f"camera-{PLACE}", Habits())
    verdicts, refused, longest = Counter(), 0, 0.0
    with a_camera({"frame rate": "30", "resolution": "320x180"}).open() as device:
        device.adjust("brightness", 77)
        for cycle in range(CYCLES):
            before = device.frame()
            verdicts[guard.judged(before, time.monotonic_ns())] += 1
            with Injector() as fault:
                fault.inject("test_pattern", (cycle + 1) % 2)
                fault.inject("disconnect")
                with pytest.raises(ScannerUnavailableError, match="was unplugged"):
                    device.frame()
                refused += 1
            began = time.monotonic()
            frame = device.frame()
            longest = max(longest, time.monotonic() - began)
            verdicts[guard.judged(frame, time.monotonic_ns())] += 1
        knobs = {knob.name: knob.value for knob in device.controls()}

    said(
        f"{CYCLES} times unplugged: {verdicts}, {refused} refusals, back in {longest:.2f} s at most"
    )
    assert verdicts == {Freshness.FRESH: 2 * CYCLES}
    assert frame.sequence == 2 * CYCLES
    assert knobs["brightness"] == 77
