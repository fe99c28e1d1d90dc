"""Keys for a PIN, which is never shown: only how many digits there are."""

from functools import partial

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from edge_app.ui import tokens as t
from edge_app.ui.page import label

_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", "erase")
_COLUMNS = 3
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
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("PIN"))
        keys = QWidget()
        keys.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # as on a telephone, everywhere
        grid = QGridLayout(keys)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(t.SPACE_2)
        self.keys: dict[str, QPushButton] = {}
        for place, name in enumerate(_KEYS):
            if name:
                grid.addWidget(self._key(name), *divmod(place, _COLUMNS))
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.addWidget(self.shown)
        lines.addWidget(keys)
        self._show()

    def _key(self, name: str) -> QPushButton:
        words = self.tr("Erase") if name == "erase" else name
        key = QPushButton(words)
        key.setAccessibleName(words)
        key.setMinimumHeight(t.PRIMARY_PX)
        key.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        key.clicked.connect(partial(self.type, name))
        self.keys[name] = key
        return key

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Take digits, Backspace and Enter from a keyboard too."""
        typed = a0.text() if a0 else ""
        if a0 and a0.key() == Qt.Key.Key_Backspace:
            self.type("erase")
        elif a0 and a0.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif typed in self.keys:
            self.type(typed)
        else:
            super().keyPressEvent(a0)

    def type(self, name: str) -> None:
        """Type one key, by its name."""
        if name == "erase":
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
        self.shown.setAccessibleName(self.tr("{0} digits").format(len(self.pin)))
