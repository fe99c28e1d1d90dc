"""What the preview says in words, and which line stands for which class."""

from collections import Counter
from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from edge_app.domain.quality import instruction_for
from edge_app.ui import tokens as t
from edge_app.ui.class_style import glyph_icon, line_pixmap, style_of
from edge_app.ui.finding_rows import label_words
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.in_words import in_words, number_words
from edge_app.ui.instructions import instruction, wrong_words
from edge_app.ui.overlay import LiveMark
from edge_app.ui.page import label
from edge_app.ui.tokens import Palette
from edge_app.ui.words import experimental_words
from edge_app.workflow.live_reading import LiveState, LiveView

_LINE_PX = 44


class LivePanel(QWidget):
    """The switch "Live marks", what the preview says, and a line a class with its number."""

    turned = pyqtSignal(bool)

    def __init__(
        self, labels: Sequence[str], palette: Palette, *, is_experimental: bool = False
    ) -> None:
        super().__init__()
        self._is_experimental = is_experimental
        self._labels = tuple(labels)
        self._shown: tuple[object, ...] = ()
        self.switch = FittingButton(self.tr("Live marks"))
        self.switch.setCheckable(True)
        self.switch.setIcon(icon_of(Icon.EYE, palette.text, palette.disabled))
        self.switch.setAccessibleName(self.tr("Live marks"))
        self.switch.toggled.connect(self.turned)
        self.words = label("")
        self.numbers = {name: QLabel() for name in self._labels}
        self._legend = QWidget()
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(t.SPACE_2)
        for widget in (self.switch, self.words, self._legend):
            lines.addWidget(widget)
        rows = QVBoxLayout(self._legend)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(t.SPACE_1)
        for name in self._labels:
            rows.addLayout(self._row(name))
        self.say(None)

    def _row(self, name: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(t.SPACE_2)
        line, shape = QLabel(), QLabel()
        style = style_of(name, self._labels)
        line.setPixmap(line_pixmap(style, _LINE_PX))
        shape.setPixmap(glyph_icon(style).pixmap(20, 20))
        row.addWidget(shape)
        row.addWidget(line)
        row.addWidget(self.numbers[name], 1)
        return row

    def say(self, view: LiveView | None) -> None:
        """Say what the preview can say now; None where it is off."""
        counts = Counter(track.label for track in view.tracks) if view else Counter[str]()
        now = (view and (view.state, view.reason, view.issue), tuple(sorted(counts.items())))
        if now == self._shown:
            return
        self._shown = now
        self.words.setVisible(view is not None)
        said = self._words(view) if view else ""
        self.words.setText(f"{experimental_words()} {said}" if self._is_experimental else said)
        self._legend.setVisible(view is not None and view.state is LiveState.MARKED)
        for name, number in self.numbers.items():
            number.setText(f"{label_words(name)}  {number_words(counts[name])}")

    def _words(self, view: LiveView) -> str:
        if view.state is LiveState.CANNOT_SAY and view.issue:
            do = view.instruction or instruction_for(view.issue)
            said = self.tr("Preview: the detector cannot say. {0} {1}")
            return said.format(wrong_words(view.issue), instruction(do))
        return {
            LiveState.MARKED: self.tr("Preview, not a reading."),
            LiveState.NOTHING_MARKED: self.tr(
                "Preview, not a reading. Nothing marked of what this detector looks for."
            ),
            LiveState.CANNOT_SAY: self.tr("Preview: the detector cannot say. {0}"),
            LiveState.NOT_ANALYSED: self.tr("Preview: not analysed. {0}"),
            LiveState.WAITING: self.tr("Preview: the detector is looking."),
            LiveState.LATE: self.tr("Preview: the marks came too late and were taken off."),
            LiveState.MOVED: self.tr("Preview: the picture moves. Hold still for marks."),
        }[view.state].format(in_words(view.reason))


def marks_of(view: LiveView, labels: Sequence[str]) -> list[LiveMark]:
    """Return the tracks of a view as they are drawn."""
    return [LiveMark(style_of(x.label, labels), x.box, x.missed > 0) for x in view.tracks]
