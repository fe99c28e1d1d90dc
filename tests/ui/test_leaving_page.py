"""A signed study leaves the window without names, once each picture was looked at."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from edge_app.domain.confidentiality import TextNotSearchedError
from edge_app.domain.error import NotAllowedError
from edge_app.domain.geometry import Box
from edge_app.domain.outbox import Job, JobState, Problem, Send, SendKind
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.parts import KioskParts
from tests.fakes import FakeClock, FakeDetector, FakeOutbox, FakeScanner, FakeStore
from tests.ui.window_bench import WindowBench

TEXT = Box(2, 3, 20, 9)


class FakeLeaving:
    """Finds one place in each picture and writes nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.searching = threading.Event()
        self.searching.set()
        self.fails: Exception | None = None
        self.refuses: Exception | None = None
        self.written: list = []
        self.state, self.problem = JobState.SENT, Problem.NONE

    def search(self, images):
        self.searching.wait(timeout=10)
        if self.fails:
            raise self.fails
        return [(TEXT,) for _ in images]

    def write(self, study, places):
        if self.refuses:
            raise self.refuses
        self.written.append((study.study_id, places))
        job = Job("k", study.study_id, study.version, Send(SendKind.DEIDENTIFIED, str(self.folder)))
        return replace(job, state=self.state, problem=self.problem)


@pytest.fixture
def leaving(tmp_path):
    return FakeLeaving(tmp_path / "without-names")


@pytest.fixture
def bench(qtbot, leaving):
    clock, store, detector = FakeClock(), FakeStore(), FakeDetector()
    outbox, scanner = FakeOutbox(store), FakeScanner(clock, moves=True)
    parts = KioskParts(
        [scanner], detector, "CPU, int8", store, outbox, clock, analysis=detector, leaving=leaving
    )
    window = KioskWindow(parts)
    qtbot.addWidget(window)
    window.show()
    yield WindowBench(window, qtbot, clock, scanner, detector, store, outbox)
    leaving.searching.set()
    window.close()


def to_leaving(bench):
    """Sign a study and go to the page."""
    bench.to_signed()
    bench.until(bench.window.sign_page.leave.isVisible)
    bench.window.sign_page.leave.click()
    page = bench.window.leaving_page
    assert bench.window.stack.currentWidget() is page
    bench.until(lambda: page.leaving and page.leaving.found is not None)
    return page


def test_the_files_cannot_be_written_before_the_picture_was_looked_at(bench, leaving):
    page = to_leaving(bench)
    primary = bench.window.footer.primary

    assert primary.text() == "Write the files"
    assert not primary.isEnabled()
    page.act()
    assert leaving.written == []

    page.looked.click()
    assert primary.isEnabled()
    primary.click()
    bench.until(lambda: page.leaving.job)
    assert leaving.written[0][1] == [(TEXT,)]
    assert str(leaving.folder) in page.files.text()
    assert primary.text() == "Done"
    primary.click()
    assert bench.window.stack.currentWidget() is bench.window.sign_page


def test_files_that_could_not_be_written_are_told_with_the_reason_and_looked_at_again(
    bench, leaving
):
    leaving.state, leaving.problem = JobState.WAITING, Problem.FULL
    page = to_leaving(bench)
    page.looked.click()
    bench.window.footer.primary.click()
    bench.until(lambda: page.leaving.job)

    assert "not all written yet" in page.files.text()
    assert "OUT-003" in page.files.text()
    assert bench.window.footer.primary.text() == "Done"
    bench.window.footer.primary.click()
    assert bench.window.stack.currentWidget() is bench.window.sign_page


def test_text_that_was_found_is_shown_black_and_said_in_words(bench):
    page = to_leaving(bench)

    shown = page.view.image.pixels
    assert (shown[3:9, 2:20] == 0).all()
    assert (shown[9:, 20:] != 0).any()
    assert "1 place is black" in page.said.text()
    assert "Picture 1 of 1" in bench.said()


def test_two_corners_make_a_place_black_and_it_must_be_looked_at_again(bench, leaving):
    page = to_leaving(bench)
    page.looked.click()

    page.view.touched.emit(40.0, 30.0)
    assert "opposite corner" in page.hint.text()
    page.view.touched.emit(30.0, 20.0)

    assert (page.view.image.pixels[20:30, 30:40] == 0).all()
    assert not bench.window.footer.primary.isEnabled()
    page.looked.click()
    bench.window.footer.primary.click()
    bench.until(lambda: page.leaving.job)
    assert leaving.written[0][1] == [(TEXT, Box(30, 20, 40, 30))]


def test_a_place_is_taken_back_and_what_the_search_found_is_not(bench):
    page = to_leaving(bench)
    page.view.touched.emit(30.0, 20.0)
    page.view.touched.emit(40.0, 30.0)
    page.view.touched.emit(1.0, 1.0)

    page.undo.click()
    assert "two corners" in page.hint.text()
    page.undo.click()

    assert page.leaving.places() == [(TEXT,)]
    assert not page.undo.isEnabled()


def test_corners_beyond_the_picture_end_at_its_edge_and_one_point_is_no_place(bench):
    page = to_leaving(bench)
    page.view.touched.emit(-50.0, -50.0)
    page.view.touched.emit(5.0, 5.0)
    page.view.touched.emit(9.0, 9.0)
    page.view.touched.emit(9.0, 9.0)

    assert page.leaving.places() == [(TEXT, Box(0, 0, 5, 5))]


def test_where_the_search_fails_nothing_can_leave(bench, leaving):
    leaving.fails = TextNotSearchedError("The search for text failed.", "Try again.")
    bench.to_signed()
    bench.window.sign_page.leave.click()
    page = bench.window.leaving_page
    bench.until(bench.window.sheet.isVisible)

    assert "nothing may leave" in page.view.cover
    assert not bench.window.footer.primary.isEnabled()
    page.looked.click()
    page.act()
    assert leaving.written == []


def test_an_export_that_is_refused_is_said_and_can_be_tried_again(bench, leaving):
    leaving.refuses = NotAllowedError("Amina may not export studies.", "Log in as a clinician.")
    page = to_leaving(bench)
    page.looked.click()
    bench.window.footer.primary.click()
    bench.until(bench.window.sheet.isVisible)

    assert "may not export" in bench.window.sheet.what.text()
    assert page.leaving.job is None
    assert page.leaving.can_write


def test_a_picture_is_not_shown_while_it_is_searched(bench, leaving):
    leaving.searching.clear()
    bench.to_signed()
    bench.window.sign_page.leave.click()
    page = bench.window.leaving_page

    assert page.view.image is None
    assert "Looking for text" in page.view.cover
    leaving.searching.set()
    bench.until(lambda: page.view.image is not None)


def test_the_next_patient_and_the_lock_find_nothing_of_the_pictures(bench):
    page = to_leaving(bench)
    page.stop.click()
    assert page.leaving is None
    assert page.view.image is None

    bench.window.sign_page.leave.click()
    bench.until(lambda: page.view.image is not None)
    bench.window.lock()
    assert page.leaving is None


def test_it_is_offered_only_for_a_signed_study(bench):
    bench.to_review()
    assert not bench.window.sign_page.leave.isVisible()


def test_every_button_has_a_name_and_the_words_of_the_page_are_read_aloud(bench):
    page = to_leaving(bench)

    buttons = (page.looked, page.undo, page.before, page.after, page.stop)
    assert all(button.accessibleName() for button in buttons)
    assert page.view.accessibleName()
