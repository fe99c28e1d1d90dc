"""`python -m tests.ui.entrance_screenshots FOLDER`: an emergency, and badges, as pictures."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtWidgets import QApplication, QMainWindow

from edge_app.compose.demo import DEMO_NAME, demo_entrance
from edge_app.compose.door import KioskDoor
from edge_app.domain.badge import BadgeRead, NextStep
from edge_app.settings import Settings
from edge_app.storage.badges import new_badge_text
from edge_app.ui.application import Sitting
from edge_app.ui.exception_hooks import ExceptionHooks
from edge_app.ui.ways import Way
from tests.smears import PACKAGE
from tests.ui.screenshots import SIZES, to_capture, wait
from tests.ui.test_badge_reader import type_at
from tests.ui.tongues import in_english

Keep = Callable[[str, QMainWindow], None]


def emergency_pages(folder: Path, size: tuple[int, int], keep: Keep) -> None:
    """Break the glass, work, lock, and be told as the administrator."""
    settings = Settings(folder, PACKAGE.parent)
    entrance, who = demo_entrance(settings)
    with entrance.store(who) as store:
        code = store.new_emergency_code()
    door, speech = KioskDoor(settings, ("microscope:7",)), in_english()
    sitting = Sitting(door, door.kiosk, ExceptionHooks(), speech, is_in=False)
    sitting.entrance.resize(*size)
    break_the_glass(sitting, code, keep)
    sitting.window.resize(*size)
    to_capture(sitting.window)
    keep("emergency-kiosk", sitting.window)
    sitting.window.header.lock.click()
    read_badges(sitting, door, keep)
    be_told(sitting, (folder / "demo-passphrase.txt").read_text().strip(), keep)
    sitting.close()
    speech.close()


def break_the_glass(sitting: Sitting, code: str, keep: Keep) -> None:
    window = sitting.entrance
    keep("log-in", window)
    window.others[1].click()
    window.key.setText(code)
    window.name.setText("Chuma Adeyemi")
    window.reasons.button(0).click()
    keep("emergency", window)
    window.primary.click()
    wait(lambda: window.way is Way.NEW_PIN)
    window.others[0].click()
    wait(lambda: sitting.window and sitting.window.isVisible())


def read_badges(sitting: Sitting, door: KioskDoor, keep: Keep) -> None:
    """Read a badge that nobody knows, then one of whoever may log in."""
    window = sitting.entrance
    wait(window.isVisible)
    type_at(window, new_badge_text("Nobody"), enter=True)
    wait(lambda: "not known" in window.said.text())
    keep("badge-unknown", window)
    door.read_badge = lambda _text: BadgeRead(DEMO_NAME, NextStep.PASSPHRASE)
    type_at(window, new_badge_text(DEMO_NAME), enter=True)
    wait(lambda: window.way is Way.LOG_IN and "badge was read" in window.said.text())
    keep("badge-read", window)


def be_told(sitting: Sitting, words: str, keep: Keep) -> None:
    window = sitting.entrance
    wait(window.isVisible)
    window.names.buttons()[0].click()
    window.passphrase.setText(words)
    window.primary.click()
    wait(lambda: window.way is Way.EMERGENCIES_SEEN)
    keep("emergencies-seen", window)
    window.primary.click()
    wait(lambda: window.way is Way.EMERGENCY_CODE)
    keep("emergency-code", window)


def main(target: Path) -> None:
    """Write every page in both sizes."""
    application = QApplication(sys.argv[:1])
    application.setStyle("Fusion")
    target.mkdir(parents=True, exist_ok=True)
    for size in SIZES:

        def keep(name: str, on: QMainWindow, size: tuple[int, int] = size) -> None:
            application.processEvents()
            on.grab().save(str(target / f"{name}-{size[0]}x{size[1]}.png"))

        with tempfile.TemporaryDirectory() as folder:
            emergency_pages(Path(folder), size, keep)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
