"""A button whose words always stay within it."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QPushButton, QSizePolicy

from edge_app.ui import tokens as t

_FEW_LETTERS = 8
_BREAK = ", "


class FittingButton(QPushButton):
    """Breaks "name, state" before the state where a line is too short, then ends it in dots."""

    def __init__(self) -> None:
        super().__init__()
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """Return the words, whole and on one line."""
        return self._words

    def setText(self, words: str | None) -> None:
        """Show the words, on two lines where they need it."""
        self._words = words or ""
        self._fit()

    def sizeHint(self) -> QSize:
        """Return the room for the words on one line."""
        height = super().sizeHint().height()
        return QSize(self._beside() + self.fontMetrics().horizontalAdvance(self._words), height)

    def minimumSizeHint(self) -> QSize:
        """Return little room: the words give way before a control beside them does."""
        few = self.fontMetrics().averageCharWidth() * _FEW_LETTERS
        return QSize(self._beside() + few, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the words to the new width."""
        super().resizeEvent(event)
        self._fit()

    def _beside(self) -> int:
        return self.iconSize().width() + 2 * t.SPACE_3 + t.SPACE_2

    def _fit(self) -> None:
        room = self.width() - self._beside()
        metrics = self.fontMetrics()
        lines = [self._words]
        if metrics.horizontalAdvance(self._words) > room and _BREAK in self._words:
            name, _, state = self._words.rpartition(_BREAK)
            lines = [name, state]
        shown = [metrics.elidedText(x, Qt.TextElideMode.ElideRight, room) for x in lines]
        self.setToolTip(self._words if shown != lines else "")
        super().setText("\n".join(shown))
