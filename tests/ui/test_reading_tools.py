"""The tools of the page of findings: drawing what was missed, other labels, undo."""

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from edge_app.domain.error import NotAllowedError
from edge_app.domain.geometry import Box
from edge_app.domain.reading import Outcome
from edge_app.domain.study import OTHER, Called, Verdict
from edge_app.languages.catalogue import catalogue
from edge_app.ui import tokens
from edge_app.ui.look import USUAL
from edge_app.ui.reading_view import ReadingView, Tool
from edge_app.ui.study_flow import Step
from edge_app.ui.theme import style_sheet
from edge_app.ui.tokens import DARK
from edge_app.ui.tool_column import Boxes, ToolColumn
from tests.fakes import FakeDetector, a_detection
from tests.ui.tongues import spoken
from tests.ui.window_bench import WindowBench

CELLS = [
    a_detection("red-cell", 0.9, Box(2, 2, 12, 12)),
    a_detection("platelet", 0.5, Box(20, 2, 30, 12)),
]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def detector(request: pytest.FixtureRequest) -> FakeDetector:
    return FakeDetector(getattr(request, "param", CELLS))


@pytest.fixture
def who() -> str:
    return "Amina"


def at(bench: WindowBench, x: float, y: float) -> QPoint:
    view = bench.window.findings_page.view
    return QPointF(*view.viewport.to_view(x, y)).toPoint()


def touch(bench: WindowBench, x: float, y: float) -> None:
    bench.qtbot.mouseClick(bench.window.findings_page.view, LEFT, pos=at(bench, x, y))


def draw(bench: WindowBench, label: str = "platelet") -> None:
    page = bench.window.findings_page
    page.tools.draw.click()
    touch(bench, 30, 30)
    touch(bench, 44, 40)
    page.side.naming.labels[label].click()
    bench.until(lambda: bench.window.flow.is_settled)


def test_two_touches_and_a_label_draw_what_was_missed(bench: WindowBench) -> None:
    bench.to_review()
    draw(bench)

    (kept,) = bench.store.kept.values()
    (drawn,) = kept.drawn
    assert (drawn.called, drawn.verdict, drawn.drawn_by) == (
        Called("platelet"), Verdict.ACCEPTED, "Amina",
    )  # fmt: skip
    sides = (drawn.box.x0, drawn.box.y0, drawn.box.x1, drawn.box.y1)
    assert sides == pytest.approx((30, 30, 44, 40), abs=0.2)
    assert len(kept.findings) == 2
    words = [line.words.text() for line in bench.window.findings_page.list.lines]
    assert words[2] == "3  platelet, drawn by a person"
    assert bench.window.findings_page.view.marks[2].is_drawn


@pytest.mark.parametrize("detector", [[]], indirect=True, ids=["nothing found"])
def test_a_person_draws_where_the_detector_found_nothing_and_both_are_said(
    bench: WindowBench,
) -> None:
    bench.to_review()
    draw(bench)
    assert bench.window.flow.reading.outcome is Outcome.NO_FINDING
    bench.window.flow.go(Step.SIGN)

    assert "Nothing found that this detector looks for" in bench.said()
    assert "Drawn by a person: platelet 1" in bench.said()


def test_a_drag_draws_the_box_too(bench: WindowBench) -> None:
    bench.to_review()
    page = bench.window.findings_page
    bench.qtbot.keyClick(page, Qt.Key.Key_D)
    bench.qtbot.mousePress(page.view, LEFT, pos=at(bench, 44, 40))
    bench.qtbot.mouseMove(page.view, at(bench, 38, 36))
    bench.qtbot.mouseMove(page.view, at(bench, 30, 30))
    bench.qtbot.mouseRelease(page.view, LEFT, pos=at(bench, 30, 30))

    box = page.view.box
    assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx((30, 30, 44, 40), abs=0.3)


