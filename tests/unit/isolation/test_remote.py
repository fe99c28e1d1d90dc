"""Detector and microscope in processes of their own: lost, never silent."""

import os
import shutil
import signal
import subprocess
import time

import pytest

from edge_app.compose.devices import scanners
from edge_app.domain.error import (
    DetectorRefusedError,
    PoisonImageError,
    ReadingFailedError,
    ScannerUnavailableError,
)
from edge_app.domain.reading import Outcome
from edge_app.inference.choice import Choice
from edge_app.inference.loading import load_detector
from edge_app.inference.package import load_package
from edge_app.inference.remote import RemoteDetector
from edge_app.isolation.bubblewrap import Enclosure
from edge_app.workflow import examine
from tests.fakes import a_manifest, an_image, some_pixels
from tests.smears import PACKAGE, a_field

WORKER = "edge_app.compose.detector_worker"
NO_DATA = "/nonexistent"
LIAR = "tests.unit.isolation.liar_worker"


def children():
    asked = ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())]
    listed = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if "worker" in line]


def until(claim):
    end = time.monotonic() + 10
    while not claim():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def detector():
    manifest = load_package(PACKAGE).manifest
    made = RemoteDetector(manifest, WORKER, (str(PACKAGE), "int8", "cpu", "", NO_DATA))
    made.wait_until_ready()
    yield made
    made.close()


def test_a_detector_killed_between_readings_reads_the_next_image_as_before(detector):
    image, _ = a_field(7)
    before = detector.read(image)
    (pid,) = children()
    os.kill(pid, signal.SIGKILL)

    readings = [examine.read(detector, image) for _ in range(2)]

    assert before.outcome is Outcome.FINDING
    assert [r.detections for r in readings] == [before.detections] * 2
    assert [r.certificate for r in readings] == [before.certificate] * 2


def test_an_experimental_detector_is_read_through_its_process_and_says_what_it_is(tmp_path):
    folder = shutil.copytree(PACKAGE, tmp_path / PACKAGE.name)
    said = (folder / "package.toml").read_text()
    (folder / "package.toml").write_text(said.replace('"validated"', '"experimental"'))
    made = RemoteDetector(
        load_package(folder).manifest, WORKER, (str(folder), "int8", "cpu", "", NO_DATA)
    )

    reading = made.read(a_field(7)[0])
    made.close()

    assert reading.outcome is Outcome.FINDING
    assert reading.version.endswith("(experimental)")


def test_a_package_that_is_refused_is_refused_from_the_other_process_too(tmp_path):
    folder = shutil.copytree(PACKAGE, tmp_path / PACKAGE.name)
    (folder / "model.int8.onnx").write_bytes(b"no model")

    made = RemoteDetector(
        load_package(folder).manifest, WORKER, (str(folder), "int8", "cpu", "", NO_DATA)
    )

    with pytest.raises(DetectorRefusedError, match="hash"):
        made.wait_until_ready()
    made.close()

    assert children() == []


def test_a_package_changed_after_loading_gives_no_answer_after_a_restart(tmp_path):
    folder = shutil.copytree(PACKAGE, tmp_path / PACKAGE.name)
    arguments = (str(folder), "int8", "cpu", "", NO_DATA)
    detector = RemoteDetector(load_package(folder).manifest, WORKER, arguments)
    detector.wait_until_ready()
    (folder / "model.int8.onnx").write_bytes(b"no model")
    for pid in children():
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)

    reading = examine.read(detector, a_field(7)[0])
    detector.close()

    assert reading.outcome is Outcome.NOT_ANALYSED
    assert "hash" in reading.reason


@pytest.mark.parametrize(
    "lie",
    ["another image", "another detector", "certificate", "no certificate", "cut", "junk"],
)
def test_an_answer_that_is_not_of_this_image_ends_the_process_and_is_no_reading(lie):
    detector = RemoteDetector(a_manifest(), LIAR, [lie])
    detector.wait_until_ready()
    (first,) = children()

    with pytest.raises(PoisonImageError):
        detector.read(an_image(some_pixels(shift=7)))
    assert first not in children()
    detector.close()


def test_three_losses_switch_the_analysis_off_until_a_person_starts_it_again(detector):
    image, _ = a_field(7)
    before = detector.read(image)
    for _ in range(3):
        until(lambda: detector.layers)
        for pid in children():
            os.kill(pid, signal.SIGKILL)
        until(lambda: not detector.layers)

    reading = examine.read(detector, image)
    assert detector.is_off
    assert reading.outcome is Outcome.NOT_ANALYSED
    assert "The analysis is off" in reading.reason
    assert children() == []

    detector.start_again()
    assert detector.read(image).detections == before.detections
    assert not detector.is_off


def test_the_detectors_process_is_sealed_as_far_as_this_machine_can(detector):
    absent = [f"{x.name}: {x.words}" for x in detector.layers if not x.in_force]
    if absent:
        pytest.skip(f"NOT all layers looked at, this machine lacks {'; '.join(absent)}")

    assert {x.name for x in detector.layers} >= {"landlock", "seccomp", "limits"}


def test_a_reading_is_the_same_inside_bubblewrap():
    enclosure = Enclosure(PACKAGE)
    arguments = (str(PACKAGE), "int8", "cpu", "", NO_DATA)
    enclosed = RemoteDetector(load_package(PACKAGE).manifest, WORKER, arguments, enclosure)
    enclosed.wait_until_ready()
    outer = enclosed.layers[0]
    reading = enclosed.read(a_field(7)[0])
    enclosed.close()
    if not outer.in_force:
        pytest.skip(f"NOT tried inside bubblewrap: {outer.words}")

    local = load_detector(PACKAGE, Choice("int8", "cpu", ""))
    assert reading.detections == local.read(a_field(7)[0]).detections


def test_a_process_that_cannot_start_is_an_error_a_caller_can_show():
    with pytest.raises((ReadingFailedError, DetectorRefusedError)):
        RemoteDetector(a_manifest(), "edge_app.no_such_worker", []).wait_until_ready()


def test_a_microscope_whose_process_died_stays_away_until_it_is_opened_again():
    (scanner,) = scanners(["microscope:7"])
    with scanner.open() as opened:
        opened.adjust("focus", 5.0)
        opened.frame()
        for pid in children():
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)

        for _ in range(2):  # a fresh process would have forgotten the knobs
            with pytest.raises(ScannerUnavailableError):
                opened.frame()

    with scanner.open() as opened:
        assert opened.frame().width == 640


def test_knobs_turn_in_the_other_process():
    (scanner,) = scanners(["microscope:7"])
    with scanner.open() as opened:
        opened.adjust("focus", 3.5)
        values = {knob.name: knob.value for knob in opened.controls()}

    assert values["focus"] == 3.5


def test_a_knob_that_is_not_there_costs_the_device_and_not_the_window():
    (scanner,) = scanners(["microscope:7"])
    with scanner.open() as opened, pytest.raises(ScannerUnavailableError):
        opened.adjust("coffee", 1.0)
