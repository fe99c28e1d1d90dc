"""A USB camera, with the kernel's side of it faked at the driver's one door."""

import errno
import sys
import time
from datetime import datetime, timezone

import pytest

from edge_app.compose.clock import SystemClock
from edge_app.domain.error import ScannerUnavailableError
from edge_app.ports import DeviceState
from hardware import retaken
from hardware.camera import places, scanner
from hardware.camera.scanner import CameraScanner
from hardware.camera.structures import Request
from tests.uvc_wire import (
    AUTO_EXPOSURE,
    AUTO_WHITE,
    EXPOSURE,
    LINE,
    PLACE,
    WHITE,
    FakeCamera,
    UvcWire,
)


@pytest.fixture
def camera():
    return FakeCamera()


@pytest.fixture
def wire(camera):
    return UvcWire(camera)


def a_scanner(wire, choices=(), place=PLACE, frame_s=0.4):
    return CameraScanner(place, SystemClock(), dict(choices), frame_s, wire)


def level(frame):
    """Return the number of the frame in the camera's own count; its brightness tells it."""
    return round((float(frame.pixels.mean()) * 219 / 255 + 16 - 23.5) / 10)


def test_only_what_arrives_after_the_call_is_delivered(camera, wire):
    with a_scanner(wire).open() as device:
        assert level(device.frame()) == 0
        camera.arrive(3)
        assert level(device.frame()) == 4
        camera.arrive(50)  # no room for most of them

        frame = device.frame()
    assert level(frame) == 55 % 20
    assert frame.dropped == 0, "frames that nobody asked for are not lost"


class Stopping(UvcWire):
    """Stops the process for three seconds at one moment; the camera goes on meanwhile.

    A moment is whenever the driver asks the kernel or a clock something.
    """

    def __init__(self, camera):
        super().__init__(camera)
        self._camera = camera
        self.stops_at = self.count = self.woken = 0
        self.awake_s = 100.0
        self.stopped_ns = 0

    def passes(self):
        self.count += 1
        if self.count == self.stops_at:
            self.stopped_ns = self.monotonic_ns_now()
            self.awake_s += 3.0
            self._camera.arrive(6)
            self.woken = self._camera.sequence

    def ask(self, handle, request, structure):
        self.passes()
        super().ask(handle, request, structure)

    def wait(self, handle, wait_s):
        self.passes()
        return super().wait(handle, wait_s)

    def awake(self):
        self.passes()
        return self.awake_s

    def now(self):
        self.passes()
        return datetime(2026, 1, 1, tzinfo=timezone.utc)

    def monotonic_ns(self):
        self.passes()
        return self.monotonic_ns_now()

    def monotonic_ns_now(self):
        return int(self.awake_s * 1e9)


def test_a_process_that_was_stopped_at_any_moment_shows_nothing_from_before(monkeypatch):
    """Each frame came after the process went on, or bears the time of before it was stopped."""
    moments = 0
    for stops_at in range(1, 200):
        wire = Stopping(FakeCamera())
        monkeypatch.setattr(retaken, "_awake_s", wire.awake)
        with CameraScanner(PLACE, wire, {}, 2.0, wire).open() as device:
            assert level(device.frame()) == 0
            wire.stops_at, wire.count = stops_at, 0
            frame = device.frame()
            if not wire.woken:
                break
            moments += 1
            is_old = level(frame) < wire.woken
            assert not is_old or frame.monotonic_ns <= wire.stopped_ns, f"moment {stops_at}"
    assert moments >= 8


@pytest.mark.parametrize("fault", ["error", "short"])
def test_a_damaged_frame_is_counted_and_never_shown(camera, wire, fault):
    camera.coming.extend(["whole", fault, fault, "whole"])
    with a_scanner(wire).open() as device:
        first, second = device.frame(), device.frame()

    assert (level(first), level(second)) == (0, 3)
    assert (first.dropped, second.dropped) == (0, 2)
    assert second.sequence == 2


@pytest.mark.parametrize("fault", ["cut", "resized"])
def test_a_jpeg_that_is_cut_off_or_of_another_size_is_counted_and_never_shown(camera, wire, fault):
    with a_scanner(wire, {"pixel format": "MJPEG"}).open() as device:
        camera.coming.extend([fault, "whole"])
        frame = device.frame()

    assert (frame.dropped, frame.pixels.shape) == (1, (480, 640, 3))
    assert abs(float(frame.pixels.mean()) - 33.5) < 2, "the second one, and nothing grey in it"


def test_numbers_that_are_left_out_are_lost_frames(camera, wire):
    with a_scanner(wire).open() as device:
        device.frame()
        camera.coming.extend(["lost", "lost", "whole", "error", "lost", "whole"])
        camera.arrive(2)
        assert device.frame().dropped == 2
        assert device.frame().dropped == 4