def test_a_box_is_drawn_by_keys_alone(bench: WindowBench) -> None:
    bench.to_review()
    page = bench.window.findings_page
    bench.qtbot.keyClick(page, Qt.Key.Key_D)
    bench.qtbot.keyClick(page.view, Qt.Key.Key_Return)
    bench.qtbot.keyClick(page.view, Qt.Key.Key_Return)
    for _ in range(8):
        bench.qtbot.keyClick(page.view, Qt.Key.Key_Right)
        bench.qtbot.keyClick(page.view, Qt.Key.Key_Down)
    button = page.side.naming.labels["white-cell"]
    button.setFocus()
    bench.qtbot.keyClick(button, Qt.Key.Key_Space)
    bench.until(lambda: bench.window.flow.is_settled)

    (drawn,) = bench.window.flow.study.drawn
    assert (drawn.box.width, drawn.box.height) == (8.0, 8.0)
    assert page.selected is None  # the arrows moved the corner, not the choice


def test_words_of_ones_own_are_a_label_too(bench: WindowBench) -> None:
    bench.to_review()
    page = bench.window.findings_page
    page.tools.draw.click()
    touch(bench, 30, 30)
    assert not page.side.naming.other.isEnabled()
    touch(bench, 44, 40)
    bench.qtbot.keyClicks(page.side.naming.other, "a fold, made by 1 drop")
    page.side.naming.keep.click()

    assert bench.window.flow.study.drawn[0].called == Called(OTHER, "a fold, made by 1 drop")
    assert "a fold, made by 1 drop" in page.list.lines[2].words.text()


def test_a_box_that_is_begun_keeps_from_signing_until_it_is_named_or_left(
    bench: WindowBench,
) -> None:
    bench.to_review()
    page = bench.window.findings_page
    page.tools.draw.click()
    touch(bench, 30, 30)
    assert not bench.window.footer.primary.isEnabled()
    assert not any(b.isEnabled() for b in page.side.naming.labels.values())

    bench.qtbot.keyClick(page.view, Qt.Key.Key_Escape)

    assert bench.window.footer.primary.isEnabled()
    assert page.view.points == []
    assert bench.window.flow.study.drawn == ()


def test_another_label_is_kept_and_what_the_detector_said_stays_readable(
    bench: WindowBench,
) -> None:
    bench.to_review()
    page = bench.window.findings_page
    page.list.lines[0].words.click()
    page.rename.click()
    page.side.naming.labels["white-cell"].click()
    bench.until(lambda: bench.window.flow.is_settled)

    (kept,) = bench.store.kept.values()
    assert (kept.findings[0].label, kept.findings[0].detection.label) == ("white-cell", "red-cell")
    assert kept.findings[0].verdict is Verdict.ACCEPTED
    assert page.list.lines[0].words.text() == "1  white cell, accepted"
    assert "Number 1: white cell; the detector said red cell, score 0.90" in bench.said()


def test_every_step_is_undone_in_order_until_the_study_is_signed(bench: WindowBench) -> None:
    bench.to_review()
    page, flow = bench.window.findings_page, bench.window.flow
    begun = flow.study
    draw(bench)
    flow.reviewing.rename(0, Called("white-cell"))
    page.list.lines[1].reject.click()
    flow.read_by_eye()
    bench.until(lambda: flow.is_settled)
    for _ in range(4):
        assert page.tools.undo.isEnabled()
        page.tools.undo.click()
    bench.until(lambda: flow.is_settled)

    (kept,) = bench.store.kept.values()
    assert (kept.findings, kept.drawn, kept.read_by_eye) == (begun.findings, (), ())
    assert not page.tools.undo.isEnabled()
    assert bench.store.acts[-8:] == [
        "finding drawn", "label corrected", "judged rejected", "read by eye",
        "reading by eye undone", "verdict undone", "label undone", "drawing undone",
    ]  # fmt: skip


def test_nothing_is_undone_that_was_signed_not_even_in_an_amendment(bench: WindowBench) -> None:
    bench.to_review()
    flow = bench.window.flow
    draw(bench)
    flow.judge(range(2), Verdict.ACCEPTED)
    flow.go(Step.SIGN)
    bench.until(bench.window.footer.primary.isEnabled)
    bench.window.footer.primary.click()
    bench.until(lambda: flow.is_signed)
    assert not flow.can_undo
    bench.window.sign_page.amend.wanted.emit("The other hand.")
    bench.until(lambda: flow.step is Step.REVIEW)

    assert not flow.can_undo
    assert len(flow.study.drawn) == 1
    draw(bench)
    bench.window.sign_page.abandon.click()
    bench.until(lambda: flow.is_signed)
    bench.window.sign_page.amend.wanted.emit("Once more.")
    bench.until(lambda: flow.step is Step.REVIEW and not flow.is_signed)

    assert not flow.can_undo
    assert len(flow.study.drawn) == 1


