"""The real kiosk with a study that is open: says its id, then goes on until it is asked to end.

Run as `python -m tests.faults.kiosk_child FOLDER`.
"""

import sys
from pathlib import Path

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from edge_app.cli import demo_window
from edge_app.settings import settings_from
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.study_flow import Step


class _Person:
    """Touches what a person would, until a picture is in the study."""

    def __init__(self) -> None:
        self._timer = QTimer()
        self._timer.timeout.connect(self.act)
        self._has_captured = False
        self._has_said = False

    def begin(self) -> None:
        self._timer.start(50)

    def act(self) -> None:
        shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, KioskWindow)]
        if not shown or not shown[0].isVisible():
            return
        window, flow = shown[0], shown[0].flow
        if flow.step is Step.PATIENT and not window.patient_page.identifier.text():
            window.patient_page.identifier.setText("MRN-7731")
            window.patient_page.name.setText("Test^Amina")
            window.footer.primary.click()
        elif flow.step is Step.CAPTURE and window.feed.picture() and not self._has_captured:
            if window.footer.primary.isEnabled():
                self._has_captured = True
                window.footer.primary.click()
        elif flow.study and flow.study.images and not self._has_said:
            self._has_said = True
            sys.stdout.write(f"open {flow.study.study_id}\n")
            sys.stdout.flush()


def main() -> None:
    """Show the kiosk, and begin a study."""
    folder = Path(sys.argv[1])
    person = _Person()
    begin = QApplication.exec

    def execute() -> int:
        person.begin()
        return begin()

    QApplication.exec = staticmethod(execute)
    sys.exit(demo_window.show_demo(settings_from(folder)))


if __name__ == "__main__":
    main()
