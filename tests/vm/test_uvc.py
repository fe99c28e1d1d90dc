"""The driver with the kernel's own driver for USB cameras, and cameras of software on its bus."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack

import pytest

from edge_app.compose.clock import SystemClock
from edge_app.compose.devices import scanners
from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.freshness import FrameGuard, Freshness, Habits
from edge_app.ports import DeviceState
from hardware.camera.scanner import CameraScanner
from tests.vm.usb_camera import (
    PLACE,
    ROUND,
    UsbCamera,
    found,
    found_after,
    needed,
    numbered,
    plugged,
)

pytestmark = needed
CYCLES = int(os.environ.get("EDGE_APP_UNPLUGS", "100"))
SOCKET = "1209-0001-at-usb-vhci-hcd.0-{}"
BACK_S = 30.0
SLEPT_S, RATE = 2.0, 20
EXPOSURE, BRIGHTNESS = (1, 0x04), (2, 0x02)


@pytest.fixture
def camera():
    with plugged(UsbCamera()) as camera:
        yield camera


def next_picture(device):
    """Return the next frame of a camera that is back, and how often it was refused before."""
    until, refused = time.monotonic() + BACK_S, 0
    while True:
        try:
            return device.frame(), refused
        except ScannerUnavailableError:
            refused += 1
            assert time.monotonic() < until, "the camera did not come back"
            time.sleep(0.02)


def a_scanner(choices=(), place=PLACE, frame_s=8.0):
    return CameraScanner(place, SystemClock(), dict(choices), frame_s)


def said(line):
    print(f"\nuvc: {line}")  # noqa: T201


def test_it_keeps_its_name_in_another_socket():
    camera = UsbCamera()
    seen = []
    for port in (0, 3):
        with plugged(camera, port):
            seen += [(found(), a_scanner().info())]
    said(seen[0][1])

    assert seen[0] == seen[1]
    assert seen[0][0] == (PLACE,)
    assert seen[0][1].name == "Intraoral test camera"


def test_two_with_one_serial_number_are_named_by_their_sockets(camera):
    with plugged(UsbCamera(), 1):
        places = found_after(lambda: found() if len(found()) == 2 else ())
        assert set(places) == {SOCKET.format(1), SOCKET.format(2)}
        with pytest.raises(ScannerUnavailableError, match="same serial number"):
            a_scanner().info()
        with a_scanner(place=SOCKET.format(2)).open() as device:
            device.frame()
    assert camera.sent == 0


def test_one_without_a_serial_number_is_named_by_its_socket():
    with plugged(UsbCamera(serial=""), 2):
        assert found() == (SOCKET.format(3),)


@pytest.mark.parametrize("name", ["YUYV", "MJPEG"])
def test_pictures_come_whole_and_knobs_reach_the_camera(camera, name):
    choices = {
        "pixel format": name,
        "resolution": "160x120",
        "frame rate": "20",
        "automatic white balance": "no",
        "power_line_frequency": "50 Hz",
    }
    with a_scanner(choices).open() as device:
        knobs = {knob.name: knob for knob in device.controls()}
        device.adjust("exposure", 20.0)
        frames = [device.frame() for _ in range(10)]

    said(f"{name}: knobs {[(k.name, k.unit, k.low, k.high) for k in knobs.values()]}")
    assert frames[-1].pixels.shape == (120, 160, 3)
    assert len({frame.hash for frame in frames}) == 10
    assert knobs["exposure"].high == 204.7
    assert [camera.controls[one][4] for one in (EXPOSURE, (1, 0x02))] == [200, 1]
    assert [camera.controls[one][4] for one in ((2, 0x0B), (2, 0x05))] == [0, 1]
    assert set(knobs) == {"exposure", "gain", "white balance", "focus", "brightness"}


@pytest.mark.parametrize(
    ("name", "fault"), [("YUYV", "error"), ("YUYV", "short"), ("MJPEG", "cut")]
)
def test_what_came_damaged_is_counted_and_never_shown(camera, name, fault):
    with a_scanner({"pixel format": name, "resolution": "160x120"}).open() as device:
        before = device.frame().dropped
        camera.coming.extend([fault] * 5)
        frames = [device.frame() for _ in range(12)]

    said(f"5 frames {fault}: {frames[-1].dropped - before} lost")
    # One that came while every buffer was full is no loss: nobody had asked.
    assert frames[-1].dropped - before >= 2
    assert all(abs(float(frame.pixels.mean()) - 99) < 20 for frame in frames), "none is half grey"


def test_a_knob_that_it_lists_and_does_not_tell_is_left_out(camera):
    camera.mute.add((1, 0x06))
    with a_scanner().open() as device:
        names = {knob.name for knob in device.controls()}
        with pytest.raises((ScannerUnavailableError, ValueError)):
            device.adjust("focus", 5.0)
        assert device.frame() is not None

    assert names == {"exposure", "gain", "white balance", "brightness"}


def test_after_a_computer_that_slept_no_picture_from_before_comes(camera):
    """What lies in the kernel's buffers meanwhile is as old as the sleep is long."""
    program = [sys.executable, "-m", "tests.vm.camera_child", PLACE]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as child:
        before = [told(child) for _ in range(10)][-1][0]
        child.send_signal(signal.SIGSTOP)
        time.sleep(SLEPT_S)
        woken_ns = time.monotonic_ns()
        child.send_signal(signal.SIGCONT)
        frames = [told(child) for _ in range(10)]
        child.kill()

    steps = [(number - before) % ROUND for number, at_ns in frames if at_ns > woken_ns]
    said(f"frames passed when it woke after {SLEPT_S} s: {steps}")
    assert len(steps) >= 8
    assert min(steps) >= 0.5 * SLEPT_S * RATE


