"""The window over a watched folder whose saved files are moved, in its real process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from edge_app.compose.clock import SystemClock
from edge_app.compose.devices import scanners
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.parts import KioskParts
from edge_app.ui.study_flow import Activity, Step
from tests.fakes import FakeDetector, FakeOutbox
from tests.keys import KEYS

PROFILE = """
kind = "watch-folder"
[choices]
"after saved" = "move"
"files from before" = "take"
"settle seconds" = "0.2"
"""


@dataclass
class Watched:
    """What a nurse does and sees with a device that drops files into `folder`."""

    window: KioskWindow
    qtbot: QtBot
    store: SqliteStudyStore
    folder: Path

    def until(self, claim) -> None:
        self.qtbot.waitUntil(lambda: bool(claim()), timeout=15000)

    def files(self) -> set[str]:
        found = (file for file in self.folder.rglob("*") if file.is_file())
        return {str(file.relative_to(self.folder)) for file in found}

    def drops(self, name: str, seed: int) -> None:
        pixels = np.random.default_rng(seed).integers(0, 255, (48, 64, 3)).astype(np.uint8)
        (self.folder / name).write_bytes(cv2.imencode(".png", pixels)[1].tobytes())

    def opens_study(self) -> None:
        self.window.patient_page.later.click()
        self.until(lambda: self.window.flow.step is Step.CAPTURE)

    def captures(self) -> None:
        flow = self.window.flow
        self.until(self.window.footer.primary.isEnabled)
        self.window.footer.primary.click()
        self.until(lambda: flow.images and flow.activity is Activity.NONE)

    def next_patient(self) -> None:
        self.window.flow.next_patient()
        self.until(lambda: self.window.flow.step is Step.PATIENT)

    def says(self, words: str) -> None:
        self.until(lambda: words in self.window.capture_page.coach.text())


@contextmanager
def a_window(qtbot: QtBot, folder: Path) -> Iterator[Watched]:
    watched, profile = folder / "in", folder / "camera.toml"
    watched.mkdir(exist_ok=True)
    profile.write_text(PROFILE)
    found = scanners([f"{profile}:{watched}"])
    with SqliteStudyStore(folder / "studies", KEYS) as store:
        clock, outbox = SystemClock(), FakeOutbox()
        parts = KioskParts(found, FakeDetector(), "CPU", store, outbox, clock)
        window = KioskWindow(parts)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitExposed(window)
        try:
            yield Watched(window, qtbot, store, watched)
        finally:
            window.close()


@pytest.fixture
def watched(qtbot: QtBot, tmp_path: Path) -> Iterator[Watched]:
    with a_window(qtbot, tmp_path) as opened:
        yield opened


def test_a_file_is_moved_once_its_picture_is_in_the_store_and_not_when_it_is_left_out(
    watched: Watched,
) -> None:
    watched.drops("a.png", 1)
    watched.opens_study()
    watched.until(watched.window.footer.primary.isEnabled)
    assert watched.files() == {"a.png"}
    watched.captures()
    watched.until(lambda: watched.files() == {"saved/a.png"})

    watched.window.findings_page.another.click()
    watched.drops("b.png", 2)
    page = watched.window.capture_page
    watched.until(page.leave_out.isVisible)
    page.leave_out.click()
    watched.says("No new picture has come yet.")
    assert watched.files() == {"saved/a.png", "b.png"}


def test_a_picture_that_cannot_be_saved_moves_nothing(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.drops("a.png", 1)
    watched.opens_study()
    watched.until(watched.window.footer.primary.isEnabled)
    with monkeypatch.context() as full:
        full.setattr("edge_app.storage.study_store.write_whole", _full)
        watched.window.footer.primary.click()
        watched.until(watched.window.sheet.isVisible)
    assert watched.files() == {"a.png"}

    watched.window.sheet.next()
    watched.captures()
    watched.until(lambda: watched.files() == {"saved/a.png"})


def _full(path: Path, content: bytes) -> None:
    raise OSError(28, "No space left on device")


def test_a_study_that_is_left_before_the_picture_is_taken_moves_nothing(watched: Watched) -> None:
    watched.drops("a.png", 1)
    watched.opens_study()
    watched.until(watched.window.footer.primary.isEnabled)
    watched.next_patient()
    watched.opens_study()
    watched.until(watched.window.footer.primary.isEnabled)  # it is offered again

    assert watched.files() == {"a.png"}


def test_what_a_power_cut_left_between_saving_and_moving_is_known_again_and_moved(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with a_window(qtbot, tmp_path) as before:
        before.drops("a.png", 1)
        before.opens_study()
        before.captures()
        before.until(lambda: before.files() == {"saved/a.png"})
    (tmp_path / "in" / "saved" / "a.png").rename(tmp_path / "in" / "a.png")

    with a_window(qtbot, tmp_path) as after:
        after.opens_study()  # of somebody else
        after.says("A picture that is in a study already came again.")
        after.until(lambda: after.files() == {"saved/a.png"})
        assert not after.window.footer.primary.isEnabled()
        assert not after.window.flow.study.images
