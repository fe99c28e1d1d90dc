"""Starts the window; the exception hooks stand before anything can be touched."""

import sys

from PyQt6.QtWidgets import QApplication

from edge_app.ui.exception_hooks import ExceptionHooks
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.parts import KioskParts

__all__ = ["KioskParts", "run_kiosk"]


def run_kiosk(parts: KioskParts) -> int:
    """Show the window until it is closed; return the exit status."""
    application = QApplication(sys.argv[:1])
    application.setStyle("Fusion")
    hooks = ExceptionHooks()
    hooks.install()
    try:
        window = KioskWindow(parts)
        hooks.caught.connect(window.show_error)
        window.show()
        return application.exec()
    finally:
        hooks.remove()
