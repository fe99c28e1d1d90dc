"""What the pages promise to the people before them."""

from dataclasses import replace

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLineEdit,
    QScrollBar,
    QWidget,
)

from edge_app.domain.geometry import Box
from edge_app.domain.outbox import Problem
from edge_app.domain.reading import Detection, QualityIssue
from edge_app.domain.study import Verdict
from edge_app.ui.exception_hooks import ExceptionHooks
from edge_app.ui.study_flow import Step
from edge_app.ui.tokens import HIGH_CONTRAST
from tests.fakes import FakeDetector, a_detection, a_failed_reading
from tests.ui.window_bench import WindowBench

CELLS = [
    a_detection("red-cell", 0.9, Box(2, 2, 12, 12)),
    a_detection("red-cell", 0.5, Box(20, 2, 30, 12)),
    a_detection("white-cell", 0.8, Box(40, 20, 60, 40)),
]


@pytest.fixture
def detector(request: pytest.FixtureRequest) -> FakeDetector:
    return getattr(request, "param", None) or FakeDetector(CELLS)


def reads(
    *detections: Detection, issue: QualityIssue | None = None, error: Exception | None = None
) -> pytest.MarkDecorator:
    made = FakeDetector(detections)
    made.issue, made.error = issue, error
    return pytest.mark.parametrize("detector", [made], indirect=True)


def test_saved_is_shown_only_after_the_store_acknowledged(bench: WindowBench) -> None:
    bench.to_capture()
    bench.store.acknowledging.clear()
    bench.detector.answering.clear()
    bench.window.footer.primary.click()
    bench.qtbot.wait(150)
    assert "Keeping the picture" in bench.said()
    assert "Saved" not in bench.said()

    bench.store.acknowledging.set()

    bench.until(lambda: "Saved" in bench.said())


def test_space_captures(bench: WindowBench) -> None:
    bench.to_capture()
    bench.qtbot.keyClick(bench.window.capture_page, Qt.Key.Key_Space)

    bench.until(lambda: bench.window.flow.step is Step.REVIEW)
    assert len(bench.window.flow.study.images) == 1


def test_space_captures_also_while_a_button_has_the_focus(bench: WindowBench) -> None:
    bench.to_capture()
    bench.window.footer.back.setFocus()
    bench.qtbot.keyClick(bench.window.footer.back, Qt.Key.Key_Space)

    bench.until(lambda: bench.window.flow.step is Step.REVIEW)


@reads(issue=QualityIssue.BLURRED)
def test_a_reading_that_cannot_say_never_says_nothing_found(bench: WindowBench) -> None:
    bench.to_review()

    assert "The detector cannot say" in bench.said()
    assert "Turn the focus knob slowly until edges are sharp." in bench.said()
    assert "Nothing found" not in bench.said()
    assert bench.window.findings_page.picture.isVisibleTo(bench.window.findings_page)
    assert not bench.window.findings_page.picture.pixmap().isNull()


def test_a_picture_that_can_be_read_shows_no_instruction(bench: WindowBench) -> None:
    bench.to_review()
    page = bench.window.findings_page

    assert not page.picture.isVisibleTo(page)


def test_a_second_picture_of_the_same_is_told_and_kept(bench: WindowBench) -> None:
    bench.to_review()
    assert "the same as the picture before" not in bench.said()

    flow = bench.window.flow
    same = flow.image
    bench.window.findings_page.another.click()
    flow.capture(replace(same, sequence=same.sequence + 1))  # a new frame of the same field
    bench.until(lambda: len(flow.study.images) == 2 and flow.step is Step.REVIEW)

    assert "It shows the same as the picture before." in bench.said()
    assert bench.window.findings_page.picture.isVisibleTo(bench.window.findings_page)


@reads(error=a_failed_reading())
def test_an_image_that_was_not_analysed_says_why_and_that_it_is_saved(bench: WindowBench) -> None:
    bench.to_review()

    assert "Not analysed: " in bench.said()
    assert "did not answer in time" in bench.said()
    assert "The image is saved." in bench.said()
    assert "Nothing found" not in bench.said()


def test_an_analysis_that_went_off_says_so_and_a_person_starts_it_again(bench: WindowBench) -> None:
    bench.detector.is_off = True
    bench.to_review()
    page = bench.window.findings_page

    assert "Not analysed: The analysis is off" in bench.said()
    assert "The image is saved. Start the analysis again." in bench.said()
    assert bench.window.header.detector.text() == "Analysis off"
    assert "Nothing found" not in bench.said()
    assert page.again.text() == "Start again"

    page.again.click()

    bench.until(lambda: "Found: " in bench.said())
    assert bench.window.header.detector.text() == "Blood cells: CPU, int8"
    assert page.again.text() == "Read again"


def test_only_a_person_starts_the_analysis_again_and_no_new_picture_does(
    bench: WindowBench,
) -> None:
    bench.detector.is_off = True
    bench.to_review()
    bench.window.flow.go(Step.CAPTURE)
    bench.until(bench.window.footer.primary.isEnabled)
    bench.window.footer.primary.click()
    bench.until(lambda: len(bench.window.flow.study.readings) == 2)

    assert bench.detector.is_off
    assert bench.detector.n_read == 0
    assert "Not analysed: The analysis is off" in bench.said()


@reads()
def test_no_finding_names_what_was_looked_for_and_never_says_normal(bench: WindowBench) -> None:
    bench.to_review()

    wanted = "Nothing found that this detector looks for: white cell, red cell, platelet."
    assert wanted in bench.said()
    assert "normal" not in bench.said().lower()


def test_scores_are_words_from_the_rule_in_point(bench: WindowBench) -> None:
    bench.to_review()

    words = [line.words.text() for line in bench.window.findings_page.list.lines]
    assert words == ["1  red cell, likely", "2  red cell, possible", "3  white cell, likely"]


def test_signing_is_refused_while_a_finding_is_unreviewed(bench: WindowBench) -> None:
    bench.to_review()
    bench.window.findings_page.judge_class("red-cell", Verdict.ACCEPTED)
    bench.window.footer.primary.click()
    bench.window.sign_page.signer.setText("B. Signer")
    bench.until(lambda: bench.window.flow.is_settled)

    bench.until(lambda: "Findings that are not reviewed: 1." in bench.said())
    assert not bench.window.footer.primary.isEnabled()
    bench.window.flow.judge([2], Verdict.REJECTED)
    bench.until(bench.window.footer.primary.isEnabled)


def test_a_rejected_finding_is_not_among_what_is_accepted(bench: WindowBench) -> None:
    bench.to_review()
    page = bench.window.findings_page
    page.list.lines[0].reject.click()
    page.classes.lines["white-cell"].accept.click()
    bench.window.flow.go(Step.SIGN)

    assert "Accepted: white cell 1\nRejected: red cell 1" in bench.said()


def test_accept_and_reject_are_equally_large_and_reach_the_store(bench: WindowBench) -> None:
    bench.to_review()
    line = bench.window.findings_page.list.lines[1]
    assert line.accept.size() == line.reject.size()

    line.accept.click()

    bench.until(lambda: bench.window.flow.is_settled)
    (kept,) = bench.store.kept.values()
    assert kept.findings[1].verdict is Verdict.ACCEPTED


def test_undo_takes_back_all_of_a_class(bench: WindowBench) -> None:
    bench.to_review()
    page = bench.window.findings_page
    page.classes.lines["red-cell"].reject.click()
    assert [r.verdict for r in page.rows].count(Verdict.REJECTED) == 2

    bench.qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    assert {r.verdict for r in page.rows} == {Verdict.UNREVIEWED}


def test_h_hides_the_findings_while_it_is_held(bench: WindowBench) -> None:
    bench.to_review()
    page = bench.window.findings_page
    bench.qtbot.keyPress(page.list.lines[0].words, Qt.Key.Key_H)
    assert page.view.are_marks_hidden

    bench.qtbot.keyRelease(page.list.lines[0].words, Qt.Key.Key_H)

    assert not page.view.are_marks_hidden


def test_a_hidden_class_is_neither_drawn_nor_listed(bench: WindowBench) -> None:
    bench.to_review()
    page = bench.window.findings_page
    page.classes.lines["red-cell"].toggle.click()

    assert [m.number for m in page.view.marks] == [3]
    assert [line.isVisible() for line in page.list.lines] == [True, False, False]


def test_arrows_and_tab_go_through_the_findings(bench: WindowBench) -> None:
    bench.to_review()
    page = bench.window.findings_page
    page.view.setFocus()
    bench.qtbot.keyClick(page.view, Qt.Key.Key_Down)
    assert page.selected == 0
    bench.qtbot.keyClick(page.view, Qt.Key.Key_Tab)
    assert page.selected == 1
    bench.qtbot.keyClick(page.view, Qt.Key.Key_Up)
    assert page.selected == 0


def test_touching_a_box_selects_its_finding(bench: WindowBench) -> None:
    bench.to_review()
    page = bench.window.findings_page
    x, y = page.view.viewport.to_view(50, 30)

    bench.qtbot.mouseClick(page.view, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))

    assert page.selected == 2
    assert "score 0.80" in bench.said()


