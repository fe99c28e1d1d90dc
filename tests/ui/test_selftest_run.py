"""The detector is tested on this machine beside the work, and what was chosen is shown and used."""

import pytest

from edge_app.compose.demo import demo_entrance
from edge_app.compose.window import MachineSelftest, kiosk_parts
from edge_app.domain.error import DetectorRefusedError
from edge_app.settings import Settings
from tests.fakes import FakeSelftest
from tests.smears import PACKAGE, a_field


@pytest.fixture
def selftest():
    due = FakeSelftest()
    due.is_due = True
    due.finishing.clear()
    return due


def chip(bench):
    return bench.window.header.detector.text()


def test_a_test_that_is_due_runs_at_the_start_and_says_so_while_pictures_are_read(bench, selftest):
    assert chip(bench) == "Testing detector"

    bench.to_review()
    assert bench.window.flow.reading
    assert selftest.taken_up == 0

    selftest.finishing.set()
    bench.until(lambda: selftest.taken_up == 1)
    bench.until(lambda: chip(bench) != "Testing detector")


def test_what_the_test_chose_is_shown(bench, selftest):
    selftest.finishing.set()

    bench.until(lambda: "CUDA, fp32" in chip(bench))


def test_where_nothing_agrees_any_more_a_sheet_says_so(bench, selftest):
    selftest.error = DetectorRefusedError("Every way to run it gives a wrong answer here.", "Call.")
    selftest.finishing.set()

    bench.until(lambda: "gives a wrong answer here" in bench.said())


def test_a_test_that_is_not_due_is_not_run(bench, selftest):
    selftest.finishing.set()
    bench.until(lambda: selftest.taken_up == 1 and not bench.window.selftest.is_running)

    bench.window.selftest.run_if_due()

    assert not bench.window.selftest.is_running


def test_the_real_test_leaves_a_record_and_the_detector_takes_its_choice(tmp_path):
    settings = Settings(tmp_path, PACKAGE.parent)
    entrance, who = demo_entrance(settings)
    with entrance.store(who) as store, kiosk_parts(settings, store, ("microscope:7",)) as parts:
        assert isinstance(parts.selftest, MachineSelftest)
        parts.preparation.wait_until_ready()
        assert parts.selftest.is_due

        parts.selftest.run()
        words = parts.selftest.take_up()

        assert list(settings.selftests_dir.iterdir())
        assert words in ("CPU, int8", "CPU, fp32")
        assert parts.detector.is_tested
        assert parts.detector.read(a_field(7)[0]).detections
        assert not parts.selftest.is_due

    with entrance.store(who) as store, kiosk_parts(settings, store, ("microscope:7",)) as again:
        again.preparation.wait_until_ready()
        assert not again.selftest.is_due