def told(child):
    corner, at_ns = child.stdout.readline().split()
    return numbered(int(corner)), int(at_ns)


def test_one_that_hangs_is_told_in_time_and_works_again(camera):
    with a_scanner({"resolution": "160x120"}, frame_s=3.0).open() as device:
        device.frame()
        camera.is_hanging = True
        began = time.monotonic()
        with pytest.raises(ScannerUnavailableError, match="sends no pictures"):
            device.frame()
        took = time.monotonic() - began
        camera.is_hanging = False
        frame, _ = next_picture(device)
    said(f"a hang told after {took:.2f} s of 3")
    assert frame.sequence == 2


def test_one_that_is_held_is_busy_for_others(camera):
    with a_scanner().open() as device:
        device.frame()
        assert a_scanner().info().state is DeviceState.BUSY
        with pytest.raises(ScannerUnavailableError, match="in use by another"), a_scanner().open():
            pass
        assert device.frame() is not None
    assert a_scanner().info().state is DeviceState.READY
    assert camera.sent > 1


def test_another_camera_in_its_socket_is_not_taken_for_it(camera):
    with a_scanner().open() as device:
        device.frame()
        camera.pull()
        with plugged(UsbCamera(serial="OTHER")) as other:
            with pytest.raises(ScannerUnavailableError, match="unplugged"):
                device.frame()
            with pytest.raises(ScannerUnavailableError, match="not there"):
                device.frame()
            assert other.sent == 0
        camera.plug(0)
        assert next_picture(device)[0].sequence == 2


def come_up(stack):
    """Return the camera in the program's own process, which emulated may come up too late."""
    (scanner,) = scanners([f"camera:{PLACE}"])
    for _ in range(4):
        try:
            return stack.enter_context(scanner.open())
        except ScannerUnavailableError:
            continue
    return stack.enter_context(scanner.open())


def test_it_is_unplugged_and_plugged_in_again_and_again(camera):
    """In the program's own process for it, each time in another socket, its settings lost."""
    guard = FrameGuard(f"camera-{PLACE}", Habits())
    verdicts, refused, longest = Counter(), 0, 0.0
    with ExitStack() as stack:
        device = come_up(stack)
        device.adjust("exposure", 30.0)
        device.adjust("brightness", 77.0)
        for cycle in range(CYCLES):
            verdicts[guard.judged(device.frame(), time.monotonic_ns())] += 1
            camera.pull()
            with pytest.raises(ScannerUnavailableError, match="unplugged"):
                device.frame()
            camera.plug(cycle % 4)
            began = time.monotonic()
            frame, times = next_picture(device)
            longest, refused = max(longest, time.monotonic() - began), refused + times
            verdicts[guard.judged(frame, time.monotonic_ns())] += 1
            assert [camera.controls[one][4] for one in (EXPOSURE, BRIGHTNESS)] == [300, 77]

    said(f"{CYCLES} times unplugged: {verdicts}, {refused} refusals, {longest:.1f} s at most")
    assert verdicts == {Freshness.FRESH: 2 * CYCLES}
    assert frame.sequence == 2 * CYCLES
