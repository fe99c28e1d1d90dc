"""The findings of an image as touchable lines: choose, accept, reject."""

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from edge_app.domain.study import Verdict
from edge_app.ui import tokens as t
from edge_app.ui.class_style import glyph_icon, style_of
from edge_app.ui.finding_rows import FindingRow
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.in_words import listed, number_words
from edge_app.ui.scroll_column import ScrollColumn
from edge_app.ui.tokens import Palette
from edge_app.ui.words import called_words


class FindingLine(QWidget):
    """One finding; accept and reject are equally large and equally near."""

    chosen = pyqtSignal(int)
    judged = pyqtSignal(int, Verdict)

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._index = -1
        self.words = FittingButton()
        self.words.setObjectName("flat")
        self.words.setCheckable(True)
        self.words.clicked.connect(lambda: self.chosen.emit(self._index))
        self.accept = self._verdict(palette, Icon.ACCEPT, Verdict.ACCEPTED)
        self.reject = self._verdict(palette, Icon.REJECT, Verdict.REJECTED)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(t.SPACE_2)
        row.addWidget(self.words, 1)
        row.addWidget(self.accept)
        row.addWidget(self.reject)

    def _verdict(self, palette: Palette, icon: Icon, verdict: Verdict) -> QPushButton:
        button = QPushButton()
        button.setCheckable(True)
        button.setObjectName("verdict")
        button.setIcon(icon_of(icon, palette.text, palette.disabled))
        button.clicked.connect(lambda: self.judged.emit(self._index, verdict))
        return button

    def lock(self, *, is_locked: bool) -> None:
        """Take no more verdicts once the study is signed."""
        self.accept.setEnabled(not is_locked)
        self.reject.setEnabled(not is_locked)

    def show_row(self, row: FindingRow, labels: Sequence[str], selected: int | None) -> None:
        """Show another finding, or the same one with another verdict."""
        self._index = row.index
        sure = self.tr("likely") if row.is_likely else self.tr("possible")
        sure = self.tr("drawn by a person") if row.is_drawn else sure
        name = called_words(row.label, row.called)
        said = {Verdict.REJECTED: self.tr("rejected"), Verdict.ACCEPTED: self.tr("accepted")}
        if row.is_drawn:  # who says so matters more than that it is accepted, which the tick says
            del said[Verdict.ACCEPTED]
        self.words.setText(
            f"{number_words(row.number)}  {listed((name, said.get(row.verdict, sure)))}"
        )
        self.words.setIcon(glyph_icon(style_of(row.label, labels)))
        self.words.setChecked(row.index == selected)
        self.words.setAccessibleName(
            self.tr("Finding {0}: {1}, {2}").format(number_words(row.number), name, sure)
        )
        self.accept.setChecked(row.verdict is Verdict.ACCEPTED)
        self.reject.setChecked(row.verdict is Verdict.REJECTED)
        self.accept.setAccessibleName(
            self.tr("Accept finding {0}").format(number_words(row.number))
        )
        self.reject.setAccessibleName(
            self.tr("Reject finding {0}").format(number_words(row.number))
        )
        for button, key in ((self.accept, "1"), (self.reject, "2")):
            button.setToolTip(self.tr("{0} (key {1})").format(button.accessibleName(), key))


class FindingList(ScrollColumn):
    """As many lines as there are findings; lines are reused."""

    chosen = pyqtSignal(int)
    judged = pyqtSignal(int, Verdict)

    def __init__(self, palette: Palette) -> None:
        column = QWidget()
        super().__init__(column)
        self._colours = palette
        self.lines: list[FindingLine] = []
        self.setAccessibleName(self.tr("List of findings"))
        self._column = QVBoxLayout(column)
        self._column.setContentsMargins(0, 0, t.SPACE_2, 0)
        self._column.setSpacing(t.SPACE_1)
        self._column.addStretch(1)

    def show_rows(
        self, rows: Sequence[FindingRow], labels: Sequence[str], selected: int | None
    ) -> None:
        """Show these findings, with the selected one in sight."""
        while len(self.lines) < len(rows):
            line = FindingLine(self._colours)
            line.chosen.connect(self.chosen)
            line.judged.connect(self.judged)
            self._column.insertWidget(len(self.lines), line)
            self.lines.append(line)
        for line in self.lines[len(rows) :]:
            line.hide()
        for line, row in zip(self.lines, rows, strict=False):
            line.show_row(row, labels, selected)
            line.show()
            if row.index == selected:
                self.ensureWidgetVisible(line, 0, t.SPACE_2)

    def lock(self, *, is_locked: bool) -> None:
        """Take no more verdicts once the study is signed."""
        for line in self.lines:
            line.lock(is_locked=is_locked)