def test_the_wheel_zooms_at_the_pointer(bench: WindowBench) -> None:
    bench.to_review()
    view = bench.window.findings_page.view
    pointer, is_inverted = QPointF(300, 200), False
    before = view.viewport.to_image(pointer.x(), pointer.y())
    scale = view.viewport.scale

    view.wheelEvent(
        QWheelEvent(
            pointer,
            pointer,
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            is_inverted,
        )
    )

    assert view.viewport.scale == pytest.approx(scale * 1.25)
    assert view.viewport.to_image(pointer.x(), pointer.y()) == pytest.approx(before)


def test_signing_writes_the_report_and_says_where_it_is(bench: WindowBench) -> None:
    bench.to_signed()

    bench.until(lambda: "The report is kept with the study, encrypted." in bench.said())
    assert [study.signature.signed_by for study in bench.outbox.sent] == ["B. Signer"]


def test_a_report_that_could_not_be_written_is_said_and_written_by_a_touch(
    bench: WindowBench,
) -> None:
    bench.outbox.problem = Problem.FULL
    bench.to_review()
    bench.window.flow.judge(range(3), Verdict.ACCEPTED)
    bench.window.flow.go(Step.SIGN)
    bench.window.sign_page.signer.setText("B. Signer")
    bench.until(bench.window.footer.primary.isEnabled)
    bench.window.footer.primary.click()
    bench.until(lambda: "OUT-003" in bench.said())

    assert bench.window.flow.is_signed
    assert "The report is not written yet." in bench.said()
    assert bench.window.footer.primary.text() == "Next patient"
    bench.outbox.problem = Problem.NONE
    bench.window.sign_page.rewrite.click()
    bench.until(lambda: "The report is kept with the study, encrypted." in bench.said())
    assert not bench.window.sign_page.rewrite.isVisible()


@pytest.mark.parametrize("who", ["clin.officer"])
def test_whoever_is_in_signs_without_typing_a_name(bench: WindowBench, who: str) -> None:
    for _ in range(2):
        bench.to_review()
        bench.window.flow.judge(range(len(bench.window.flow.study.findings)), Verdict.ACCEPTED)
        bench.window.footer.primary.click()
        bench.until(lambda: bench.window.flow.step is Step.SIGN)
        bench.until(bench.window.footer.primary.isEnabled)
        bench.window.footer.primary.click()
        bench.until(lambda: bench.window.flow.is_signed)
        assert bench.window.flow.study.signature.signed_by == who
        bench.until(lambda: bench.window.footer.primary.text() == "Next patient")
        bench.window.footer.primary.click()


@pytest.mark.parametrize("printers", [("Office",), ("Office", "Ward 2")])
def test_a_signed_report_is_printed_by_a_touch_and_it_is_said_where_it_stands(
    bench: WindowBench, printers: tuple[str, ...]
) -> None:
    panel = bench.window.sign_page.print
    assert not panel.isVisible()
    bench.to_signed()
    bench.until(panel.isVisible)
    bench.outbox.problem = Problem.PRINTER_AWAY
    panel.buttons[-1].click()

    bench.until(lambda: f"Not printed by {printers[-1]} yet." in bench.said())
    assert "OUT-011" in bench.said()
    assert not panel.buttons[0].isEnabled()
    bench.outbox.problem = Problem.NONE
    bench.outbox.let_wait_pass()
    bench.window.flow.outbox.work()
    bench.until(lambda: f"Printed by {printers[-1]}." in bench.said())
    assert panel.buttons[0].isEnabled()


def test_an_unnamed_patient_cannot_be_signed_for(bench: WindowBench) -> None:
    bench.window.patient_page.later.click()
    bench.until(bench.window.footer.primary.isEnabled)
    bench.window.footer.primary.click()
    bench.until(lambda: bench.window.flow.step is Step.REVIEW)
    bench.window.flow.judge(range(3), Verdict.ACCEPTED)
    bench.window.flow.go(Step.SIGN)
    bench.window.sign_page.signer.setText("B. Signer")
    bench.until(lambda: bench.window.flow.is_settled)

    bench.until(lambda: "The patient is not named" in bench.said())
    assert not bench.window.footer.primary.isEnabled()


def test_next_patient_forgets_the_former(bench: WindowBench) -> None:
    bench.to_signed()
    bench.window.footer.primary.click()

    assert bench.window.flow.step is Step.PATIENT
    every_word = "\n".join(
        w.text()
        for w in bench.window.findChildren(QWidget)
        if hasattr(w, "text") and callable(w.text)
    )
    assert "Amina" not in every_word
    assert "P-1" not in every_word
    assert "B. Signer" not in every_word
    pages = (bench.window.capture_page, bench.window.read_page, bench.window.findings_page)
    assert [page.view.image for page in pages] == [None, None, None]


