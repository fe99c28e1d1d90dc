"""A button of the column of tools: an icon, a short word beneath it, and the key that does it."""

from PyQt6.QtCore import QEvent, QRectF, Qt
from PyQt6.QtGui import QKeySequence, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QToolButton

from edge_app.ui import tokens as t
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.tokens import Palette

_MARGIN_PX = 6.0
_BORDERS_PX = 6


class ToolButton(QToolButton):
    """Shows its key in the corner; it is as wide as its word.

    Args:
        word: Beneath the icon.
        says: What it does, in full.
        key: What does the same.
    """

    def __init__(
        self, word: str, says: str, icon: Icon, key: QKeySequence, palette: Palette
    ) -> None:
        super().__init__()
        self._word, self._says, self._key = word, says, key
        self.setIcon(icon_of(icon, palette.text, palette.disabled))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.say(word)

    @property
    def key(self) -> QKeySequence:
        """What does the same as a touch."""
        return self._key

    def say(self, word: str) -> None:
        """Show another word beneath the icon."""
        self._word = word
        named = self._key.toString(QKeySequence.SequenceFormat.NativeText)
        self.setAccessibleName(self._says)
        self.setToolTip(self.tr("{0} (key {1})").format(self._says, named))
        self._fit()

    def _fit(self) -> None:
        self.setText(self._word)
        metrics = self.fontMetrics()
        usual = t.TOOL_LETTERS * self.fontInfo().pixelSize()
        wide = round(max(usual, metrics.horizontalAdvance(self._word) + 2 * _BORDERS_PX))
        high = self.iconSize().height() + metrics.height() + _BORDERS_PX
        self.setFixedSize(wide, max(high, super().sizeHint().height()))

    def changeEvent(self, a0: QEvent | None) -> None:
        """Make room for the word again where a style sheet has changed its size."""
        super().changeEvent(a0)
        if a0 and a0.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the button, and its key in the corner."""
        super().paintEvent(a0)
        painter = QPainter(self)
        painter.setOpacity(0.75 if self.isEnabled() else 0.4)
        corner = QRectF(self.rect()).adjusted(_MARGIN_PX, 2, -_MARGIN_PX, 0)
        named = self._key.toString(QKeySequence.SequenceFormat.NativeText)
        painter.setPen(self.palette().buttonText().color())
        flags = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignTrailing
        if self._key.count() == 1 and len(named) == 1:
            painter.drawText(corner, int(flags), named)
        painter.end()
