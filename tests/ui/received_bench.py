"""The window over a real DICOM receiver, its real process, and a real modality."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pytestqt.qtbot import QtBot

from edge_app.compose.clock import SystemClock
from edge_app.compose.devices import scanners
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.live_feed import FeedState
from edge_app.ui.parts import KioskParts
from edge_app.ui.study_flow import Activity, Step
from tests.fakes import FakeDetector, FakeOutbox
from tests.keys import KEYS
from tests.peers.dicom_clinic import Site, a_peer, a_site
from tests.peers.dicom_patients import Sent, a_picture, sends


@dataclass
class ReceivedBench:
    """One clinic: `sent` has a modality send, and the rest is what a nurse does and sees."""

    window: KioskWindow
    qtbot: QtBot
    site: Site
    folder: Path
    store: SqliteStudyStore
    number: int = 0

    def until(self, claim, timeout_s: float = 15) -> None:
        self.qtbot.waitUntil(lambda: bool(claim()), timeout=round(timeout_s * 1000))

    def sent(self, *pictures: Sent) -> None:
        for picture in pictures:
            self.number += 1
            sends(self.site, a_picture(self.folder, self.number, picture))

    def opens_study(self, identifier: str, name: str = "") -> None:
        page = self.window.patient_page
        page.identifier.setText(identifier)
        page.name.setText(name)
        page.act() if identifier else page.later.click()
        self.until(lambda: self.window.flow.step is Step.CAPTURE)
        self.until(lambda: self.window.feed.state is FeedState.LIVE)

    def captures(self) -> None:
        flow = self.window.flow
        before = len(flow.images)
        self.until(self.window.footer.primary.isEnabled)
        self.window.footer.primary.click()
        self.until(lambda: len(flow.images) == before + 1 and flow.activity is Activity.NONE)

    def tries_to_capture(self) -> int:
        """Press everything that takes a picture; return how many there are in the study."""
        flow, picture = self.window.flow, self.window.feed.picture()
        self.window.footer.primary.click()
        self.window.capture_page.act()
        if picture:
            flow.capture(picture)
        self.qtbot.wait(200)
        return len(flow.study.images)

    def says(self, words: str) -> None:
        page = self.window.capture_page
        self.until(lambda: words in f"{page.coach.text()} {page.detail.text()}")

    def next_patient(self) -> None:
        self.window.flow.next_patient()
        self.until(lambda: self.window.flow.step is Step.PATIENT)


@contextmanager
def a_clinic(qtbot: QtBot, folder: Path) -> Iterator[ReceivedBench]:
    site = a_site(folder / "site", a_peer(plain=True))
    store = SqliteStudyStore(folder / "studies", KEYS)
    found = scanners([f"dicom:{site.settings}"], opens=KEYS.received)
    clock, detector = SystemClock(), FakeDetector()
    parts = KioskParts(found, detector, "CPU", store, FakeOutbox(), clock)
    window = KioskWindow(parts)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    try:
        yield ReceivedBench(window, qtbot, site, folder, store)
    finally:
        window.close()
        store.close()