def test_late_reading_of_the_previous_patient_is_dropped(bench: WindowBench) -> None:
    bench.to_capture()
    bench.detector.answering.clear()
    bench.window.footer.primary.click()
    bench.until(lambda: bench.window.flow.is_saved)
    bench.window.flow.next_patient()
    bench.to_capture("P-2", "Brian Test")
    bench.detector.answering.set()
    bench.until(lambda: bench.detector.n_read == 1)
    bench.qtbot.wait(100)

    assert bench.window.flow.step is Step.CAPTURE
    assert not bench.window.sheet.isVisible()
    assert bench.window.flow.study.findings == ()
    assert "Brian Test" in bench.said()


def test_an_exception_in_a_slot_shows_a_sheet_and_the_window_lives(
    bench: WindowBench, caplog: pytest.LogCaptureFixture
) -> None:
    hooks = ExceptionHooks()
    hooks.caught.connect(bench.window.show_error)
    hooks.install()
    try:
        bench.window.footer.acted.connect(lambda: 1 // 0)
        bench.window.footer.acted.emit()
    finally:
        hooks.remove()

    assert "EDGE-999" in bench.said()
    bench.window.sheet.close_button.click()
    assert "EDGE-999" not in bench.said()
    bench.to_capture()


def test_a_full_disk_is_told_in_a_sheet_with_its_code(bench: WindowBench) -> None:
    bench.to_capture()
    bench.store.is_full = True
    bench.window.footer.primary.click()

    bench.until(lambda: "STO-001" in bench.said())
    assert "Everything that was shown as saved before is safe." in bench.said()
    assert "Saved" not in bench.said().replace("STO-001", "")
    bench.qtbot.keyClick(bench.window.capture_page, Qt.Key.Key_Space)
    assert len(bench.window.sheet.waiting) == 1


def test_every_control_has_an_accessible_name(bench: WindowBench) -> None:
    bench.to_review()
    bench.window.flow.go(Step.CAPTURE)
    bench.until(lambda: bench.window.capture_page.controls.sliders)

    kinds = (QAbstractButton, QLineEdit, QAbstractSlider, QComboBox)
    controls = [
        w
        for kind in kinds
        for w in bench.window.findChildren(kind)
        if not isinstance(w, QScrollBar)
    ]
    assert len(controls) > 30
    assert [w for w in controls if not w.accessibleName()] == []


def test_the_primary_action_is_large_and_never_moves(bench: WindowBench) -> None:
    places = []
    bench.to_review()
    for step in (Step.PATIENT, Step.CAPTURE, Step.REVIEW, Step.SIGN):
        bench.window.flow.go(step)
        QApplication.processEvents()
        primary = bench.window.footer.primary
        places.append(primary.mapTo(bench.window, primary.rect().bottomRight()))
        assert primary.height() >= 64

    assert len({(p.x(), p.y()) for p in places}) == 1


def test_the_banner_stays_on_every_page(bench: WindowBench) -> None:
    banner = "Research and training use only. Not for diagnosis."
    assert banner in bench.said()
    bench.to_review()

    assert banner in bench.said()


def test_high_contrast_keeps_the_study_and_its_verdicts(bench: WindowBench) -> None:
    bench.to_review()
    bench.window.findings_page.judge_class("red-cell", Verdict.ACCEPTED)
    bench.window.header.look.click()
    bench.window.look_page.themes[HIGH_CONTRAST.name].click()
    bench.window.footer.primary.click()

    assert bench.window.look.palette is HIGH_CONTRAST
    assert bench.window.flow.step is Step.REVIEW
    bench.until(lambda: "2  red cell" in bench.said())
    assert "1  red cell, accepted" in bench.said()


def test_a_signed_study_takes_no_more_verdicts(bench: WindowBench) -> None:
    bench.to_signed()
    bench.window.flow.go(Step.REVIEW)

    page = bench.window.findings_page
    assert not page.list.lines[0].reject.isEnabled()
    bench.qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert {r.verdict for r in page.rows} == {Verdict.ACCEPTED}


def test_holding_the_picture_hides_the_findings_until_it_is_let_go(bench: WindowBench) -> None:
    bench.to_review()
    view = bench.window.findings_page.view
    bench.qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    bench.until(lambda: view.are_marks_hidden)

    bench.qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))

    assert not view.are_marks_hidden


def test_selecting_a_finding_leaves_the_others_drawn(bench: WindowBench) -> None:
    bench.to_review()
    page = bench.window.findings_page
    page.list.lines[2].words.click()

    assert (page.view.selected, len(page.view.marks)) == (2, 3)
    page.list.lines[2].words.click()
    assert page.view.selected is None
