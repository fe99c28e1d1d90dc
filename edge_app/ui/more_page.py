"""The way to what is not part of a study: what waits, figures, service, settings, about."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from edge_app.ui import tokens as t
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.page import Page, Primary, centred, clear_margins, label
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.tokens import Palette


class MorePage(Page):
    """One large button a page; what whoever is in may not use is disabled."""

    left = pyqtSignal()
    wanted = pyqtSignal(object)

    def __init__(self, flow: StudyFlow, palette: Palette) -> None:
        super().__init__(flow, palette)
        column = QWidget()
        self._lines = QVBoxLayout(column)
        self._lines.setSpacing(t.SPACE_3)
        self._lines.addStretch(1)
        self._lines.addWidget(label(self.tr("More"), "title"))
        self._lines.addStretch(2)
        around = QVBoxLayout(self)
        clear_margins(around)
        around.addWidget(centred(column, t.COLUMN_PX))

    def offer(self, page: Page, words: str, icon: Icon, *, may: bool = True) -> QPushButton:
        """Add the way to one page, and return its button."""
        made = FittingButton(words)
        made.setAccessibleName(words)
        made.setObjectName("study")
        made.setIcon(icon_of(icon, self.colours.text, self.colours.disabled))
        made.setEnabled(may)
        made.clicked.connect(lambda: self.wanted.emit(page))
        self._lines.insertWidget(self._lines.count() - 1, made)
        return made

    def primary(self) -> Primary:
        """Back to the work."""
        return Primary(self.tr("Done"), Icon.ACCEPT, is_enabled=True)

    def act(self) -> None:
        """Leave the page."""
        self.left.emit()

    def refresh(self) -> None:
        """Do nothing: the ways are always the same."""
