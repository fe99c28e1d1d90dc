"""Catches what nobody caught, in slots and in threads, so that the window lives on."""

import logging
import sys
import threading
from types import TracebackType

from PyQt6.QtCore import QObject, pyqtSignal

_LOG = logging.getLogger(__name__)


class ExceptionHooks(QObject):
    """Sends every uncaught exception to the window's thread; PyQt6 would abort the process."""

    caught = pyqtSignal(object)

    def install(self) -> None:
        """Take the place of the present hooks."""
        self._former, self._former_threads = sys.excepthook, threading.excepthook
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_in_thread

    def remove(self) -> None:
        """Put the former hooks back."""
        sys.excepthook, threading.excepthook = self._former, self._former_threads

    def _uncaught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if not issubclass(kind, Exception):
            self._former(kind, error, trace)
            return
        _LOG.error("uncaught exception", exc_info=(kind, error, trace))
        self.caught.emit(error)

    def _uncaught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._uncaught(args.exc_type, args.exc_value, args.exc_traceback)
