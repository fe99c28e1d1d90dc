"""A reader that types like a keyboard: what it types is a badge, and goes into no field."""

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QLineEdit, QWidget

from edge_app.domain.badge import LENGTH, MARK, is_drawn, may_become_drawn

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_MOST = 256


class BadgeReader(QObject):
    """Sees the keys of one window before its fields do; nothing is told by how fast they come.

    A badge of this program is known by its mark and form; what is no badge after all is typed into
    the field. Another card is known by what the site's reader types before it, and ends with Enter.
    """

    read = pyqtSignal(str)

    def __init__(self, window: QWidget, prefix: str = "") -> None:
        super().__init__(window)
        self._window, self._prefix = window, prefix
        self._before = self._held = self._mark = ""
        self._ends = False
        window.winId()
        handle = window.windowHandle()
        if handle:
            handle.installEventFilter(self)

    def eventFilter(self, a0: QObject | None, a1: QEvent | None) -> bool:
        """Keep from the window what belongs to a badge."""
        if isinstance(a1, QKeyEvent) and self._mark and a1.type() == QEvent.Type.ShortcutOverride:
            a1.accept()  # no letter of a badge is a command
            return True
        if isinstance(a1, QKeyEvent) and a1.type() == QEvent.Type.KeyPress:
            return self._keeps(a1)
        return super().eventFilter(a0, a1)

    def _keeps(self, key: QKeyEvent) -> bool:
        is_enter, ended = key.key() in _ENTER, self._ends
        self._ends = False
        if is_enter:
            return self._is_over() or ended
        if not key.text():
            self._ends = ended  # Shift, as a reader presses it for capitals
            return False
        return self._goes_on(key.text()) if self._mark else self._begins(key.text())

    def _begins(self, typed: str) -> bool:
        self._before = (self._before + typed)[-_MOST:]
        if self._before.upper().endswith(MARK):
            self._mark = MARK
        elif self._prefix and self._before.endswith(self._prefix):
            self._mark = self._prefix
        return False

    def _goes_on(self, typed: str) -> bool:
        if self._mark != MARK:
            self._held = (self._held + typed)[-_MOST:]
            return True
        text = MARK + (self._held + typed).upper()
        if not may_become_drawn(text):
            self._give_back()
            return self._begins(typed)
        self._held += typed
        if len(text) == LENGTH:
            self._tell(text)
            self._ends = True  # the Enter after it is the reader's
        return True

    def _is_over(self) -> bool:
        """Take Enter; return whether it ended a card."""
        if self._mark and self._mark != MARK and self._held:
            drawn = self._held.upper()
            self._tell(drawn if is_drawn(drawn) else self._held)
            return True
        self._give_back()
        self._before = ""
        return False

    def _tell(self, text: str) -> None:
        field, length = self._window.focusWidget(), len(self._mark)
        if isinstance(field, QLineEdit):
            field.setText(field.text()[:-length])
        self._before = self._held = self._mark = ""
        self.read.emit(text)

    def _give_back(self) -> None:
        field = self._window.focusWidget()
        if self._mark == MARK and isinstance(field, QLineEdit):
            field.insert(self._held)
        self._before += self._held if self._mark == MARK else ""
        self._held = self._mark = ""
