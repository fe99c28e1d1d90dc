"""What the GStreamer driver lets run, and how it tells of frames and faults, without a stream."""

from pathlib import Path

import numpy as np
import pytest

import hardware.gstreamer
from edge_app.compose.clock import SystemClock
from edge_app.domain.error import ScannerUnavailableError
from hardware.gstreamer import said
from hardware.gstreamer.arrivals import Lag, Pace
from hardware.gstreamer.library import RawFrame
from hardware.gstreamer.pipeline import missing, plan_of_address, plan_of_pipeline
from hardware.gstreamer.place import address, login_in
from hardware.gstreamer.scanner import GstreamerScanner
from hardware.gstreamer.stream import unpadded
from hardware.profile import profile_from

PROFILES = sorted((Path(hardware.gstreamer.__file__).parent / "profiles").glob("*.toml"))
PLACES = {
    "rtsp-camera": "rtsp://192.0.2.20/stream1",
    "mjpeg-camera": "http://192.0.2.21:8080/video",
    "jetson-csi": "0",
    "hdmi-grabber": "/dev/video0",
}
SECOND = 1_000_000_000


@pytest.mark.parametrize("path", PROFILES, ids=[path.stem for path in PROFILES])
def test_each_shipped_profile_is_one_that_the_driver_takes(path):
    profile = profile_from(path)

    scanner = GstreamerScanner(PLACES[path.stem], SystemClock(), profile.choices, profile.frame_s)
    assert scanner._plan.text.endswith("appsink name=out max-buffers=1 drop=true sync=false")
    assert ("NOT TRIED" in path.read_text()) == (path.stem in {"jetson-csi", "hdmi-grabber"})


def test_there_is_a_profile_for_each_way_that_is_written_about():
    assert {path.stem for path in PROFILES} == set(PLACES)


@pytest.mark.parametrize(
    "text",
    [
        "videotestsrc ! filesink location=/tmp/x",
        "videotestsrc ! tee name=t ! queue",
        "videotestsrc ! udpsink host=192.0.2.1",
        "filesrc location=/etc/passwd ! jpegdec",
        "videotestsrc name=out ! videoconvert",
        "videotestsrc ! queue ! videotestsrc",
        "videotestsrc ! jpegdec t. ! filesink",
        "videotestsrc ( queue )",
        "videotestsrc pattern=ball ; filesink",
        "bin.( videotestsrc )",
        "file:///etc/passwd ! jpegdec",
        "videotestsrc ! video/x-raw,width=1 filesink location=x",
        'v4l2src device="/dev/video0 ! filesink location=x"',
        "videoconvert ! videotestsrc",
        "video/x-raw",
        "videotestsrc ! ",
        "",
        "videotestsrc @preset",
        "videotestsrc\x00",
        "videotestsrc pattern=\\ball",
        "shmsrc",
        "videotestsrc " + "!" * 5000,
    ],
)
def test_a_pipeline_that_could_keep_or_send_anything_is_refused(text):
    with pytest.raises(ScannerUnavailableError):
        plan_of_pipeline(text, "here")


@pytest.mark.parametrize("place", ["0 ! filesink", "a b", '"', "", "0\n!"])
def test_a_place_cannot_add_to_a_pipeline(place):
    with pytest.raises(ScannerUnavailableError, match="does not fit"):
        plan_of_pipeline("v4l2src device={place}", place)


def test_a_pipeline_is_never_taken_from_a_bare_name():
    with pytest.raises(ScannerUnavailableError, match="no address"):
        GstreamerScanner("videotestsrc ! queue", SystemClock(), {})


@pytest.mark.parametrize(
    "place",
    [
        "ftp://x/",
        "rtsp://",
        "rtsp://host/a b",
        "http://h:99999/",
        'http://h/"',
        "file:///etc/x",
        "",
    ],
)
def test_what_is_no_address_is_refused_without_being_repeated(place):
    with pytest.raises(ScannerUnavailableError) as refused:
        address(place)

    assert "http://h" not in str(refused.value)


def test_name_and_password_are_nowhere_but_in_the_settings_of_the_source():
    found = address("rtsp://nurse:s%40cret@[2001:db8::1]:8554/a?b=c")
    plan = plan_of_address(found, found.login, 5)

    assert (found.host, found.port, found.plain) == (
        "2001:db8::1", 8554, "rtsp://[2001:db8::1]:8554/a?b=c",
    )  # fmt: skip
    assert (plan.source["user-id"], plan.source["user-pw"]) == ("nurse", "s@cret")
    assert not [x for x in (repr(found), repr(plan), plan.text) if "nurse" in x or "cret" in x]


def test_the_id_is_the_same_with_another_password_and_another_for_another_address():
    ids = [
        GstreamerScanner(place, SystemClock(), {})._device_id
        for place in ("rtsp://a:b@192.0.2.1/x", "rtsp://192.0.2.1/x", "rtsp://192.0.2.1/y")
    ]

    assert ids[0] == ids[1] != ids[2]
    assert "192" not in ids[0]


def test_a_login_comes_from_a_file_of_two_lines(tmp_path):
    path = tmp_path / "login"
    path.write_text("nurse\nsecret\n")
    login = login_in(path)
    assert (login.user, login.password) == ("nurse", "secret")

    path.write_text("nurse\n")
    for wrong in (path, tmp_path / "none"):
        with pytest.raises(ScannerUnavailableError, match="name and password") as refused:
            login_in(wrong)
        assert str(wrong) not in str(refused.value)


def test_a_computer_that_lacks_an_element_is_told_its_package():
    plan = plan_of_pipeline("v4l2src device=/dev/video0", "here")

    refusal = missing(plan, lambda name: name != "v4l2src")
    assert "gstreamer1.0-plugins-good" in refusal.remedy
    assert missing(plan, lambda _: True) is None


def test_every_fault_has_a_sentence_and_a_remedy():
    told = [said.refusal(fault, had_frames=True) for fault in said._WORDS]

    assert all(error.what.endswith(".") and error.remedy.endswith(".") for error in told)


def test_what_fills_up_the_rows_is_no_picture_and_missing_bytes_are_no_picture_either():
    rows = bytes([1, 2, 3, 9, 4, 5, 6, 9])

    assert unpadded(RawFrame(rows, 1, 2, 4, 0, 0)).tolist() == [[[1, 2, 3]], [[4, 5, 6]]]
    assert unpadded(RawFrame(rows[:-1], 1, 2, 4, 0, 0)).shape == (2, 1, 3)
    assert unpadded(RawFrame(rows[:6], 1, 2, 4, 0, 0)) is None
    assert unpadded(RawFrame(rows, 2, 2, 4, 0, 0)) is None


def test_a_break_is_a_wait_of_over_a_second_that_is_unusual():
    quick, slow = Pace(), Pace()
    for n in range(5):
        quick.note(n * SECOND // 30)
        slow.note(n * 3 * SECOND)
    assert not quick.has_broken
    assert not slow.has_broken

    quick.note(3 * SECOND)
    assert quick.has_broken
    assert quick.count == 6


def test_a_frame_that_was_a_second_longer_on_its_way_is_late_and_drifting_clocks_are_not():
    lag = Lag()
    drift = [lag.is_late(n * SECOND + n * 100_000, n * SECOND + 5) for n in range(30_000)]
    assert not any(drift)

    steady = Lag()
    assert np.all([not steady.is_late(n * SECOND, n * SECOND) for n in range(9)])
    assert steady.is_late(10 * SECOND, 8 * SECOND)
