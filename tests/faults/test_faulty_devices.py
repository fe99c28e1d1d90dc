"""Faults of devices through their real process, without a window: told, and nothing made up."""

import time
from pathlib import Path

import pytest

from edge_app.compose.devices import captured, scanners
from edge_app.domain.error import NothingYetError, ScannerUnavailableError
from edge_app.domain.reading import Outcome
from edge_app.inference.choice import Choice
from edge_app.inference.loading import load_detector
from edge_app.workflow import examine
from tests.smears import PACKAGE

UNPLUGS = 100


def a_device(folder: Path, kind: str, place: object, **choices: str):
    path = folder / f"{kind}.toml"
    said = "\n".join(f'"{name.replace("_", " ")}" = "{x}"' for name, x in choices.items())
    path.write_text(f'kind = "{kind}"\nframe_s = 2.0\n[choices]\n{said}\n')
    (scanner,) = scanners([f"{path}:{place}"])
    return scanner


@pytest.fixture(scope="module")
def detector():
    return load_detector(PACKAGE, Choice("int8", "cpu", ""))


@pytest.mark.parametrize(
    ("faults", "knobs"),
    [
        ({"green_frame": "1"}, {}),
        ({"short_frame": "1"}, {}),
        ({}, {"lamp": 0.0}),
        ({}, {"lamp": 200.0}),
    ],
    ids=["green", "short", "zero", "over-exposed"],
)
def test_f4_a_spoilt_frame_comes_as_it_is_and_gets_no_answer(tmp_path, detector, faults, knobs):
    with a_device(tmp_path, "microscope", 7, **faults).open() as device:
        for name, value in knobs.items():
            device.adjust(name, value)
        frame = device.frame()

    reading = examine.read(detector, frame)
    assert reading.outcome in {Outcome.CANNOT_SAY, Outcome.NOT_ANALYSED}
    assert reading.reason
    assert frame.is_partial == ("short_frame" in faults)


@pytest.mark.parametrize(("kind", "place"), [("microscope", 7), ("ultrasound", "shipped")])
def test_f5_nothing_is_captured_of_a_frozen_picture(tmp_path, kind, place):
    scanner = a_device(tmp_path, kind, place, frozen_picture="4-")
    began = time.monotonic()
    with pytest.raises(ScannerUnavailableError, match="the same again and again"):
        captured(scanner, 50, tmp_path / "out")

    assert time.monotonic() - began < 12
    written = list((tmp_path / "out").iterdir())
    assert 2 <= len(written) <= 3
    assert len({path.read_bytes() for path in written}) == len(written)


def test_f7_nothing_is_captured_of_a_swapped_device(tmp_path):
    scanner = a_device(tmp_path, "microscope", 7, swapped_device="3-")
    with pytest.raises(ScannerUnavailableError, match="from another device"):
        captured(scanner, 50, tmp_path / "out")

    assert len(list((tmp_path / "out").iterdir())) == 2


def test_f2_a_device_that_hangs_is_told_within_its_deadline(tmp_path):
    scanner = a_device(tmp_path, "flatbed", 3, hang="2")
    with scanner.open() as device:
        device.frame()
        began = time.monotonic()
        with pytest.raises(ScannerUnavailableError, match="does not answer"):
            device.frame()

    assert 1.5 < time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("kind", "place"),
    [("microscope", 7), ("ultrasound", "shipped"), ("xray-panel", "shipped"), ("flatbed", 3)],
)
def test_f1_a_device_survives_a_hundred_pulls_of_its_cable(tmp_path, kind, place):
    pulls = ", ".join(str(3 * n) for n in range(1, UNPLUGS + 1))
    sequences, told = [], []
    with a_device(tmp_path, kind, place, unplug=pulls).open() as device:
        device_knobs = [knob.name for knob in device.controls()]
        if "resolution" in device_knobs:
            device.adjust("resolution", 50.0)
        for _ in range(3 * UNPLUGS):
            try:
                sequences.append(device.frame().sequence)
            except ScannerUnavailableError as error:
                told.append(error.what)

    assert told == ["The device was unplugged."] * UNPLUGS
    assert sequences == list(range(1, 2 * UNPLUGS + 1))


def test_a_device_that_waits_is_not_a_device_that_is_gone(tmp_path):
    (tmp_path / "share").mkdir()
    with a_device(tmp_path, "watch-folder", tmp_path / "share").open() as device:
        for _ in range(3):
            began = time.monotonic()
            with pytest.raises(NothingYetError, match="No new picture has come yet"):
                device.frame()
            assert time.monotonic() - began < 2
        assert device.controls() == ()
