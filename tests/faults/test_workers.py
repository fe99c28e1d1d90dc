"""A detector's process that crashes, hangs or eats memory costs time and never an answer."""

import time

import pytest

from edge_app.domain.error import AnalysisOffError, DetectorRefusedError, PoisonImageError
from edge_app.domain.reading import Outcome
from edge_app.inference.choice import Choice
from edge_app.inference.loading import load_detector
from edge_app.inference.package import load_package
from edge_app.inference.remote import RemoteDetector
from edge_app.workflow import examine
from tests.smears import PACKAGE, a_field

WORKER = "tests.faults.faulty_detector_worker"
FOR_EVER = 1000


@pytest.fixture
def faulty(tmp_path):
    """Return a way to start a detector whose first so many lives have a fault."""
    made = []

    def start(when, how, lives=1):
        count = tmp_path / "lives"
        count.write_text(str(lives), encoding="ascii")
        arguments = (str(PACKAGE), "int8", "cpu", "", "/nonexistent", str(count), when, how)
        made.append(RemoteDetector(load_package(PACKAGE).manifest, WORKER, arguments))
        return made[-1]

    yield start
    for detector in made:
        detector.close()


@pytest.fixture(scope="module")
def answers():
    """What the detector in this process says of fields 7, 8 and 9."""
    local = load_detector(PACKAGE, Choice("int8", "cpu", ""))
    return {n: local.read(a_field(n)[0]) for n in (7, 8, 9)}


def agrees(reading, expected):
    return (reading.outcome, reading.detections) == (expected.outcome, expected.detections)


@pytest.mark.parametrize(
    ("when", "how"),
    [(when, "segv") for when in ("start", "load", "warm-up", "run 0", "run 1")]
    + [(when, how) for when in ("load", "run 0") for how in ("abort", "memory", "exit")],
)
def test_one_crash_costs_no_answer(faulty, answers, when, how):
    detector = faulty(when, how)

    assert agrees(detector.read(a_field(7)[0]), answers[7])
    assert agrees(detector.read(a_field(8)[0]), answers[8])


@pytest.mark.parametrize("how", ["hang", "slow"])
def test_a_reading_that_hangs_is_ended_at_its_deadline_and_read_by_the_next_process(
    faulty, answers, how
):
    detector = faulty("run 2", how)
    for number in (7, 8):
        detector.read(a_field(number)[0])
    started = time.monotonic()

    assert agrees(detector.read(a_field(9)[0]), answers[9])
    took = time.monotonic() - started
    print(f"\n{how} in a reading: next good answer after {took:.2f} s")  # noqa: T201
    assert 0.9 < took < 8


@pytest.mark.parametrize("how", ["segv", "memory"])
def test_an_image_that_kills_twice_is_not_analysed_and_the_next_image_is_read(faulty, answers, how):
    detector = faulty("run 0", how, lives=2)
    image = a_field(7)[0]

    first, again = examine.read(detector, image), examine.read(detector, image)

    assert [r.outcome for r in (first, again)] == [Outcome.NOT_ANALYSED] * 2
    assert "ended the detector's process twice" in first.reason
    assert agrees(detector.read(a_field(8)[0]), answers[8])


def test_a_process_that_always_crashes_switches_the_analysis_off_and_never_says_no_finding(faulty):
    detector = faulty("run 0", "segv", FOR_EVER)
    with pytest.raises(PoisonImageError):
        detector.read(a_field(7)[0])
    with pytest.raises(AnalysisOffError):
        detector.read(a_field(8)[0])

    readings = [examine.read(detector, a_field(n)[0]) for n in (7, 8, 9)]

    assert [r.outcome for r in readings] == [Outcome.NOT_ANALYSED] * 3
    assert "The analysis is off" in readings[2].reason


@pytest.mark.parametrize("when", ["start", "load", "warm-up"])
def test_a_detector_that_never_loads_is_refused_with_the_reason_and_not_tried_for_ever(
    faulty, when
):
    started = time.monotonic()

    with pytest.raises(DetectorRefusedError, match="failed while it was loading"):
        faulty(when, "segv", FOR_EVER).wait_until_ready()
    assert time.monotonic() - started < 20
