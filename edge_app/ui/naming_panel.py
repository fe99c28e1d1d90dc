"""Asks what a finding is: one touch on a label of the detector's, or other words."""

from collections.abc import Sequence
from functools import partial

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from edge_app.domain.study import Called
from edge_app.ui import tokens as t
from edge_app.ui.class_style import glyph_icon, style_of
from edge_app.ui.finding_rows import label_words
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.page import label
from edge_app.ui.tokens import Palette
from edge_app.workflow.review import MOST_LETTERS, other


class NamingPanel(QWidget):
    """Built anew for each asking, so that nothing stays of what was typed.

    Attributes:
        labels: The buttons, by the label that each gives.
        other: Where words of one's own are typed.
        keep: What takes those words.
    """

    named = pyqtSignal(Called)
    left = pyqtSignal()

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._colours = palette
        self.title = label("", "large")
        self.said = label("", "said")
        self.labels: dict[str, QPushButton] = {}
        self.other = QLineEdit()
        self.other.setMaxLength(MOST_LETTERS)
        self.other.setAccessibleName(self.tr("What it is, in your words"))
        self.other.textChanged.connect(self._show)
        self.other.returnPressed.connect(self._keep_words)
        self.keep = self._button(self.tr("Keep under these words"), Icon.ACCEPT)
        self.keep.clicked.connect(self._keep_words)
        self.leave = self._button(self.tr("Leave it"), Icon.BACK)
        self.leave.clicked.connect(self.left)
        self._is_ready = False
        self._lay_out()

    def _button(self, words: str, icon: Icon) -> QPushButton:
        made = FittingButton(words)
        made.setAccessibleName(words)
        made.setIcon(icon_of(icon, self._colours.text, self._colours.disabled))
        return made

    def _lay_out(self) -> None:
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(t.SPACE_3)
        lines.addWidget(self.title)
        lines.addWidget(self.said)
        self._column = QVBoxLayout()
        self._column.setSpacing(t.SPACE_2)
        for widget in (label(self.tr("Something else")), self.other, self.keep):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        lines.addLayout(self._column, 1)
        lines.addWidget(self.leave)

    def ask(self, title: str, labels: Sequence[str]) -> None:
        """Ask for one of these labels, or other words."""
        self.forget()
        self.title.setText(title)
        for place, name in enumerate(labels):
            button = FittingButton(label_words(name))
            button.setAccessibleName(button.text())
            button.setObjectName("row")
            button.setIcon(glyph_icon(style_of(name, labels)))
            button.clicked.connect(partial(self.named.emit, Called(name)))
            self._column.insertWidget(place, button)
            self.labels[name] = button
        self._show()

    def say(self, words: str, *, is_ready: bool) -> None:
        """Say what is to be done first, and take a label only when that is done."""
        self.said.setText(words)
        self.said.setVisible(bool(words))
        self._is_ready = is_ready
        self._show()

    def _show(self) -> None:
        for widget in (*self.labels.values(), self.other):
            widget.setEnabled(self._is_ready)
        self.keep.setEnabled(self._is_ready and other(self.other.text()) is not None)

    def _keep_words(self) -> None:
        called = other(self.other.text())
        if called and self._is_ready:
            self.named.emit(called)

    def forget(self) -> None:
        """Keep nothing of what was asked or typed."""
        for button in self.labels.values():
            button.setParent(None)
            button.deleteLater()
        self.labels.clear()
        self.other.clear()
        self.title.clear()
        self.said.clear()
