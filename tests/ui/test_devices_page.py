"""The devices page: every device in words, its live picture, and a test shot that is nobody's."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from edge_app.compose.clock import SystemClock
from edge_app.compose.devices import scanners
from edge_app.domain.image import Calibration
from edge_app.domain.presence import Doubt
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.parts import KioskParts
from edge_app.ui.study_flow import Step
from tests.fakes import FakeClock, FakeDetector, FakeOutbox, FakeScanner, FakeStore
from tests.keys import KEYS
from tests.ui.window_bench import WindowBench

Opened = Callable[..., WindowBench]


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Opened]:
    """Return what opens a window over real device processes and a real store."""
    left = []

    def opens(*named: str) -> WindowBench:
        found, clock, detector = scanners(named), SystemClock(), FakeDetector([])
        store = SqliteStudyStore(tmp_path / "studies", KEYS)
        parts = KioskParts(found, detector, "CPU", store, FakeOutbox(), clock)
        window = KioskWindow(parts)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitExposed(window)
        left.append((window, store))
        return WindowBench(window, qtbot, clock, found[0], detector, store, parts.outbox)

    yield opens
    for window, store in left:
        window.close()
        store.close()


def at_devices(bench: WindowBench) -> None:
    bench.window.header.scanner.click()
    assert bench.window.stack.currentWidget() is bench.window.devices_page
    bench.until(lambda: not bench.window.devices.is_looking)


def rows(bench: WindowBench) -> list[str]:
    return [row.text() for row in bench.window.devices_page.rows]


def test_every_device_is_named_with_its_state_and_one_that_cannot_be_asked_is_too(
    opened: Opened, tmp_path: Path
) -> None:
    bench = opened("microscope:7", "flatbed:3", f"replay:{tmp_path / 'gone'}", "toaster:1")
    at_devices(bench)

    bench.until(lambda: rows(bench)[0].endswith("Scanner ready"))
    assert [row.split("\n")[1] for row in rows(bench)[1:]] == ["Ready", "Not there", "Says nothing"]
    assert rows(bench)[3].startswith("Device 4")
    assert "no driver for 'toaster'" in bench.window.devices_page.rows[3].toolTip()
    assert all(row.accessibleName() for row in bench.window.devices_page.rows)


def test_a_test_shot_stands_still_is_saved_nowhere_and_is_gone_on_leaving(opened: Opened) -> None:
    bench = opened("microscope:7")
    bench.to_capture()
    at_devices(bench)
    page = bench.window.devices_page
    bench.until(lambda: page.view.image)

    page.test_shot.click()
    shot = page.shot
    before = bench.window.feed.picture().sequence
    bench.until(lambda: bench.window.feed.picture().sequence > before + 3)

    assert page.view.image is shot
    assert "Test shot, 640 x 480 pixels" in bench.said()
    assert "not saved" in bench.said()
    bench.window.footer.primary.click()
    assert bench.window.stack.currentWidget() is bench.window.capture_page
    assert page.shot is None
    assert bench.window.flow.images == {}
    bench.until(lambda: bench.window.capture_page.view.image)


def test_another_device_is_shown_live_and_asks_whose_the_next_picture_is(opened: Opened) -> None:
    bench = opened("microscope:7", "ultrasound:shipped")
    bench.to_capture()
    at_devices(bench)
    bench.window.devices_page.rows[1].click()
    bench.until(lambda: bench.window.devices_page.view.image)
    bench.window.footer.primary.click()

    bench.until(bench.window.feed.picture)
    assert bench.window.feed.info.kind == "ultrasound"
    assert bench.window.flow.doubt is Doubt.OTHER_DEVICE
    assert bench.window.capture_page.chooser.currentIndex() == 1


def test_a_device_that_is_lost_is_told_in_words_and_comes_back_without_a_restart(
    opened: Opened, tmp_path: Path
) -> None:
    (tmp_path / "m.toml").write_text('kind = "microscope"\n[choices]\nunplug = "20-30"\n')
    bench = opened(f"{tmp_path / 'm.toml'}:7")
    at_devices(bench)

    bench.until(lambda: "The device was unplugged" in bench.said())
    assert not bench.window.devices_page.test_shot.isEnabled()
    assert "No picture from the scanner" in bench.window.devices_page.view.cover


def test_what_was_measured_of_a_device_and_what_it_lost_stand_beside_its_picture(
    qtbot: QtBot, tmp_path: Path
) -> None:
    class Calibrated(FakeScanner):
        def next_frame(self):
            measured = Calibration(date(2026, 11, 26), date(2026, 11, 25))
            return replace(super().next_frame(), calibration=measured, dropped=12, hash="")

    clock = FakeClock()
    scanner, detector, store = Calibrated(clock=clock), FakeDetector([]), FakeStore()
    parts = KioskParts([scanner], detector, "CPU", store, FakeOutbox(store), clock)
    window = KioskWindow(parts)
    qtbot.addWidget(window)
    window.show()
    bench = WindowBench(window, qtbot, clock, scanner, detector, store, parts.outbox)
    at_devices(bench)

    bench.until(lambda: "Frames lost since it was opened: 12" in bench.said())
    assert "Light: evened out, measured 26 Nov 2026" in bench.said()
    window.footer.primary.click()
    bench.to_capture()
    assert "frames lost: 12" in bench.said()


def test_the_path_waits_while_somebody_is_at_the_devices(opened: Opened) -> None:
    bench = opened("microscope:7")
    bench.to_capture()
    at_devices(bench)

    footer = bench.window.footer
    assert not any(button.isEnabled() for button in footer.steps.values())
    assert not footer.back.isEnabled()
    footer.primary.click()
    assert footer.steps[Step.CAPTURE].isEnabled()


def test_a_foot_pedal_takes_the_picture_and_the_space_bar_only_where_the_site_says_so(
    qtbot: QtBot, tmp_path: Path
) -> None:
    clock = FakeClock()
    scanner, detector, store = FakeScanner(clock=clock), FakeDetector([]), FakeStore()
    parts = KioskParts(
        [scanner], detector, "CPU", store, FakeOutbox(store), clock, shutter=("F13", "PgDown")
    )
    window = KioskWindow(parts)
    qtbot.addWidget(window)
    window.show()
    bench = WindowBench(window, qtbot, clock, scanner, detector, store, parts.outbox)
    bench.to_capture()
    assert "F13 / PgDown takes the picture." in bench.said()

    window.capture_page.view.setFocus()
    qtbot.keyClick(window.capture_page.view, Qt.Key.Key_Space)
    assert window.flow.step is Step.CAPTURE
    qtbot.keyClick(window.capture_page.view, Qt.Key.Key_F13)
    bench.until(lambda: window.flow.step is Step.REVIEW)


def test_a_bar_code_scanner_starts_the_study_without_a_touch_and_its_prefix_is_left_out(
    qtbot: QtBot, tmp_path: Path
) -> None:
    clock, store = FakeClock(), FakeStore()
    parts = KioskParts(
        [FakeScanner(clock=clock)], FakeDetector([]), "CPU", store, FakeOutbox(store), clock,
        wedge="]C1",
    )  # fmt: skip
    window = KioskWindow(parts)
    qtbot.addWidget(window)
    window.show()
    field = window.patient_page.identifier
    qtbot.keyClicks(field, "]C1")
    assert not window.footer.primary.isEnabled()

    qtbot.keyClicks(field, "MRN-7734")
    qtbot.keyClick(field, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: window.flow.step is Step.CAPTURE, timeout=5000)
    assert window.flow.study.patient.identifier == "MRN-7734"
    window.close()
