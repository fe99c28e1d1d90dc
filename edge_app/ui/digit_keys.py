"""Large keys for digits, as on a telephone; those of a keyboard are the same keys."""

from collections.abc import Sequence
from functools import partial

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QGridLayout, QPushButton, QWidget

from edge_app.ui import tokens as t

ERASE, ENTER = "erase", "enter"
_COLUMNS = 3


class DigitKeys(QWidget):
    """Keys by their names, "1" or `ERASE`, row by row; an empty name leaves a gap."""

    pressed = pyqtSignal(str)

    def __init__(self, names: Sequence[str], height_px: int) -> None:
        super().__init__()
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # everywhere
        self.keys: dict[str, QPushButton] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(t.SPACE_2)
        for place, name in enumerate(names):
            if name:
                grid.addWidget(self._key(name, height_px), *divmod(place, _COLUMNS))

    def _key(self, name: str, height_px: int) -> QPushButton:
        key = QPushButton(name)
        key.setAccessibleName(name)
        key.setMinimumHeight(height_px)
        key.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        key.clicked.connect(partial(self.pressed.emit, name))
        self.keys[name] = key
        return key

    def name_of(self, event: QKeyEvent) -> str:
        """Return which key was pressed on a keyboard, `ENTER` too; nothing where it is none."""
        if event.key() == Qt.Key.Key_Backspace:
            return ERASE
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return ENTER
        typed = event.text().replace(",", ".")
        return typed if typed in self.keys else ""
