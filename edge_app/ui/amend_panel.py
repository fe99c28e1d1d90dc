"""Opening a signed study again: the reason first, in one touch or in a person's own words."""

from functools import partial

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from edge_app.ui import tokens as t
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.page import label
from edge_app.ui.tokens import Palette


class AmendPanel(QWidget):
    """A button that unfolds into reasons; `wanted` carries the one that was chosen."""

    wanted = pyqtSignal(str)

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self.begin = FittingButton(self.tr("Amend this study"))
        self.begin.setAccessibleName(self.begin.text())
        self.begin.setIcon(icon_of(Icon.PEN, palette.text, palette.disabled))
        self.begin.clicked.connect(partial(self.unfold, is_open=True))
        self.ask = label(self.tr("Why? What was signed stays as it is."), "large")
        reasons = (
            self.tr("It is of another patient"),
            self.tr("A finding was judged wrongly"),
            self.tr("A picture is missing or wrong"),
        )
        self.reasons = [self._reason(words) for words in reasons]
        self.words = QLineEdit()
        self.words.setAccessibleName(self.tr("Another reason"))
        self.words.returnPressed.connect(self._typed)
        self.leave = FittingButton(self.tr("Leave it as it is"))
        self.leave.setAccessibleName(self.leave.text())
        self.leave.clicked.connect(partial(self.unfold, is_open=False))
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(t.SPACE_2)
        other = label(self.tr("Another reason"))
        self._open = (self.ask, *self.reasons, other, self.words, self.leave)
        for widget in (self.begin, *self._open):
            lines.addWidget(widget)
        self.unfold(is_open=False)

    def _reason(self, words: str) -> FittingButton:
        made = FittingButton(words)
        made.setAccessibleName(words)
        made.clicked.connect(partial(self._chosen, words))
        return made

    def _chosen(self, words: str) -> None:
        self.unfold(is_open=False)
        self.wanted.emit(words)

    def _typed(self) -> None:
        if words := self.words.text().strip():
            self._chosen(words)

    def unfold(self, *, is_open: bool) -> None:
        """Show the reasons, or only the button that leads to them."""
        self.begin.setVisible(not is_open)
        for widget in self._open:
            widget.setVisible(is_open)
        self.words.clear()
