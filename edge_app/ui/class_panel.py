"""One line a class: how many, show or hide, accept all, reject all."""

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from edge_app.domain.study import Verdict
from edge_app.ui import tokens as t
from edge_app.ui.class_style import glyph_icon, style_of
from edge_app.ui.finding_rows import LabelCount, label_words
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.in_words import number_words
from edge_app.ui.tokens import Palette


class ClassLine(QWidget):
    """The findings of one class, together."""

    toggled = pyqtSignal(str, bool)
    judged = pyqtSignal(str, Verdict)

    def __init__(self, label: str, labels: Sequence[str], palette: Palette) -> None:
        super().__init__()
        self.label = label
        name = label_words(label)
        self.toggle = FittingButton()
        self.toggle.setObjectName("flat")
        self.toggle.setCheckable(True)
        self.toggle.setChecked(True)
        self.toggle.setIcon(glyph_icon(style_of(label, labels)))
        self.toggle.setAccessibleName(self.tr("Show {0}").format(name))
        self.toggle.toggled.connect(self._toggled)
        self.accept = self._all(palette, Icon.ACCEPT, Verdict.ACCEPTED)
        self.accept.setAccessibleName(self.tr("Accept all {0}").format(name))
        self.reject = self._all(palette, Icon.REJECT, Verdict.REJECTED)
        self.reject.setAccessibleName(self.tr("Reject all {0}").format(name))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(t.SPACE_2)
        row.addWidget(self.toggle, 1)
        row.addWidget(self.accept)
        row.addWidget(self.reject)

    def _all(self, palette: Palette, icon: Icon, verdict: Verdict) -> QPushButton:
        button = FittingButton(self.tr("All"))
        button.setObjectName("all")
        button.setIcon(icon_of(icon, palette.text, palette.disabled))
        button.clicked.connect(lambda: self.judged.emit(self.label, verdict))
        return button

    def _toggled(self, shown: bool) -> None:  # noqa: FBT001  a slot
        self.toggled.emit(self.label, shown)

    def show_count(self, count: LabelCount, *, is_locked: bool) -> None:
        """Show how many there are and how many wait."""
        name = label_words(count.label)
        words = f"{number_words(count.found)}  {name}"
        if not self.toggle.isChecked():
            words = self.tr("{0}  {1}, hidden").format(number_words(count.found), name)
        elif count.drawn:
            words = self.tr("{0}  {1}, {2} drawn").format(
                number_words(count.found), name, number_words(count.drawn)
            )
        if self.toggle.isChecked() and count.waiting:
            words = self.tr("{0}  {1}, {2} open").format(
                number_words(count.found), name, number_words(count.waiting)
            )
        self.toggle.setText(words)
        for button in (self.accept, self.reject):
            button.setEnabled(bool(count.found) and not is_locked)


class ClassPanel(QWidget):
    """All classes that the detector looks for."""

    toggled = pyqtSignal(str, bool)
    judged = pyqtSignal(str, Verdict)

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._colours = palette
        self.lines: dict[str, ClassLine] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(t.SPACE_1)

    def show_counts(
        self, counts: Sequence[LabelCount], labels: Sequence[str], *, is_locked: bool
    ) -> None:
        """Show a line for each class."""
        for count in counts:
            if count.label not in self.lines:
                line = ClassLine(count.label, labels, self._colours)
                line.toggled.connect(self.toggled)
                line.judged.connect(self.judged)
                self._column.addWidget(line)
                self.lines[count.label] = line
            self.lines[count.label].show_count(count, is_locked=is_locked)

    def show_all(self) -> None:
        """Hide no class."""
        for line in self.lines.values():
            line.toggle.setChecked(True)
