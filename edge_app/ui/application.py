"""Starts the window; the exception hooks stand before anything can be touched."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtWidgets import QApplication

from edge_app.languages.choice import Tongue
from edge_app.ui.asked_to_end import AskedToEnd
from edge_app.ui.badge_reader import BadgeReader
from edge_app.ui.door import Door
from edge_app.ui.entrance import EntranceWindow
from edge_app.ui.exception_hooks import ExceptionHooks
from edge_app.ui.key_guard import KeyGuard
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.lanes import Lane
from edge_app.ui.look import USUAL, Look
from edge_app.ui.parts import KioskParts
from edge_app.ui.task_runner import TaskRunner
from edge_app.ui.translator import Speech

__all__ = ["Chosen", "KioskParts", "Sitting", "run_kiosk"]
Kiosk = Callable[[], AbstractContextManager[KioskParts]]


class Sitting(QObject):
    """Whoever is in has the kiosk; whoever is not has the way in, and sees nothing of a patient.

    Says `look_chosen` when somebody changed how the window looks.

    Attributes:
        entrance: The way in.
        window: The kiosk, while somebody is in or will come back.
    """

    look_chosen = pyqtSignal(Look)

    def __init__(
        self,
        door: Door,
        kiosk: Kiosk,
        hooks: ExceptionHooks,
        speech: Speech,
        look: Look = USUAL,
        *,
        is_in: bool,
    ) -> None:
        super().__init__()
        self._door, self._kiosk, self._hooks = door, kiosk, hooks
        self._open = ExitStack()
        self._look = look
        self._keys = KeyGuard(self)
        self._name = ""
        self._runner = TaskRunner(self._failed, self)
        self.window: KioskWindow | None = None
        self.entrance = EntranceWindow(door, self._runner, speech, look)
        self.entrance.language_chosen.connect(self._rebuild)
        self.entrance.entered.connect(self._come_in)
        self.entrance.pin_settled.connect(self._show)
        self.entrance.emergencies_seen.connect(self._before_work)
        if is_in:
            self._come_in("")
        else:
            self.entrance.show()

    def _come_in(self, name: str) -> None:
        if self.window and name == self._name:
            self.window.unlock()
            self._show()
            return
        self.leave()
        self._name = name
        self.entrance.setEnabled(False)
        stack = ExitStack()
        self._runner.submit(
            Lane.STORE,
            lambda: (stack, stack.enter_context(self._kiosk())),
            lambda opened: self._opened(*opened),
            self._failed,
        )

    def _opened(self, stack: ExitStack, parts: KioskParts) -> None:
        self._open = stack
        self.window = KioskWindow(parts, self._look)
        self.window.look_chosen.connect(self._wear)
        self._hooks.caught.connect(self.window.show_error)
        self.window.locked.connect(self._lock)
        BadgeReader(self.window).read.connect(self.window.lock)
        self.entrance.setEnabled(True)
        self._before_work()

    def _before_work(self) -> None:
        if self._door.emergencies():
            self.entrance.tell_emergencies()
            self.entrance.show()
        elif self._name and not self._door.has_pin:
            self.entrance.offer_pin()
        else:
            self._show()

    def _show(self) -> None:
        if self.window:
            self.window.show()
        self.entrance.hide()

    def _rebuild(self) -> None:
        if self.window:
            self.window.build(self.window.look)

    def _wear(self, look: Look) -> None:
        self._look = look
        self.entrance.wear(look)
        self.look_chosen.emit(look)

    def _lock(self) -> None:
        if self.window:
            self.entrance.greet()
            self.entrance.resize(self.window.size())
            self.entrance.show()
            self.window.hide()

    def _failed(self, error: Exception) -> None:
        self.entrance.setEnabled(True)
        self.entrance.show()
        self.entrance.say(error)

    def leave(self) -> None:
        """Close the kiosk of whoever was in; every study is on the disk."""
        window, self.window = self.window, None
        if window:
            window.close()
            window.deleteLater()
        self._open.close()
        self._open = ExitStack()

    def close(self) -> None:
        """End everything."""
        self.leave()
        self._runner.close()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody chose at this machine before, and what keeps the next choice."""

    tongue: Tongue
    keep_tongue: Callable[[Tongue], None]
    look: Look
    keep_look: Callable[[Look], None]


def run_kiosk(door: Door, kiosk: Kiosk, chosen: Chosen, *, is_in: bool = False) -> int:
    """Show the way in, then the kiosk, until it is closed; return the exit status.

    Args:
        door: How people get in.
        kiosk: Makes the parts for whoever is in; they are let go when the block is left.
        chosen: The language and the look to begin with.
        is_in: Whether somebody came in before, so that nobody is asked.
    """
    application = QApplication(sys.argv[:1])
    application.setStyle("Fusion")
    speech = Speech(chosen.tongue, chosen.keep_tongue)
    hooks = ExceptionHooks()
    hooks.install()
    try:
        sitting = Sitting(door, kiosk, hooks, speech, chosen.look, is_in=is_in)
        sitting.look_chosen.connect(chosen.keep_look)
        try:
            with AskedToEnd(application.quit):
                return application.exec()
        finally:
            sitting.close()
            QTimer.singleShot(0, application.quit)
    finally:
        hooks.remove()
        speech.close()
