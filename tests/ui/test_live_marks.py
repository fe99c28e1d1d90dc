"""The preview over the live picture: honest, steady, and never in the way of the shutter."""

import pytest

from edge_app.domain.reading import QualityIssue
from edge_app.ui.look import Look
from edge_app.ui.study_flow import Step
from edge_app.ui.tokens import HIGH_CONTRAST
from edge_app.workflow.live_reading import STALE_NS
from tests.fakes import FakeDetector, FakeScanner, a_detection, a_failed_reading, some_pixels
from tests.ui.window_bench import WindowBench

NOT_A_READING = "Preview, not a reading."


@pytest.fixture
def detector(request: pytest.FixtureRequest) -> FakeDetector | None:
    return getattr(request, "param", None) or FakeDetector([a_detection()])


def still(bench: WindowBench) -> None:
    """Let the scanner show one field that does not move."""
    scanner: FakeScanner = bench.scanner
    scanner._moves = False


def to_marks(bench: WindowBench) -> None:
    still(bench)
    bench.to_capture()
    bench.window.capture_page.live_panel.switch.click()
    bench.until(lambda: bench.window.capture_page.view.live_marks)


def test_live_marks_are_off_until_somebody_wants_them(bench: WindowBench) -> None:
    bench.to_capture()
    bench.qtbot.wait(150)

    assert bench.detector.n_read == 0
    assert "Preview" not in bench.said()


def test_live_marks_say_that_they_are_a_preview(bench: WindowBench) -> None:
    to_marks(bench)

    assert NOT_A_READING in bench.said()
    assert "red cell  1" in bench.said()
    assert bench.window.flow.study.images == ()


def test_turning_live_marks_off_takes_them_off(bench: WindowBench) -> None:
    to_marks(bench)
    bench.window.capture_page.live_panel.switch.click()

    assert bench.window.capture_page.view.live_marks == ()
    assert "Preview" not in bench.said()
    bench.qtbot.wait(100)
    before = bench.detector.n_read
    bench.qtbot.wait(150)
    assert bench.detector.n_read == before


def test_a_detector_that_fails_is_not_an_empty_picture(bench: WindowBench) -> None:
    to_marks(bench)
    bench.detector.error = a_failed_reading()

    bench.until(lambda: "Preview: not analysed." in bench.said())
    assert bench.window.capture_page.view.live_marks == ()
    assert not bench.window.sheet.isVisible()
    bench.detector.error = None
    bench.until(lambda: bench.window.capture_page.view.live_marks)


def test_an_error_of_the_program_is_told_once_and_said_on_the_view(bench: WindowBench) -> None:
    to_marks(bench)
    bench.detector.error = RuntimeError("a bug")

    bench.until(lambda: "EDGE-999" in bench.said())
    bench.until(lambda: "Preview: not analysed." in bench.said())
    bench.qtbot.wait(200)
    assert len(bench.window.sheet.waiting) == 1


def test_marks_that_came_too_late_are_taken_off_and_said(bench: WindowBench) -> None:
    to_marks(bench)
    bench.detector.answering.clear()
    bench.qtbot.wait(80)
    bench.clock.pass_s(STALE_NS / 1e9 + 0.1)

    bench.until(lambda: "came too late" in bench.said())
    assert bench.window.capture_page.view.live_marks == ()


def test_an_old_mark_is_not_drawn_on_a_new_field(bench: WindowBench) -> None:
    to_marks(bench)
    bench.detector.answering.clear()
    bench.qtbot.wait(80)
    bench.scanner._pixels = some_pixels()[::-1, ::-1] // 2 + some_pixels(shift=30) // 2

    bench.until(lambda: "the picture moves" in bench.said())
    assert bench.window.capture_page.view.live_marks == ()


def test_a_blurred_picture_is_coached_and_not_marked(bench: WindowBench) -> None:
    to_marks(bench)
    bench.detector.issue = QualityIssue.BLURRED

    bench.until(lambda: "Preview: the detector cannot say." in bench.said())
    assert "Turn the focus knob slowly" in bench.said()
    assert bench.window.capture_page.view.live_marks == ()


def test_a_capture_waits_for_one_live_reading_at_most(bench: WindowBench) -> None:
    to_marks(bench)
    bench.detector.answering.clear()
    bench.qtbot.wait(200)
    before = bench.detector.n_read
    bench.window.footer.primary.click()
    bench.until(lambda: bench.window.flow.is_saved)
    bench.detector.answering.set()
    bench.until(lambda: bench.window.flow.step is Step.REVIEW)

    assert bench.detector.n_read - before == 2


def test_no_live_frame_is_read_while_a_capture_needs_the_detector(bench: WindowBench) -> None:
    to_marks(bench)
    bench.detector.answering.clear()
    bench.window.footer.primary.click()
    bench.until(lambda: bench.window.flow.is_saved)
    bench.window.read_page.meanwhile.click()
    counts = bench.window.live.reading.counts
    before = counts.offered
    bench.qtbot.wait(200)

    assert counts.offered == before
    assert bench.window.capture_page.view.live_marks == ()


def test_the_next_patient_starts_without_marks(bench: WindowBench) -> None:
    to_marks(bench)
    bench.window.flow.next_patient()

    assert bench.window.capture_page.view.live_marks == ()
    assert bench.window.capture_page.view.image is None


def test_another_theme_keeps_the_preview_on(bench: WindowBench) -> None:
    to_marks(bench)
    bench.window.build(Look(HIGH_CONTRAST))

    assert bench.window.capture_page.live_panel.switch.isChecked()
    bench.until(lambda: bench.window.capture_page.view.live_marks)


def test_without_a_detector_there_is_no_switch_to_turn(bench: WindowBench) -> None:
    bench.window.live.detector = None
    bench.window.build(bench.window.look)

    assert not bench.window.capture_page.live_panel.switch.isEnabled()
