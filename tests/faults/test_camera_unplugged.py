"""A USB camera is pulled out and comes back, by what the kernel answers then."""

import errno
import os
from collections import Counter
from contextlib import nullcontext

import pytest

from edge_app.compose.clock import SystemClock
from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.freshness import FrameGuard, Freshness, Habits
from edge_app.ports import DeviceState
from hardware.camera.scanner import CameraScanner
from hardware.camera.structures import Request
from tests.uvc_wire import AUTO_EXPOSURE, EXPOSURE, GAIN, LINE, PLACE, FakeCamera, UvcWire

CYCLES = max(100, int(os.environ.get("EDGE_APP_UNPLUGS", "0")))
CHOICES = {"power_line_frequency": "50 Hz"}


def taken_again(device):
    """Return the next frame of a camera that is back, and how often it was refused before."""
    for refused in range(4):
        try:
            return device.frame(), refused
        except ScannerUnavailableError:
            continue
    pytest.fail("the camera did not come back")


def test_it_is_unplugged_and_plugged_in_again_and_again():
    """Each time in another socket and under another number, with all its settings lost."""
    camera = FakeCamera()
    wire = UvcWire(camera)
    guard = FrameGuard(f"camera-{PLACE}", Habits())
    verdicts, refused = Counter(), 0
    clock = SystemClock()
    with CameraScanner(PLACE, clock, CHOICES, 2.0, wire).open() as device:
        device.adjust("exposure", 30.0)
        device.adjust("gain", 200.0)
        for cycle in range(CYCLES):
            verdicts[guard.judged(device.frame(), clock.monotonic_ns())] += 1
            camera.arrive(cycle % 5)  # what waits at that moment must not come out later
            wire.pull(camera)
            with pytest.raises(ScannerUnavailableError, match="was unplugged"):
                device.frame()
            with pytest.raises(ScannerUnavailableError, match="is not there"):
                device.frame()
            assert wire.kept == 0, "nothing of the camera that went away is kept"
            camera.port = f"usb-0000:00:14.0-{cycle % 4 + 1}"
            wire.plug(camera, f"/dev/video{cycle % 7}")
            frame, times = taken_again(device)
            refused += times
            verdicts[guard.judged(frame, clock.monotonic_ns())] += 1
            told = (camera.values[AUTO_EXPOSURE], camera.values[EXPOSURE], camera.values[GAIN])
            assert (*told, camera.values[LINE]) == (1, 300, 200, 1), "it is set again"

    print(f"\n{CYCLES} times unplugged: {dict(verdicts)}, {refused} refusals")  # noqa: T201
    assert verdicts == {Freshness.FRESH: 2 * CYCLES}
    assert (frame.sequence, frame.dropped) == (2 * CYCLES, 0)
    assert wire.kept == 0


@pytest.mark.parametrize("moment", [*Request, "open"], ids=str)
def test_it_may_be_pulled_out_at_any_moment_of_being_taken(moment):
    """Whatever the kernel was being asked, nothing stays open and the next try takes it."""
    camera = FakeCamera()
    wire = UvcWire(camera)
    camera.fails[moment] = errno.ENODEV
    scanner = CameraScanner(PLACE, SystemClock(), CHOICES, 0.4, wire)
    told = nullcontext()
    if moment not in NEVER_ASKED:
        told = pytest.raises(ScannerUnavailableError, match=r"not there|unplugged")
    with told, scanner.open() as device:
        device.adjust("exposure", 1.0)
        device.frame()
    assert wire.kept == 0

    camera.fails.clear()
    with scanner.open() as device:
        assert device.frame() is not None


NEVER_ASKED = {
    Request.S_PARM, Request.ENUM_FRAMESIZES, Request.ENUM_FRAMEINTERVALS,
    Request.STREAMOFF,
}  # fmt: skip


def test_a_camera_that_is_pulled_out_while_a_frame_is_read_gives_that_frame_and_then_is_away():
    camera = FakeCamera()
    wire = UvcWire(camera)
    with CameraScanner(PLACE, SystemClock(), {}, 0.4, wire).open() as device:
        device.frame()
        camera.fails[Request.QBUF] = errno.ENODEV
        assert device.frame().sequence == 2
        wire.pull(camera)
        with pytest.raises(ScannerUnavailableError, match="was unplugged"):
            device.frame()
        assert CameraScanner(PLACE, SystemClock(), {}, 0.4, wire).info().state is (
            DeviceState.ABSENT
        )


def test_a_driver_that_gives_up_is_taken_anew():
    camera = FakeCamera()
    with CameraScanner(PLACE, SystemClock(), {}, 0.4, UvcWire(camera)).open() as device:
        device.frame()
        camera.fails[Request.DQBUF] = errno.EIO
        with pytest.raises(ScannerUnavailableError, match="does not answer"):
            device.frame()
        camera.fails.clear()
        assert device.frame().sequence == 2
