"""Keys for a PIN, which is never shown: only how many digits there are."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from edge_app.ui import tokens as t
from edge_app.ui.digit_keys import ENTER, ERASE, DigitKeys
from edge_app.ui.in_words import counted
from edge_app.ui.page import label

_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", ERASE)
_MOST = 8
_DOT = "\u25cf"


class PinPad(QWidget):
    """Large keys as on a telephone; a keyboard's digits work too."""

    changed = pyqtSignal()
    entered = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.pin = ""
        self.shown = label("", "value")
        self.shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setObjectName("pad")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("PIN"))
        self._keys = DigitKeys(_KEYS, t.PRIMARY_PX)
        self._keys.pressed.connect(self.type)
        self.keys = self._keys.keys
        for key in self.keys.values():
            key.setObjectName("pin")
        self.keys[ERASE].setText(self.tr("Erase"))
        self.keys[ERASE].setAccessibleName(self.tr("Erase"))
        lines = QVBoxLayout(self)
        around = 2 * t.RING_PX
        lines.setContentsMargins(around, around, around, around)
        lines.addWidget(self.shown)
        lines.addWidget(self._keys)
        self._show()

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Take digits, Backspace and Enter from a keyboard too."""
        name = self._keys.name_of(a0) if a0 else ""
        if name == ENTER:
            self.entered.emit()
        elif name:
            self.type(name)
        else:
            super().keyPressEvent(a0)

    def type(self, name: str) -> None:
        """Type one key, by its name."""
        if name == ERASE:
            self.pin = self.pin[:-1]
        elif len(self.pin) < _MOST:
            self.pin += name
        self._show()
        self.changed.emit()

    def clear(self) -> None:
        """Forget what was typed."""
        self.pin = ""
        self._show()

    def _show(self) -> None:
        self.shown.setText(_DOT * len(self.pin) or " ")
        self.shown.setAccessibleName(counted("{0} digit", "{0} digits", len(self.pin)))
