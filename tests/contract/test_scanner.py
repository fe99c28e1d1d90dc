"""What every scanner promises, run on every adapter that needs no hardware."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_app.domain.error import ScannerUnavailableError
from edge_app.exchange.pictures import frame_rate, read_frames
from edge_app.ports import DeviceState, Scanner
from hardware.camera.opencv_scanner import OpencvScanner
from hardware.camera.scanner import CameraScanner
from hardware.genicam.scanner import GenicamScanner
from hardware.gstreamer.scanner import GstreamerScanner
from hardware.lent import Frame
from hardware.sane.scanner import SaneScanner
from hardware.simulated.faults import FaultyScanner, script_from
from hardware.simulated.flatbed import simulated_flatbed
from hardware.simulated.microscope import SimulatedMicroscope
from hardware.simulated.replay import ReplayScanner
from hardware.simulated.ultrasound import simulated_ultrasound
from hardware.simulated.xray_panel import simulated_xray_panel
from hardware.twain.scanner import TwainScanner
from hardware.watch_folder.scanner import WatchChoices, WatchFolderScanner
from tests import genicam_peer, opencv_wire, sane_peer, twain_wire, uvc_wire, vivid
from tests.peers.dicom_clinic import a_peer, a_site
from tests.peers.dicom_objects import PLAIN
from tests.peers.dicom_spool import driver, fill
from tests.peers.video_streams import needed as gstreamer_needed
from tests.vm import usb_camera


class SteppedClock:
    """A clock that moves when somebody sleeps, and a little whenever it is read."""

    def __init__(self) -> None:
        self.elapsed_ns = 0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(
            microseconds=self.elapsed_ns // 1000
        )

    def monotonic_ns(self) -> int:
        self.elapsed_ns += 1000
        return self.elapsed_ns

    def sleep(self, seconds: float) -> None:
        self.elapsed_ns += round(seconds * 1e9)


def decoded(path: Path) -> Iterator[Frame]:
    yield Frame(cv2.imread(str(path), cv2.IMREAD_COLOR)[..., ::-1].copy())


def a_microscope(folder: Path) -> Scanner:
    clock = SteppedClock()
    return SimulatedMicroscope(clock, 3, sleep=clock.sleep)


def a_replay(folder: Path) -> Scanner:
    rng = np.random.default_rng(0)
    for name in ("a.png", "b.png", "c.png"):
        cv2.imwrite(str(folder / name), rng.integers(0, 255, (24, 32, 3), np.uint8))
    return ReplayScanner(folder, decoded, SteppedClock())


def from_file(path: Path) -> Iterator[Frame]:
    for frame in read_frames(path):
        yield Frame(frame.pixels, frame.spacing_mm, frame.deep)


def a_watched_folder(folder: Path) -> Scanner:
    a_replay(folder)
    clock = SteppedClock()
    choices = WatchChoices(takes_before=True)
    return WatchFolderScanner(folder, decoded, clock, choices, sleep=clock.sleep)


def an_ultrasound(folder: Path) -> Scanner:
    clock = SteppedClock()
    return simulated_ultrasound("shipped", from_file, frame_rate, clock, sleep=clock.sleep)


def an_xray_panel(folder: Path) -> Scanner:
    return simulated_xray_panel("shipped", from_file, SteppedClock())


def a_flatbed(folder: Path) -> Scanner:
    clock = SteppedClock()
    return simulated_flatbed("3", clock, sleep=clock.sleep)


def a_faulty_microscope(folder: Path) -> Scanner:
    clock = SteppedClock()
    sound = SimulatedMicroscope(clock, 3, sleep=clock.sleep)
    script = script_from({"rate drop": "1", "rate runaway": "2-", "frozen picture": "90"})
    return FaultyScanner(sound, script, clock, sleep=clock.sleep)


def a_sane_scanner(folder: Path) -> Scanner:
    return sane_peer.OtherPages(SaneScanner(sane_peer.NAME, SteppedClock(), {}))


def a_genicam_camera(folder: Path) -> Scanner:
    return GenicamScanner(genicam_peer.PLACE, SteppedClock(), {})


def a_dicom_receiver(folder: Path) -> Scanner:
    site = a_site(folder / "site", a_peer(plain=True))
    fill(site, PLAIN, "MR_small.dcm", "examples_rgb_color.dcm")
    return driver(site, SteppedClock())


def a_video_input(folder: Path) -> Scanner:
    moving = "videotestsrc pattern=ball is-live=true ! video/x-raw,width=322,height=240"
    return GstreamerScanner("here", SteppedClock(), {"pipeline": moving})


def a_usb_camera(folder: Path) -> Scanner:
    wire = uvc_wire.UvcWire(uvc_wire.FakeCamera())
    return CameraScanner(uvc_wire.PLACE, SteppedClock(), {}, wire=wire)


def a_camera_through_opencv(folder: Path) -> Scanner:
    clock = SteppedClock()
    return OpencvScanner("0", clock, {}, opener=opencv_wire.FakeCamera(clock).opened)


def a_video_file_through_opencv(folder: Path) -> Scanner:
    clock = SteppedClock()
    camera = opencv_wire.FilmedCamera(folder / "film.avi", clock)
    return OpencvScanner("0", clock, {}, opener=camera.opened)


def a_twain_scanner(folder: Path) -> Scanner:
    wire = twain_wire.FakeWindows(twain_wire.FakeScanner())
    return TwainScanner(twain_wire.NAME, SteppedClock(), {}, wire=wire.door)


def the_kernels_camera(folder: Path) -> Scanner:
    return CameraScanner(vivid.PLACE, SteppedClock(), {})


def a_camera_of_software(folder: Path) -> Scanner:
    return CameraScanner(usb_camera.PLACE, SteppedClock(), {})


BUILDERS = {
    "microscope": a_microscope,
    "replay": a_replay,
    "watch-folder": a_watched_folder,
    "ultrasound": an_ultrasound,
    "xray-panel": an_xray_panel,
    "flatbed": a_flatbed,
    "faulty": a_faulty_microscope,
    "dicom": a_dicom_receiver,
    "camera": a_usb_camera,
    "twain": a_twain_scanner,
    "opencv": a_camera_through_opencv,
    "opencv-film": a_video_file_through_opencv,
}


@pytest.fixture(
    params=[
        *BUILDERS.values(),
        pytest.param(a_sane_scanner, marks=sane_peer.needed),
        pytest.param(a_genicam_camera, marks=genicam_peer.needed),
        pytest.param(a_video_input, marks=gstreamer_needed),
        pytest.param(the_kernels_camera, marks=vivid.needed),
        pytest.param(a_camera_of_software, marks=usb_camera.needed),
    ],
    ids=[*BUILDERS, "sane", "genicam", "gstreamer", "vivid", "uvc"],
)
def scanner(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scanner]:
    monkeypatch.setenv("SANE_CONFIG_DIR", str(sane_peer.configured_for_this_process()))
    with ExitStack() as peers:
        if request.param is a_genicam_camera:
            peers.enter_context(genicam_peer.its_turn()).plug()
        if request.param is a_camera_of_software:
            peers.enter_context(usb_camera.plugged(usb_camera.UsbCamera()))
        yield request.param(tmp_path)


def test_a_frame_is_rgb_in_bytes_and_cannot_be_written(scanner: Scanner) -> None:
    with scanner.open() as device:
        frame = device.frame()

    assert frame.pixels.dtype == np.uint8
    assert frame.pixels.shape == (frame.height, frame.width, 3)
    with pytest.raises(ValueError, match="read-only"):
        frame.pixels[0, 0, 0] = 1


def test_frames_count_up_by_one_and_never_go_back_in_time(scanner: Scanner) -> None:
    with scanner.open() as device:
        frames = [device.frame() for _ in range(3)]

    assert [frame.sequence for frame in frames] == [1, 2, 3]
    times = [frame.monotonic_ns for frame in frames]
    assert times == sorted(set(times))


def test_each_frame_is_another_picture(scanner: Scanner) -> None:
    with scanner.open() as device:
        hashes = {device.frame().hash for _ in range(3)}

    assert len(hashes) == 3


def test_every_frame_carries_the_id_of_the_device(scanner: Scanner) -> None:
    with scanner.open() as device:
        assert device.frame().device_id == scanner.info().device_id


def test_the_time_of_a_frame_has_a_zone(scanner: Scanner) -> None:
    with scanner.open() as device:
        assert device.frame().captured_at.tzinfo is not None


def test_info_is_told_without_taking_the_device(scanner: Scanner) -> None:
    before = scanner.info()

    assert before.state is DeviceState.READY
    assert before == scanner.info()
    with scanner.open() as device:
        assert device.frame() is not None


def test_a_device_in_use_says_that_it_is_busy(scanner: Scanner) -> None:
    with scanner.open():
        assert scanner.info().state is DeviceState.BUSY

    assert scanner.info().state is DeviceState.READY


def test_a_device_in_use_cannot_be_taken_again(scanner: Scanner) -> None:
    with scanner.open() as device:
        with pytest.raises(ScannerUnavailableError), scanner.open():
            pass
        assert device.frame() is not None


def test_leaving_the_block_lets_go_of_the_device(scanner: Scanner) -> None:
    with scanner.open() as device:
        device.frame()

    with pytest.raises(ScannerUnavailableError):
        device.frame()


def test_a_fault_inside_the_block_lets_go_of_the_device_too(scanner: Scanner) -> None:
    with pytest.raises(ZeroDivisionError), scanner.open():
        raise ZeroDivisionError

    assert scanner.info().state is DeviceState.READY


def test_a_device_opens_again_and_counts_from_one(scanner: Scanner) -> None:
    with scanner.open() as device:
        device.frame()
        device.frame()

    with scanner.open() as device:
        assert device.frame().sequence == 1


def test_every_knob_stands_within_its_range(scanner: Scanner) -> None:
    with scanner.open() as device:
        knobs = device.controls()

    assert all(knob.low <= knob.value <= knob.high for knob in knobs)
    assert len({knob.name for knob in knobs}) == len(knobs)


@pytest.mark.parametrize("beyond", [1e9, float("inf")])
def test_a_knob_turned_too_far_stops_at_the_end_of_its_range(
    scanner: Scanner, beyond: float
) -> None:
    with scanner.open() as device:
        for knob in device.controls():
            device.adjust(knob.name, beyond)
        assert all(knob.value == knob.high for knob in device.controls())

        for knob in device.controls():
            device.adjust(knob.name, -beyond)
        assert all(knob.value == knob.low for knob in device.controls())


def test_a_knob_takes_a_value_within_its_range_or_the_nearest_that_it_has(
    scanner: Scanner,
) -> None:
    with scanner.open() as device:
        for knob in device.controls():
            device.adjust(knob.name, (knob.low + knob.high) / 2)
        taken = {knob.name: knob for knob in device.controls()}
        for knob in taken.values():
            assert abs(knob.value - (knob.low + knob.high) / 2) <= (knob.high - knob.low) / 16
            device.adjust(knob.name, knob.value)

        assert {knob.name: knob for knob in device.controls()} == taken


def test_a_knob_that_is_not_there_is_refused(scanner: Scanner) -> None:
    with scanner.open() as device, pytest.raises(ValueError, match="no knob"):
        device.adjust("volume", 1.0)