def test_a_camera_that_hangs_is_told_in_time_and_started_anew(camera, wire):
    with a_scanner(wire, frame_s=0.5).open() as device:
        device.frame()
        camera.is_hanging = True
        began = time.monotonic()
        with pytest.raises(ScannerUnavailableError, match="sends no pictures"):
            device.frame()
        took = time.monotonic() - began
        camera.is_hanging = False

        frame = device.frame()
    assert 0.3 < took < 0.5
    assert (level(frame), frame.sequence) == (0, 2)


def test_a_camera_that_sends_only_damaged_frames_is_told_as_such(camera, wire):
    with a_scanner(wire).open() as device:
        camera.coming.extend(["error"] * 2)
        fill = camera.arrive

        def arrives(count=1):
            camera.coming.append("error")
            time.sleep(0.02)
            fill(count)

        camera.arrive = arrives
        with pytest.raises(ScannerUnavailableError, match="damaged or incomplete"):
            device.frame()
        del camera.arrive
        camera.coming.clear()
        assert device.frame().dropped >= 2


def test_a_camera_that_another_program_uses_is_busy(camera, wire):
    camera.is_taken = True
    device = a_scanner(wire)

    assert device.info().state is DeviceState.BUSY
    with pytest.raises(ScannerUnavailableError, match="in use by another program"), device.open():
        pass
    assert wire.kept == 0

    camera.is_taken = False
    with device.open() as opened:
        opened.frame()


@pytest.mark.parametrize(
    ("request_", "number", "words"),
    [
        ("open", errno.EACCES, "This user may not use"),
        (Request.STREAMON, errno.ENOSPC, "no room left"),
        (Request.S_FMT, errno.EIO, "does not answer"),
        (Request.REQBUFS, errno.EBUSY, "in use by another program"),
        (Request.G_FMT, errno.ENODEV, "is not there"),
    ],
)
def test_each_refusal_of_the_kernel_has_a_sentence_and_leaves_nothing_open(
    camera, wire, request_, number, words
):
    camera.fails[request_] = number
    with pytest.raises(ScannerUnavailableError, match=words), a_scanner(wire).open():
        pass

    assert wire.kept == 0


def test_a_camera_keeps_its_name_in_another_socket_and_under_another_number(camera, wire):
    before = a_scanner(wire).info()
    (place,) = places.places(places.look(wire))
    wire.pull(camera)
    camera.port = "usb-0000:00:14.0-1.4"
    wire.plug(camera, "/dev/video7")

    assert place == PLACE
    assert places.places(places.look(wire)) == (PLACE,)
    assert a_scanner(wire).info() == before
    assert before.device_id == f"camera-{PLACE}"
    assert before.name == "C270 HD WEBCAM"


def test_without_a_serial_number_its_socket_is_its_name():
    one, other = FakeCamera(serial=""), FakeCamera(serial="", port="usb-0000:00:14.0-4")
    wire = UvcWire(one, other)

    first, second = places.places(places.look(wire))
    assert first == "046d-0825-at-usb-0000-00-14.0-3"
    assert second == "046d-0825-at-usb-0000-00-14.0-4"
    assert a_scanner(wire, place=first).info().state is DeviceState.READY


def test_two_cameras_with_one_serial_number_are_never_taken_for_each_other(camera, wire):
    twin = FakeCamera(port="usb-0000:00:14.0-4")
    wire.plug(twin)

    first, second = places.places(places.look(wire))
    assert (first[-4:], second[-4:]) == ("14.0-3"[-4:], "14.0-4"[-4:])
    with pytest.raises(ScannerUnavailableError, match="same serial number"):
        a_scanner(wire).info()
    with a_scanner(wire, place=second).open() as device:
        device.frame()
    assert twin.sequence == 0, "its stream was let go"


def test_the_second_picture_of_one_camera_has_a_name_of_its_own(camera, wire):
    wire.plug(FakeCamera())

    first, second = places.look(wire)
    assert (first.by_serial, second.by_serial) == (PLACE, f"{PLACE}-2")
    assert places.places((first, second)) == (PLACE, f"{PLACE}-2")


@pytest.mark.parametrize(
    ("card", "name"),
    [
        ("C270 HD WEBCAM", "C270 HD WEBCAM"),
        ("Intraoral test camera: Intraora", "Intraoral test camera"),
        ("Camera X: Infrared", "Camera X: Infrared"),
    ],
)
def test_a_camera_is_not_called_by_its_name_twice(camera, wire, card, name):
    camera.card = card

    assert a_scanner(wire).info().name == name


def test_nodes_that_give_no_pictures_are_no_cameras(camera, wire):
    measurements = FakeCamera()
    measurements.caps = 0x00800000 | 0x04000000
    wire.plug(measurements)

    assert places.places(places.look(wire)) == (PLACE,)


def test_another_camera_in_the_same_socket_is_not_taken_for_it(camera, wire):
    with a_scanner(wire).open() as device:
        device.frame()
        wire.pull(camera)
        wire.plug(FakeCamera(serial="OTHER"))
        with pytest.raises(ScannerUnavailableError, match="unplugged"):
            device.frame()
        with pytest.raises(ScannerUnavailableError, match="not there"):
            device.frame()


