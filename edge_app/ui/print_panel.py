"""The report on paper: a button for each printer of the site, and where the last one stands."""

from collections.abc import Sequence
from functools import partial

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from edge_app.domain.outbox import Job
from edge_app.ui import tokens as t
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.outbox_words import print_words
from edge_app.ui.page import label
from edge_app.ui.tokens import Palette


class PrintPanel(QWidget):
    """`wanted` carries the name of the printer that was chosen."""

    wanted = pyqtSignal(str)

    def __init__(self, printers: Sequence[str], palette: Palette) -> None:
        super().__init__()
        self.words = label("", "said")
        only = self.tr("Print the report") if len(printers) == 1 else ""
        self.buttons = [
            self._button(only or self.tr("Print by {0}").format(name), name, palette)
            for name in printers
        ]
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(t.SPACE_2)
        for widget in (*self.buttons, self.words):
            lines.addWidget(widget)

    def _button(self, words: str, printer: str, palette: Palette) -> QPushButton:
        made = FittingButton(words)
        made.setAccessibleName(words)
        made.setIcon(icon_of(Icon.PRINTER, palette.text, palette.disabled))
        made.clicked.connect(partial(self.wanted.emit, printer))
        return made

    def show_job(self, job: Job | None) -> None:
        """Say where the newest print stands; nothing where none was asked for."""
        self.words.setText(print_words(job) if job else "")
        self.words.setVisible(job is not None)
        for button in self.buttons:
            button.setEnabled(job is None or not job.is_open)
