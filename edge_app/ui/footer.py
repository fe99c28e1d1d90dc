"""One step back, the path, and the primary action: at the same place on every page."""

from functools import partial

from PyQt6.QtCore import QSize, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from edge_app.ui import tokens as t
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.in_words import number_words
from edge_app.ui.page import Primary
from edge_app.ui.study_flow import Step, StudyFlow
from edge_app.ui.tokens import Palette

_STEP_PX = 120
_ICON_PX = 24
_BACK_FROM = {
    Step.CAPTURE: Step.PATIENT,
    Step.READ: Step.CAPTURE,
    Step.REVIEW: Step.CAPTURE,
    Step.SIGN: Step.REVIEW,
}


class Footer(QFrame):
    """Shows where the study is; what leads nowhere is disabled."""

    acted = pyqtSignal()

    def __init__(self, flow: StudyFlow, palette: Palette) -> None:
        super().__init__()
        self.setObjectName("footer")
        self.setFixedHeight(t.FOOTER_PX)
        self._flow, self._colours = flow, palette
        self.back = QPushButton(self.tr("Back"))
        self.back.setAccessibleName(self.tr("Back"))
        self.back.setIcon(icon_of(Icon.BACK, palette.text, palette.disabled))
        self.back.clicked.connect(self._go_back)
        self.primary = QPushButton()
        self.primary.setObjectName("primary")
        self.primary.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self.primary.clicked.connect(self.acted)
        self.steps = {step: self._step(step) for step in Step}
        row = QHBoxLayout(self)
        row.setContentsMargins(t.SPACE_4, t.SPACE_2, t.SPACE_4, t.SPACE_2)
        row.setSpacing(t.SPACE_2)
        row.addWidget(self.back)
        row.addStretch(1)
        for button in self.steps.values():
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.primary)

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
        button.setMinimumWidth(_STEP_PX)
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
        self.primary.setEnabled(primary.is_enabled)

    def _show_steps(self) -> None:
        for step, button in self.steps.items():
            is_here = step is self._flow.step
            button.setChecked(is_here)
            button.setEnabled(is_here or self._flow.can_go(step))
