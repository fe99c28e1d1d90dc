"""A technician writes once which devices a site has; every command and the window know them."""

import itertools
import json
import threading
from contextlib import ExitStack, contextmanager

import pytest

from edge_app.compose.devices import scanners
from edge_app.compose.site_devices import SiteDevices, known_devices, site_devices
from edge_app.domain.error import SettingsRefusedError
from edge_app.settings import Settings
from tests import genicam_peer, sane_peer
from tests.cli.test_devices import png
from tests.peers import video_streams
from tests.peers.dicom_clinic import MISSING, WHY_SKIPPED, a_peer, a_site, dcmtk
from tests.peers.dicom_objects import PLAIN, renamed


def written(home, text):
    """Write the site's devices where the command looks for them."""
    data = home / "data"
    data.mkdir(exist_ok=True)
    (data / "devices.toml").write_text(text)
    return Settings(data, data)


def naming(*names):
    return f"devices = {json.dumps(names)}\n"


@contextmanager
def again_and_again(act, every_s):
    """Do `act` with 0, 1, 2, ... in a thread until the block is left."""
    stop = threading.Event()

    def go_on():
        for number in itertools.count():
            if stop.wait(every_s):
                return
            act(number)

    running = threading.Thread(target=go_on)
    running.start()
    try:
        yield
    finally:
        stop.set()
        running.join()


@sane_peer.needed
@genicam_peer.needed
@video_streams.rtsp_needed
@pytest.mark.skipif(bool(MISSING), reason=WHY_SKIPPED)
def somebody(program, folder):
    """Set the device up; return who may log in, and the file with the passphrase."""
    words = folder / "words"
    words.write_text("long enough words here 7")
    asked = ("--passphrase-file", words, "--recovery-key-out", folder / "key")
    set_up = program("user", "setup", "Amina", *asked)
    assert set_up.status == 0, set_up.err
    return "Amina", words


def test_one_run_finds_every_device_of_a_site_and_each_gives_three_pictures(
    program, tmp_path, monkeypatch
):
    monkeypatch.setenv("SANE_CONFIG_DIR", str(sane_peer.configured(tmp_path / "sane.d")))
    share = tmp_path / "share"
    share.mkdir()
    receiver = a_site(tmp_path / "dicom", a_peer(plain=True))
    (receiver.spool / "sealed-to.key").unlink()  # of a store that these tests have elsewhere
    with ExitStack() as stack:
        rtsp = stack.enter_context(video_streams.rtsp_camera())
        mjpeg = stack.enter_context(video_streams.mjpeg_camera())
        stack.enter_context(genicam_peer.its_turn()).plug()
        drops = lambda n: (share / f"{n}.png").write_bytes(png(n))  # noqa: E731
        stack.enter_context(again_and_again(drops, 0.3))
        places = {
            "gstreamer": [rtsp.address(), mjpeg.address()],
            "watch-folder": [share], "dicom": [receiver.settings],
        }  # fmt: skip
        site = [f"{kind}:{place}" for kind, named in places.items() for place in named]
        written(program.home, naming(*site))

        who = somebody(program, tmp_path)
        listed = program("devices", "list", "--json")
        kinds = [device["kind"] for device in listed.answer["devices"]]
        took = {}
        sends = lambda n: dcmtk(  # noqa: E731
            "storescu", receiver, renamed(PLAIN, tmp_path / f"{n}.dcm")
        )
        stack.enter_context(again_and_again(sends, 0.5))
        for device in listed.answer["devices"]:
            out = tmp_path / "out" / device["id"]
            named = device["named"]
            capture = ("devices", "capture", named, "--count", "3", "--out", out, "--json")
            ended = program(*capture, who=who)
            took[named] = len(ended.answer.get("images", ()))
            assert took[named], ended.err

    assert (listed.status, listed.err) == (0, "")
    assert sorted(kinds) == sorted(
        ["gstreamer", "gstreamer", "watch-folder", "dicom", "sane", "genicam",
         "microscope", "ultrasound", "xray-panel", "flatbed"]
    )  # fmt: skip
    assert len({device["id"] for device in listed.answer["devices"]}) == len(kinds)
    assert took == dict.fromkeys(took, 3)


def test_what_a_receiver_keeps_is_given_to_nobody_who_does_not_say_who_it_is(program, tmp_path):
    receiver = a_site(tmp_path / "dicom", a_peer(plain=True))
    somebody(program, tmp_path)

    out = ("--out", tmp_path / "out", "--json")
    ended = program("devices", "capture", f"dicom:{receiver.settings}", *out)

    assert (ended.status, ended.answer["error"]["code"]) == (1, "KEY-001")
    assert not (tmp_path / "out").exists()


def test_a_device_that_means_nothing_is_told_and_costs_no_other_one(program):
    written(program.home, naming("toaster:1", "flatbed:9"))

    ended = program("devices", "list", "--json")

    assert ended.status == 1
    assert "toaster:1: DEV-001: There is no driver for 'toaster'" in ended.err
    (told,) = ended.answer["failed"]
    assert (told["named"], told["error"]["code"]) == ("toaster:1", "DEV-001")
    assert "flatbed:9" in [device["named"] for device in ended.answer["devices"]]


def test_a_profile_of_the_site_lies_beside_its_list(tmp_path):
    settings = written(tmp_path, naming("bench.toml:7"))
    (settings.data_dir / "bench.toml").write_text('kind = "microscope"\nname = "Bench 3"\n')

    (scanner,) = scanners((), site_devices(settings))

    assert scanner.info().name == "Bench 3"


def test_without_a_list_there_is_the_simulated_microscope_and_what_is_named_comes_first(tmp_path):
    nothing = site_devices(Settings(tmp_path, tmp_path))
    site = SiteDevices(("flatbed:9",))

    asked = (((), nothing), ((), site), (("ultrasound:shipped",), site))
    kinds = [scanners(named, at)[0].info().kind for named, at in asked]

    assert kinds == ["microscope", "flatbed", "ultrasound"]


def test_what_a_bar_code_scanner_types_before_a_code_is_the_site_s_to_say(tmp_path):
    assert site_devices(written(tmp_path, 'wedge = "]C1"\n')).wedge == "]C1"


def test_how_long_a_badge_is_enough_alone_is_said_in_minutes_and_never_as_delivered(tmp_path):
    assert site_devices(written(tmp_path, "")).badge_alone_min == 0
    assert site_devices(written(tmp_path, "badge_alone_min = 60\n")).badge_alone_min == 60
    for wrong in ("-1", "721", '"long"'):
        settings = written(tmp_path, f"badge_alone_min = {wrong}\n")
        with pytest.raises(SettingsRefusedError):
            site_devices(settings)
        assert known_devices(settings).badge_alone_min == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("devices = 3\n", "Expected `array"),
        ("device = []\n", "unknown field `device`"),
        (naming("flatbed:9", "flatbed:9"), "it names flatbed:9 twice"),
        ("devices = [", "at end of document"),
        ("#" * 70_000, "larger than 64 KB"),
        ('shutter = ["H"]\n', "no shutter is 'H'"),
    ],
)
def test_a_list_that_is_not_valid_is_refused_whole_and_says_why(tmp_path, text, why):
    settings = written(tmp_path, text)

    with pytest.raises(SettingsRefusedError, match=r"devices\.toml") as refused:
        site_devices(settings)

    assert why in refused.value.what