def test_a_step_that_the_store_refused_leaves_nothing_to_undo(bench: WindowBench) -> None:
    bench.to_review()
    bench.store.is_full = True
    bench.window.findings_page.list.lines[0].reject.click()
    bench.until(bench.window.sheet.isVisible)

    assert not bench.window.flow.can_undo
    assert bench.window.flow.study.findings[0].verdict is Verdict.UNREVIEWED


def test_the_store_is_asked_whether_somebody_may_draw(bench: WindowBench, monkeypatch) -> None:
    bench.to_review()

    def refuse(*_: object) -> None:
        raise NotAllowedError("Amina may not review findings.", "Log in as a clinician.")

    monkeypatch.setattr(bench.store, "save", refuse)
    draw(bench)

    bench.until(bench.window.sheet.isVisible)
    assert bench.window.flow.study.drawn == ()
    assert not bench.window.flow.can_undo


def test_accepting_or_rejecting_a_class_leaves_what_a_person_drew(bench: WindowBench) -> None:
    bench.to_review()
    draw(bench)
    page = bench.window.findings_page
    page.classes.lines["platelet"].reject.click()

    verdicts = [r.verdict for r in page.rows if r.label == "platelet"]
    assert verdicts == [Verdict.REJECTED, Verdict.ACCEPTED]
    assert page.classes.lines["platelet"].toggle.text() == "1  platelet, 1 drawn"


def test_boxes_go_faint_then_away_and_the_picture_says_so(bench: WindowBench) -> None:
    bench.to_review()
    page = bench.window.findings_page
    bench.qtbot.keyClick(page, Qt.Key.Key_B)
    assert page.view.opacity == Boxes.FAINT.value
    bench.qtbot.keyClick(page, Qt.Key.Key_B)
    assert page.view.opacity == 0
    assert page.view.strip_note() == "Boxes are hidden"
    assert page.tools.hide_boxes.text() == "Hidden"

    bench.window.flow.go(Step.CAPTURE)
    bench.until(bench.window.footer.primary.isEnabled)
    bench.window.footer.primary.click()
    bench.until(lambda: len(bench.window.flow.study.images) == 2)
    bench.until(lambda: bench.window.flow.step is Step.REVIEW)

    assert page.view.opacity == 1.0


def test_nothing_of_a_drawing_stays_for_the_next_patient(bench: WindowBench) -> None:
    bench.to_review()
    page = bench.window.findings_page
    page.tools.draw.click()
    touch(bench, 30, 30)
    touch(bench, 44, 40)
    page.side.naming.other.setText("Amina's fold")
    bench.window.flow.next_patient()

    assert page.side.in_use is Tool.LOOK
    assert page.side.naming.other.text() == ""
    assert page.view.points == []


def test_each_tool_is_large_enough_named_and_tells_its_key(bench: WindowBench) -> None:
    bench.to_review()
    page = bench.window.findings_page

    assert len(page.tools.buttons) == 11
    for button in page.tools.buttons:
        assert min(button.width(), button.height()) >= tokens.TOUCH_PX
        assert button.accessibleName()
        assert "key" in button.toolTip()
    page.tools.draw.click()
    touch(bench, 30, 30)
    touch(bench, 44, 40)
    for button in page.side.naming.findChildren(QAbstractButton):
        assert button.height() >= tokens.TOUCH_PX
        assert button.accessibleName()


@pytest.mark.parametrize("code", ["en", "fr", "es", "pt", "sw", "ar"])  # Hindi needs its font
def test_no_word_of_a_tool_is_shortened(qtbot: QtBot, code: str) -> None:
    with spoken(catalogue(code)):
        view = ReadingView(DARK)
        column = ToolColumn(view, DARK)
        column.setStyleSheet(style_sheet(USUAL))
        for widget in (view, column):
            qtbot.addWidget(widget)
            widget.show()
        for _ in Boxes:
            column.hide_boxes.click()

            assert [b.text() for b in column.buttons if "\u2026" in b.text()] == []
