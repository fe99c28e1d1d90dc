"""A window made of fakes, and ways to wait for what it promises."""

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from edge_app.domain.outbox import JobState
from edge_app.domain.study import Verdict
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.study_flow import Step
from tests.fakes import FakeClock, FakeDetector, FakeOutbox, FakeScanner, FakeStore


def is_reported(window: KioskWindow) -> bool:
    """Return whether the study is signed and the report of that version was written."""
    study = window.flow.study
    job = window.flow.outbox.report_of(study) if study and study.signature else None
    return job is not None and (job.version, job.state) == (study.version, JobState.SENT)


@dataclass
class WindowBench:
    """The window and the fakes behind it."""

    window: KioskWindow
    qtbot: QtBot
    clock: FakeClock
    scanner: FakeScanner
    detector: FakeDetector
    store: FakeStore
    outbox: FakeOutbox

    def until(self, claim: Callable[[], object]) -> None:
        def check() -> None:
            assert claim()

        self.qtbot.waitUntil(check, timeout=5000)

    def to_capture(self, identifier: str = "P-1", name: str = "Amina Test") -> None:
        self.window.patient_page.identifier.setText(identifier)
        self.window.patient_page.name.setText(name)
        self.window.footer.primary.click()
        self.until(lambda: self.window.flow.step is Step.CAPTURE and self.window.feed.picture())
        self.until(self.window.footer.primary.isEnabled)

    def to_review(self) -> None:
        self.to_capture()
        self.window.footer.primary.click()
        self.until(lambda: self.window.flow.step is Step.REVIEW)

    def to_signed(self) -> None:
        self.to_review()
        self.window.flow.judge(range(len(self.window.flow.study.findings)), Verdict.ACCEPTED)
        self.window.flow.go(Step.SIGN)
        self.window.sign_page.signer.setText("B. Signer")
        self.until(self.window.footer.primary.isEnabled)
        self.window.footer.primary.click()
        self.until(lambda: is_reported(self.window))

    def said(self) -> str:
        """Return every word that is on the screen."""
        shown = [w for w in self.window.findChildren(QWidget) if w.isVisible()]
        return "\n".join(w.text() for w in shown if isinstance(w, QLabel | QAbstractButton))
