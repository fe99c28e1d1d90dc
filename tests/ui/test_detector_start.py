"""While an accelerator's engine is compiled the window works, and says how long it may take."""

from dataclasses import replace

import pytest

from edge_app.domain.error import DetectorRefusedError
from edge_app.domain.preparing import Preparing, minutes_words
from edge_app.ui.study_flow import Activity
from edge_app.ui.words import preparing_words
from tests.fakes import FakePreparation, FakeSelftest

TENSORRT = Preparing("int8", "NVIDIA TensorRT", 42.0, 190.0, is_long=True)


@pytest.fixture
def preparation():
    made = FakePreparation()
    made.preparing = TENSORRT
    return made


@pytest.fixture
def selftest():
    due = FakeSelftest()
    due.is_due = True
    due.finishing.clear()
    return due


def chip(bench):
    return bench.window.header.detector.text()


def test_the_header_says_what_is_prepared_and_touching_it_how_long_it_may_take(bench):
    assert chip(bench) == "Preparing detector 0:42"

    bench.window.header.detector.click()

    assert (
        "Preparing the detector for NVIDIA TensorRT: 0:42 so far; last time on this machine it "
        "took 3:10." in bench.said()
    )
    assert "captured and saved meanwhile" in bench.said()


def test_the_time_goes_on(bench, preparation):
    preparation.preparing = replace(TENSORRT, so_far_s=61.0)

    bench.until(lambda: chip(bench) == "Preparing detector 1:01")


def test_a_picture_is_saved_meanwhile_and_says_what_it_waits_for(bench, preparation):
    bench.detector.answering.clear()
    bench.to_capture()
    bench.window.footer.primary.click()
    bench.until(lambda: bench.window.flow.activity is Activity.READING)

    bench.until(lambda: "Preparing the detector for NVIDIA TensorRT" in bench.said())
    assert "Saved" in bench.said()
    preparation.preparing = None
    bench.until(lambda: "Reading the picture" in bench.said())


def test_once_it_is_ready_the_header_says_what_runs_and_only_then_the_self_test_begins(
    bench, preparation, selftest
):
    assert not bench.window.selftest.is_running
    preparation.finishing.set()

    bench.until(lambda: chip(bench) == "Testing detector")
    selftest.finishing.set()
    bench.until(lambda: "CUDA, fp32" in chip(bench))


def test_a_detector_that_is_refused_is_said_to_be_none_with_the_reason(bench, preparation):
    preparation.error = DetectorRefusedError("It stood still for 30 s.", "Call.")
    preparation.finishing.set()
    bench.until(lambda: chip(bench) == "No detector")

    bench.window.header.detector.click()

    assert "It stood still for 30 s." in bench.said()
    assert "not analysed" in bench.said()


def test_a_detector_that_reads_after_all_is_not_said_to_be_none(bench, preparation):
    preparation.error = DetectorRefusedError("Its process ended.", "Call.")
    preparation.finishing.set()
    bench.until(lambda: chip(bench) == "No detector")

    bench.to_review()

    assert "No detector" not in chip(bench)


def test_where_nobody_knows_how_long_it_takes_no_time_is_made_up():
    assert "some minutes" in preparing_words(replace(TENSORRT, last_s=0.0))
    cpu = preparing_words(Preparing("int8", "CPU", 1.2, 0.0, is_long=False))
    assert cpu == "Preparing the detector for CPU: 0:01 so far."
    assert preparing_words(None) == "Preparing the detector."


def test_minutes_are_said_as_a_clock_says_them():
    assert [minutes_words(s) for s in (0, 9.4, 59.6, 190, 3600)] == [
        "0:00", "0:09", "1:00", "3:10", "60:00",
    ]  # fmt: skip