def test_exposure_is_in_milliseconds_and_turning_it_ends_the_automatic(camera, wire):
    with a_scanner(wire).open() as device:
        before = {knob.name: knob for knob in device.controls()}
        device.adjust("exposure", 20.04)
        after = {knob.name: knob.value for knob in device.controls()}

    knob = before["exposure"]
    assert (knob.unit, knob.low, knob.high, knob.value) == ("ms", 0.3, 204.7, 15.6)
    assert (camera.values[AUTO_EXPOSURE], camera.values[EXPOSURE]) == (1, 200)
    assert after["exposure"] == 20.0
    assert set(before) == {"exposure", "gain", "white balance", "focus", "brightness"}


def test_a_knob_ends_where_its_steps_end(camera, wire):
    with a_scanner(wire).open() as device:
        device.adjust("white balance", 9000)
        (knob,) = [one for one in device.controls() if one.name == "white balance"]

    assert (knob.unit, knob.high, knob.value) == ("K", 6500.0, 6500.0)
    assert (camera.values[WHITE], camera.values[AUTO_WHITE]) == (6500, 0)


def test_automatics_and_menus_are_chosen_in_words(camera, wire):
    camera.values[AUTO_EXPOSURE] = 1
    choices = {
        "automatic exposure": "yes",
        "automatic white balance": "no",
        "power_line_frequency": "50 Hz",
    }
    with a_scanner(wire, choices).open():
        assert camera.values[AUTO_EXPOSURE] == 3, "the nearest that it has to all automatic"
        assert (camera.values[AUTO_WHITE], camera.values[LINE]) == (0, 1)


@pytest.mark.parametrize(
    ("name", "word", "said"),
    [
        ("pixel format", "NV12", "YUYV, MJPEG"),
        ("resolution", "1920x1080", "640x480, 320x240, 1280x720"),
        ("resolution", "big", "640x480, 320x240, 1280x720"),
        ("frame rate", "60", "30, 15"),
        ("frame rate", "0", "30, 15"),
        ("power_line_frequency", "55 Hz", "Disabled, 50 Hz, 60 Hz"),
        ("automatic focus", "maybe", "yes, no"),
        ("brightness", "yes", "pixel format, resolution, frame rate, automatic exposure"),
    ],
)
def test_a_choice_that_the_camera_lacks_is_refused_with_those_that_it_has(wire, name, word, said):
    with pytest.raises(ScannerUnavailableError) as refused, a_scanner(wire, {name: word}).open():
        pass

    assert said in refused.value.remedy
    assert wire.kept == 0


def test_how_pictures_are_sent_is_chosen(camera, wire):
    choices = {"pixel format": "MJPEG", "resolution": "1280x720", "frame rate": "15"}
    with a_scanner(wire, choices).open() as device:
        assert device.frame().pixels.shape == (720, 1280, 3)

    assert (camera.format, camera.size, camera.rate) == ("MJPG", (1280, 720), 15)


def test_rows_with_something_behind_them_are_read_right():
    camera = FakeCamera(padding=32)
    with a_scanner(UvcWire(camera)).open() as device:
        assert level(device.frame()) == 0


def test_a_camera_at_a_format_that_is_not_read_is_set_to_one_that_is():
    camera = FakeCamera()
    camera.formats = ["H264", "MJPG"]
    with a_scanner(UvcWire(camera)).open() as device:
        device.frame()
    assert camera.format == "MJPG"

    camera.formats = ["H264"]
    camera.power_up()
    with (
        pytest.raises(ScannerUnavailableError, match="as H264, which cannot be read"),
        a_scanner(UvcWire(camera)).open(),
    ):
        pass


def test_a_setting_that_the_camera_refuses_leaves_it_held(camera, wire):
    with a_scanner(wire).open() as device:
        camera.fails[Request.S_CTRL] = errno.EIO
        with pytest.raises(ScannerUnavailableError, match="does not accept"):
            device.adjust("gain", 5)
        assert device.frame() is not None


def test_a_knob_that_the_camera_lists_and_will_not_tell_is_left_out(camera, wire):
    with a_scanner(wire).open() as device:
        camera.fails[Request.G_CTRL] = errno.EIO
        assert device.controls() == ()
        camera.fails[Request.G_CTRL] = errno.ENODEV
        with pytest.raises(ScannerUnavailableError, match="unplugged"):
            device.controls()


def test_a_camera_that_goes_away_while_it_is_asked_is_absent(camera, wire):
    camera.fails[Request.REQBUFS] = errno.ENODEV
    assert a_scanner(wire).info().state is DeviceState.ABSENT

    camera.fails[Request.REQBUFS] = errno.EIO
    with pytest.raises(ScannerUnavailableError, match="does not answer"):
        a_scanner(wire).info()
    assert wire.kept == 0


def test_what_is_let_go_gives_everything_back(wire):
    with a_scanner(wire).open() as device:
        device.frame()
        assert wire.kept > 0

    assert wire.kept == 0


def test_elsewhere_than_under_linux_no_camera_is_looked_for(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")

    assert scanner.attached() == ()
