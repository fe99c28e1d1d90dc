"""A button whose words always stay within it."""

import re

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import QIcon, QResizeEvent
from PyQt6.QtWidgets import QPushButton, QSizePolicy

from edge_app.ui import tokens as t

_LONGEST_WORD = 20
_BREAK = re.compile(r"(.*)[,\u060c] (.*)", re.DOTALL)  # the second is the Arabic comma


class FittingButton(QPushButton):
    """Breaks "name, state" before the state where a line is too short, others between words.

    It grows by as many lines as the words need. A word that is longer than the button ends in dots.
    Words that have lines of their own keep them.
    """

    def __init__(self, words: str = "") -> None:
        super().__init__()
        self._words = self._tip = ""
        self.setText(words)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """Return the words, whole."""
        return self._words

    def setText(self, words: str | None) -> None:
        """Show the words, on as many lines as they need."""
        self._words = words or ""
        self._fit()
        self.updateGeometry()

    def setToolTip(self, a0: str | None) -> None:
        """Have this told besides; without it, words that are shortened are told whole."""
        self._tip = a0 or ""
        self._fit()

    def sizeHint(self) -> QSize:
        """Return the room for the words on their own lines."""
        height = super().sizeHint().height()
        metrics = self.fontMetrics()
        widest = max(metrics.horizontalAdvance(line) for line in self._words.split("\n"))
        return QSize(self._beside() + widest + 1, height)  # letters are parts of a pixel wide

    def minimumSizeHint(self) -> QSize:
        """Return room for the longest word, if that is not very long."""
        metrics = self.fontMetrics()
        widest = max(metrics.horizontalAdvance(word) for word in re.split(r"\s", self._words))
        most = metrics.averageCharWidth() * _LONGEST_WORD
        return QSize(self._beside() + min(widest, most) + 1, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the words to the new width."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, e: QEvent | None) -> None:
        """Fit the words again where a style sheet has changed their size."""
        super().changeEvent(e)
        if e and e.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def setIcon(self, icon: QIcon) -> None:
        """Show an icon before the words, which may leave them less room."""
        super().setIcon(icon)
        self._fit()

    def _beside(self) -> int:
        icon = 0 if self.icon().isNull() else self.iconSize().width() + t.SPACE_2
        return icon + 2 * (t.SPACE_3 + t.RING_PX)

    def _fit(self) -> None:
        room = self.width() - self._beside()
        metrics = self.fontMetrics()
        lines = self._words.split("\n")
        if max(map(metrics.horizontalAdvance, lines)) >= room:  # letters are parts of a pixel wide
            found = _BREAK.fullmatch(self._words)
            parts = found.groups() if found and len(lines) == 1 else lines
            lines = [line for part in parts for line in self._broken(part, room)]
        shown = [metrics.elidedText(x, Qt.TextElideMode.ElideRight, room) for x in lines]
        super().setToolTip(self._tip or (self._words if shown != lines else ""))
        super().setText("\n".join(shown))
        self.setMinimumHeight(self.sizeHint().height())  # the sheet's own is for one line

    def _broken(self, words: str, room: int) -> list[str]:
        """Return lines of as many words as fit; a word has a line of its own where it does not."""
        lines: list[str] = []
        for word in words.split(" "):
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.fontMetrics().horizontalAdvance(longer) < room:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines
