"""How many touches a study costs: counted on the real window, with everything real behind it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QWidget

from edge_app.domain.reading import Outcome
from edge_app.domain.study import StudyState
from edge_app.ui import tokens as t
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.study_flow import Step
from tests.peers.cups import print_server
from tests.ui.screenshots import real_window, turn, wait
from tests.ui.window_bench import is_reported

MOST_A_STUDY, MOST_A_RETAKE = 12, 2


@dataclass
class Finger:
    """Touches what can be seen and touched, and counts."""

    window: KioskWindow
    touched: list[str] = field(default_factory=list)

    def __call__(self, widget: QWidget) -> None:
        wait(lambda: widget.isVisible() and widget.isEnabled())
        assert min(widget.width(), widget.height()) >= t.TOUCH_PX, widget.accessibleName()
        corner = widget.mapTo(self.window, widget.rect().center())
        assert self.window.rect().contains(corner), widget.accessibleName()
        self.touched.append(widget.accessibleName())
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def spent(self, work: Callable[[], None]) -> int:
        """Return how many touches `work` costs."""
        before = len(self.touched)
        work()
        return len(self.touched) - before


@pytest.fixture
def kiosk(qtbot, tmp_path):
    with print_server(tmp_path / "cups") as server:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "printers.toml").write_text(
            f'[[printer]]\nname = "Office"\nuri = "{server.peer.uri}"\n'
        )
        with real_window(tmp_path / "data") as window:
            yield window, server


def scanned(window: KioskWindow) -> None:
    """Do what a bar-code scanner does: it types, and ends with Enter."""
    QTest.keyClicks(window.patient_page.identifier, "DEMO-001")
    QTest.keyClick(window.patient_page.identifier, Qt.Key.Key_Return)
    wait(lambda: window.flow.step is Step.CAPTURE and window.feed.picture())


def test_a_first_study_is_captured_reviewed_signed_and_printed_in_twelve_touches_and_no_typing(
    kiosk,
):
    window, server = kiosk
    finger = Finger(window)

    def study() -> None:
        scanned(window)
        turn(window, stage_x=0.1024)
        finger(window.footer.primary)
        wait(lambda: window.flow.step is Step.REVIEW and window.flow.reading)
        assert window.flow.reading.outcome is Outcome.FINDING
        for line in window.findings_page.classes.lines.values():
            if line.accept.isEnabled():
                finger(line.accept)
        finger(window.footer.primary)
        wait(lambda: window.flow.step is Step.SIGN)
        finger(window.footer.primary)
        wait(lambda: is_reported(window))
        finger(window.sign_page.print.buttons[0])
        wait(lambda: server.printed)

    spent = finger.spent(study)
    print(f"\n{spent} touches: {', '.join(finger.touched)}")  # noqa: T201
    saved = window.flow.parts.store.study(window.flow.study.study_id)
    assert saved.state is StudyState.SIGNED
    assert server.printed[0].startswith(b"%PDF-")
    assert spent <= MOST_A_STUDY


def test_a_retake_costs_two_touches(kiosk):
    window, _ = kiosk
    finger = Finger(window)
    scanned(window)
    turn(window, stage_x=0.1024)
    finger(window.footer.primary)
    wait(lambda: window.flow.step is Step.REVIEW and window.flow.reading)

    def retake() -> None:
        finger(window.findings_page.retake)
        wait(lambda: window.flow.step is Step.CAPTURE and window.feed.picture())
        finger(window.footer.primary)
        wait(lambda: window.flow.step is Step.REVIEW and window.flow.reading)

    assert finger.spent(retake) <= MOST_A_RETAKE
    assert len(window.flow.study.images) == 1
