"""`python -m tests.ui.detector_screenshots FOLDER DATA`: each detector's card and a read picture.

Pictures are real and are never committed.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import msgspec
from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QApplication

from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.study_flow import Step
from tests.ui.screenshots import SIZES, real_window, to_capture, wait

PICTURES = {
    "blood-smear": "blood", "polyp": "polyp", "fundus": "fundus", "nerve-vessel": "ultrasound",
    "brain-tumour": "brain", "bone-fracture": "fracture",
}  # fmt: skip
_NUMBER = 40


def a_picture(data: Path) -> Path:
    said = msgspec.json.decode((data / "coco.json").read_bytes())
    return data / "images" / said["images"][_NUMBER]["file_name"]


def before(picture: Path, folder: Path) -> str:
    """Return the name of a device that delivers that one picture."""
    shown = folder / "pictures"
    shown.mkdir()
    shutil.copy(picture, shown / f"1{picture.suffix}")
    return f"replay:{shown}"


def keep(window: KioskWindow, target: Path) -> None:
    for _ in range(20):
        QCoreApplication.processEvents()
    window.grab().save(str(target))


def main(target: Path, data: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    application = QApplication.instance() or QApplication(sys.argv[:1])
    for name, folder in PICTURES.items():
        for width, height in SIZES:
            size = f"{width}x{height}"
            with tempfile.TemporaryDirectory() as made:
                device = before(a_picture(data / folder), Path(made))
                with real_window(Path(made) / "data", device, name) as window:
                    window.resize(width, height)
                    wait(lambda on=window: on.selftest.provider_words)
                    wait(lambda on=window: not on.selftest.is_running)
                    window.header.detector.click()
                    keep(window, target / f"{name}-card-{size}.png")
                    window.footer.primary.click()
                    to_capture(window)
                    window.footer.primary.click()
                    wait(lambda on=window: on.flow.step is Step.REVIEW and on.flow.reading)
                    wait(lambda on=window: on.flow.is_settled)
                    keep(window, target / f"{name}-read-{size}.png")
    del application


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
