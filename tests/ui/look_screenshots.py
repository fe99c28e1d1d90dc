"""`python -m tests.ui.look_screenshots FOLDER LANGUAGE [WIDTH HEIGHT]`: every page, in every look.

Beside the pictures it prints what is cut off in each.
"""

import sys
import tempfile
from itertools import chain
from pathlib import Path

from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from edge_app.languages.choice import Tongue
from edge_app.ui.look import Look
from edge_app.ui.tokens import DARK, HIGH_CONTRAST, LIGHT
from edge_app.ui.translator import Speech
from tests.ui.every_page import SCREEN, a_bench, end, every_page, every_way_in
from tests.ui.screenshots import wait
from tests.ui.tree_faults import cut_off

LOOKS = (Look(LIGHT), Look(HIGH_CONTRAST, 150), Look(DARK, 200, is_gloved=True))

_TO_FILE = str.maketrans({" ": "-", ",": None, ":": None})


class Patience:
    """Waits as `qtbot` does."""

    def addWidget(self, widget: QWidget) -> None:  # noqa: N802
        self.kept = widget

    def wait(self, ms: int) -> None:
        QTest.qWait(ms)

    def waitExposed(self, widget: QWidget) -> None:  # noqa: N802
        wait(widget.isVisible)

    def waitUntil(self, claim, timeout: int) -> None:  # noqa: N802, ARG002
        def holds() -> bool:
            try:
                return claim() is not False
            except AssertionError:
                return False

        wait(holds)


def main(target: Path, code: str, size: tuple[int, int]) -> None:
    """Write every page as a picture."""
    application = QApplication(sys.argv[:1])
    application.setStyle("Fusion")
    target.mkdir(parents=True, exist_ok=True)
    speech = Speech(Tongue(code), lambda _: None)
    with tempfile.TemporaryDirectory() as folder:
        bench = a_bench(Patience(), Path(folder))
        for shown in chain(every_page(bench, LOOKS, size), every_way_in(bench, speech, LOOKS)):
            name = f"{shown.name}-{shown.look.written}".translate(_TO_FILE)
            shown.window.grab().save(str(target / f"{name}-{code}.png"))
            for cut in sorted(cut_off(shown.window)):
                print(  # noqa: T201
                    f"{shown.name}, {shown.look.written}, {shown.window.size()}: {cut}"
                )
        end(bench)
    speech.close()


if __name__ == "__main__":
    sizes = tuple(map(int, sys.argv[3:5])) or SCREEN
    main(Path(sys.argv[1]), sys.argv[2], sizes)
