"""Keeps from the window what a kiosk has no use for: chords, menus, and what was copied."""

from PyQt6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QShortcut
from PyQt6.QtWidgets import QApplication, QLineEdit

_CHORD = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_KEYS = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride)
_CLICKS = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease)
_COPIES = (
    QKeySequence.StandardKey.Copy,
    QKeySequence.StandardKey.Cut,
    QKeySequence.StandardKey.Paste,
)
_PLAIN = frozenset(
    {
        Qt.Key.Key_Menu,
        Qt.Key.Key_Print,
        Qt.Key.Key_Help,
        Qt.Key.Key_Super_L,
        Qt.Key.Key_Super_R,
        Qt.Key.Key_Meta,
        *(Qt.Key(key) for key in range(Qt.Key.Key_F1.value, Qt.Key.Key_F35.value + 1)),
    }
)


class KeyGuard(QObject):
    """Sees every event of the application, for as long as it lives.

    What passes: plain keys, letters that are typed with AltGr, and the commands that the active
    window itself has. Nothing is copied, cut or pasted, and nothing has a menu of its own.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        application = QCoreApplication.instance()
        if application:
            application.installEventFilter(self)

    def eventFilter(self, a0: QObject | None, a1: QEvent | None) -> bool:
        """Keep what is not wanted."""
        if a1 is None:
            return False
        kind = a1.type()
        if kind == QEvent.Type.ContextMenu:
            return True
        if kind in _CLICKS and isinstance(a1, QMouseEvent):
            return self._pastes(a0, a1)
        if kind in _KEYS and isinstance(a1, QKeyEvent):
            return self._is_kept(a1)
        return False

    @staticmethod
    def _pastes(receiver: QObject | None, click: QMouseEvent) -> bool:
        """Return whether it is the middle button over a field, which types what was marked last."""
        return isinstance(receiver, QLineEdit) and click.button() is Qt.MouseButton.MiddleButton

    def _is_kept(self, key: QKeyEvent) -> bool:
        if any(key.matches(each) for each in _COPIES):
            return True
        is_chord = bool(key.modifiers() & _CHORD) or Qt.Key(key.key()) in _PLAIN
        return is_chord and not _is_typed(key) and not _is_command(key)


def _is_typed(key: QKeyEvent) -> bool:
    """Return whether it is a letter by AltGr, which some systems tell as Ctrl and Alt."""
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    return key.modifiers() & both == both and bool(key.text()) and key.text().isprintable()


def _is_command(key: QKeyEvent) -> bool:
    window = QApplication.activeWindow()
    pressed = QKeySequence(key.keyCombination())
    commands = window.findChildren(QShortcut) if window else []
    exact = QKeySequence.SequenceMatch.ExactMatch
    return any(c.isEnabled() and c.key().matches(pressed) == exact for c in commands)
