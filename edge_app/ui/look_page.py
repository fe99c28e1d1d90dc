"""How the window looks: colours, size of letters, size of what is touched."""

from collections.abc import Callable
from dataclasses import replace

from PyQt6.QtCore import QLocale, pyqtSignal
from PyQt6.QtWidgets import QBoxLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from edge_app.ui import tokens as t
from edge_app.ui.icons import Icon
from edge_app.ui.in_words import number_words
from edge_app.ui.look import PERCENTS, Look
from edge_app.ui.page import Page, Primary, centred, clear_margins, label
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.tokens import DARK, HIGH_CONTRAST, LIGHT


class LookPage(Page):
    """Each touch shows at once; `chosen` carries it."""

    left = pyqtSignal()
    chosen = pyqtSignal(Look)

    def __init__(self, flow: StudyFlow, look: Look) -> None:
        super().__init__(flow, look.palette)
        self._look = look
        names = {
            DARK: self.tr("Dark"),
            LIGHT: self.tr("Light"),
            HIGH_CONTRAST: self.tr("High contrast"),
        }
        self.themes = {
            palette.name: self._choice(words, replace(look, palette=palette))
            for palette, words in names.items()
        }
        sign = QLocale().percent()
        self.sizes = {
            percent: self._choice(f"{number_words(percent)} {sign}", replace(look, percent=percent))
            for percent in PERCENTS
        }
        self.hands = {
            is_gloved: self._choice(words, replace(look, is_gloved=is_gloved))
            for is_gloved, words in ((False, self.tr("Bare")), (True, self.tr("In gloves")))
        }
        self._lay_out()

    def _choice(self, words: str, look: Look) -> QPushButton:
        made = self.button(words)
        made.setCheckable(True)
        made.setChecked(look == self._look)
        made.clicked.connect(self._chooses(made, look))
        return made

    def _chooses(self, button: QPushButton, look: Look) -> Callable[[], None]:
        def choose() -> None:
            button.setChecked(look == self._look)  # what is shown stays so until it is built anew
            if look != self._look:
                self.chosen.emit(look)

        return choose

    def _lay_out(self) -> None:
        column = QWidget()
        lines = QVBoxLayout(column)
        lines.setSpacing(t.SPACE_2)
        lines.addStretch(1)
        lines.addWidget(label(self.tr("Display"), "title"))
        for words, buttons in (
            (self.tr("Colours"), self.themes.values()),
            (self.tr("Size of letters"), self.sizes.values()),
            (self.tr("Hands"), self.hands.values()),
        ):
            lines.addSpacing(t.SPACE_4)
            lines.addWidget(label(words))
            row: QBoxLayout = QHBoxLayout()
            row.setSpacing(t.SPACE_2)
            for button in buttons:
                row.addWidget(button, 1)
            lines.addLayout(row)
        lines.addSpacing(t.SPACE_4)
        lines.addWidget(
            label(self.tr("This machine keeps it, for everybody who works at it."), "muted")
        )
        lines.addStretch(2)
        around = QVBoxLayout(self)
        clear_margins(around)
        around.addWidget(centred(column, t.COLUMN_PX))

    def primary(self) -> Primary:
        """Back to the work."""
        return Primary(self.tr("Done"), Icon.ACCEPT, is_enabled=True)

    def act(self) -> None:
        """Leave the page."""
        self.left.emit()

    def refresh(self) -> None:
        """Do nothing: a choice builds the page anew."""
