"""One step back, the path, and the primary action: at the same place on every page."""

from functools import partial

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QWidget

from edge_app.ui import tokens as t
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.in_words import number_words
from edge_app.ui.page import Primary
from edge_app.ui.study_flow import Step, StudyFlow
from edge_app.ui.tokens import Palette

_PRIMARY_PX = 236
_BACK_FROM = {
    Step.CAPTURE: Step.PATIENT,
    Step.READ: Step.CAPTURE,
    Step.REVIEW: Step.CAPTURE,
    Step.SIGN: Step.REVIEW,
}


class Footer(QFrame):
    """Shows where the study is; what leads nowhere is disabled.

    Where one line is too short for all words, the path has a line of its own.
    """

    acted = pyqtSignal()

    def __init__(self, flow: StudyFlow, palette: Palette) -> None:
        super().__init__()
        self.setObjectName("footer")
        self._flow, self._colours = flow, palette
        self.back = FittingButton(self.tr("Back"))
        self.back.setAccessibleName(self.tr("Back"))
        self.back.setIcon(icon_of(Icon.BACK, palette.text, palette.disabled))
        self.back.clicked.connect(self._go_back)
        self.primary: QPushButton = FittingButton()
        self.primary.setObjectName("primary")
        self.primary.clicked.connect(self.acted)
        self.steps = {step: self._step(step) for step in Step}
        self._path = QWidget()
        row = QHBoxLayout(self._path)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(t.SPACE_2)
        for button in self.steps.values():
            row.addWidget(button)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(t.SPACE_4, t.SPACE_2, t.SPACE_4, t.SPACE_2)
        self._grid.setSpacing(t.SPACE_2)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(2, _PRIMARY_PX)
        self._grid.setRowMinimumHeight(1, t.FOOTER_PX - 2 * t.SPACE_2)
        self._grid.addWidget(self.back, 1, 0)
        self._grid.addWidget(self.primary, 1, 2)
        self._place_path()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Give the path a line of its own where it needs one."""
        super().resizeEvent(a0)
        self._place_path()

    def _place_path(self) -> None:
        asked = [x.sizeHint().width() for x in (self.back, self._path, self.primary)]
        room = self.width() - 2 * (t.SPACE_4 + t.SPACE_2)
        if asked[0] + asked[1] + max(asked[2], _PRIMARY_PX) <= room:
            self._grid.addWidget(self._path, 1, 1, Qt.AlignmentFlag.AlignHCenter)
        else:
            self._grid.addWidget(self._path, 0, 0, 1, 3)

    def _step(self, step: Step) -> QPushButton:
        names = {
            Step.PATIENT: self.tr("Patient"),
            Step.CAPTURE: self.tr("Capture"),
            Step.READ: self.tr("Read"),
            Step.REVIEW: self.tr("Review"),
            Step.SIGN: self.tr("Sign"),
        }
        number = tuple(Step).index(step) + 1
        button = FittingButton(f"{number_words(number)}  {names[step]}")
        button.setObjectName("step")
        button.setCheckable(True)
        button.setAccessibleName(self.tr("Step {0}: {1}").format(number_words(number), names[step]))
        button.clicked.connect(partial(self._touched, step))
        return button

    def _touched(self, step: Step) -> None:
        self._flow.go(step)
        self._show_steps()

    def _go_back(self) -> None:
        self._flow.go(_BACK_FROM[self._flow.step])

    def refresh(self, primary: Primary, *, is_aside: bool = False) -> None:
        """Show the place on the path and the next step; `is_aside` where a page is off the path."""
        self._show_steps()
        before = _BACK_FROM.get(self._flow.step)
        self.back.setEnabled(before is not None and self._flow.can_go(before) and not is_aside)
        for button in self.steps.values():
            button.setEnabled(button.isEnabled() and not is_aside)
        if self.primary.text() != primary.words:
            self.primary.setText(primary.words)
            self.primary.setAccessibleName(primary.words)
            icon = icon_of(primary.icon, self._colours.on_accent, self._colours.disabled)
            self.primary.setIcon(icon)
            self._place_path()
        self.primary.setEnabled(primary.is_enabled)

    def _show_steps(self) -> None:
        for step, button in self.steps.items():
            is_here = step is self._flow.step
            button.setChecked(is_here)
            button.setEnabled(is_here or self._flow.can_go(step))
