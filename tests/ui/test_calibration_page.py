"""The calibration page, on real devices in their own processes and real profile files."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QAbstractButton, QApplication, QSlider, QWidget
from pytestqt.qtbot import QtBot

from edge_app.compose.calibrate import NotKeptError, Permission, ProfileCalibrations
from edge_app.compose.clock import SystemClock
from edge_app.compose.devices import scanners
from edge_app.compose.site_devices import NO_SITE
from edge_app.domain.error import NotSavedError
from edge_app.domain.image import CapturedImage
from edge_app.ui import tokens
from edge_app.ui.calibration_page import CalibrationPage
from edge_app.ui.calibration_run import Stage
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.look import Look
from edge_app.ui.parts import KioskParts
from edge_app.ui.study_flow import Activity, Step
from edge_app.ui.tokens import HIGH_CONTRAST
from hardware.profile import profile_from
from tests.fakes import FakeDetector, FakeOutbox, FakeScanner, FakeStore
from tests.ui.screenshots import a_micrometer, an_empty_field, turn_raw, type_number
from tests.ui.window_bench import WindowBench

ANYBODY = Permission(is_given=True, use=lambda _what: None)
PERIOD_PX, APART_MM = 62.5, 0.01


@dataclass
class Site(WindowBench):
    """A window over one device with a profile."""

    profile: Path
    before: bytes

    @property
    def page(self) -> CalibrationPage:
        return self.window.calibration_page

    def until(self, claim: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(claim()), timeout=15_000)

    def to_devices(self) -> None:
        self.window.header.scanner.click()

    def to_calibration(self) -> None:
        self.to_devices()
        offer = self.window.devices_page.offer
        self.until(offer.button.isVisible)
        offer.button.click()
        self.until(lambda: self.page.isVisible() and self.page.view.image)

    def act(self) -> None:
        self.until(self.window.footer.primary.isEnabled)
        self.window.footer.primary.click()

    def measured_light(self) -> None:
        self.page.light_row.click()
        self.act()
        self.until(lambda: self.page.run.stage is Stage.LIGHT_FOUND)

    def frozen(self) -> None:
        self.page.scale_row.click()
        self.act()
        self.until(lambda: self.page.run.stage is Stage.FROZEN)

    def touch(self, x: float, y: float) -> None:
        self.qtbot.mouseClick(self.page.view, Qt.MouseButton.LeftButton, pos=self.in_view(x, y))

    def in_view(self, x: float, y: float) -> QPoint:
        at = self.page.view.viewport.to_view(x, y)
        return QPoint(round(at[0]), round(at[1]))

    def next_picture(self) -> CapturedImage:
        """Return the first picture of the device that was taken anew."""
        self.until(self.window.devices_page.isVisible)
        self.until(self.window.feed.picture)
        return self.window.feed.picture()

    def is_unchanged(self) -> bool:
        return self.profile.read_bytes() == self.before


@pytest.fixture
def at(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Return what opens a window over the device with that name."""
    windows, stores = [], []

    def opens(name: str, permission: Permission = ANYBODY) -> Site:
        profile = Path(name.partition(".toml:")[0] + ".toml")
        found, clock, detector = scanners([name]), SystemClock(), FakeDetector([])
        store = FakeStore()
        parts = KioskParts(
            found, detector, "CPU", store, FakeOutbox(store), clock,
            calibrations=ProfileCalibrations([name], NO_SITE, permission),
        )  # fmt: skip
        window = KioskWindow(parts)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitExposed(window)
        windows.append(window)
        stores.append(store)
        before = profile.read_bytes() if profile.exists() else b""
        return Site(window, qtbot, clock, found[0], detector, store, parts.outbox, profile, before)

    yield opens
    for store in stores:
        store.acknowledging.set()
    for window in windows:
        window.close()


@pytest.fixture
def microscope(at: Callable[..., Site], tmp_path: Path) -> Site:
    return at(an_empty_field(tmp_path))


@pytest.fixture
def scale(at: Callable[..., Site], tmp_path: Path) -> Site:
    return at(a_micrometer(tmp_path))


def measuring_processes() -> list[int]:
    asked = ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())]
    listed = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if "calibration_worker" in line]


def test_light_kept_with_the_keyboard_alone_is_in_the_profile_and_in_the_very_next_picture(
    microscope: Site,
) -> None:
    microscope.to_calibration()
    microscope.until(lambda: QApplication.focusWidget() is microscope.page.light_row)
    microscope.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert microscope.page.run.stage is Stage.LIGHT
    press_primary(microscope)
    microscope.until(lambda: microscope.page.run.stage is Stage.LIGHT_FOUND)
    assert "differed by 26 %" in microscope.said()
    assert "they differ by 1 %" in microscope.said()
    assert microscope.is_unchanged()
    press_primary(microscope)
    image = microscope.next_picture()

    kept = profile_from(microscope.profile)
    assert image.calibration.light == kept.light.measured == SystemClock().now().date()
    assert image.pixels.std() < 1.5
    assert microscope.profile.read_bytes().startswith(microscope.before)
    assert "Kept." in microscope.said()
    microscope.until(lambda: "Light: evened out, measured" in microscope.said())


def test_two_marks_with_a_distance_give_the_size_of_a_pixel_to_the_very_next_picture(
    scale: Site,
) -> None:
    scale.to_calibration()
    scale.frozen()
    scale.touch(7.3, 200)
    scale.touch(7.3 + 8 * PERIOD_PX + 30, 200)
    assert not scale.window.footer.primary.isEnabled()
    grasped = scale.in_view(7.3 + 8 * PERIOD_PX + 30, 200)
    dropped = scale.in_view(7.3 + 8 * PERIOD_PX, 200)
    view, left = scale.page.view, Qt.MouseButton.LeftButton
    scale.qtbot.mousePress(view, left, pos=grasped)
    scale.qtbot.mouseMove(view, dropped)
    scale.qtbot.mouseRelease(view, left, pos=dropped)
    type_number(scale.page.marks_pad, "0.08")
    scale.act()
    scale.until(lambda: scale.page.run.stage is Stage.SPACING_FOUND)
    said = scale.said().replace("\u00a0", " ")
    assert "One pixel is 0.00016" in said or "One pixel is 0.000159" in said
    assert "mm wide" in said
    assert scale.is_unchanged()

    scale.act()
    image = scale.next_picture()

    assert image.spacing_mm == pytest.approx([APART_MM / PERIOD_PX] * 2, rel=0.01)
    assert image.calibration.spacing == profile_from(scale.profile).spacing_measured
    assert list(profile_from(scale.profile).spacing_mm) == list(image.spacing_mm)


def test_the_lines_of_a_scale_are_found_in_the_very_picture_that_stands_still(scale: Site) -> None:
    scale.to_calibration()
    scale.frozen()
    scale.page.by_lines.click()
    scale.page.lines_pad.fields[1].click()
    type_number(scale.page.lines_pad, "30")
    scale.page.lines_pad.fields[0].click()
    type_number(scale.page.lines_pad, "0.01")
    scale.act()
    scale.until(lambda: "No scale with about 30" in scale.said())
    assert "Bring the scale into focus" in scale.said()

    scale.page.lines_pad.fields[1].click()
    scale.page.lines_pad.type("erase")
    scale.page.lines_pad.type("erase")
    type_number(scale.page.lines_pad, "10")
    scale.act()
    scale.until(lambda: scale.page.run.stage is Stage.SPACING_FOUND)
    scale.act()

    assert scale.next_picture().spacing_mm == pytest.approx([APART_MM / PERIOD_PX] * 2, rel=0.01)


def test_leaving_without_keeping_changes_no_byte_of_the_profile(microscope: Site) -> None:
    def escape() -> None:
        for _ in range(3):
            microscope.qtbot.keyClick(microscope.page, Qt.Key.Key_Escape)

    def leave_as_it_was() -> None:
        microscope.page.back.click()
        assert microscope.page.run.stage is Stage.CHOOSE
        microscope.act()

    ways = (escape, leave_as_it_was, microscope.window.header.scanner.click)
    for leave in ways:
        microscope.to_calibration()
        microscope.measured_light()
        leave()
        assert microscope.is_unchanged()
        assert microscope.next_picture().calibration.light is None
        microscope.until(lambda: not measuring_processes())
    microscope.until(lambda: not list(microscope.profile.parent.glob("*.draft")))


@pytest.mark.parametrize("way", ["theme", "lock", "close"])
def test_a_window_that_is_closed_locked_or_built_anew_lets_the_measured_device_go(
    microscope: Site, way: str
) -> None:
    microscope.to_calibration()
    microscope.page.light_row.click()
    microscope.window.footer.primary.click()
    if way == "theme":
        microscope.window.build(Look(HIGH_CONTRAST))
    elif way == "lock":
        microscope.window.lock()
    else:
        microscope.window.close()

    microscope.until(lambda: not measuring_processes())
    assert microscope.is_unchanged()


def test_a_field_that_is_not_empty_is_refused_in_words_and_can_be_measured_again(
    microscope: Site,
) -> None:
    microscope.to_calibration()
    microscope.page.light_row.click()
    turn_raw(microscope.page, {"stage x": 0.1})
    microscope.act()
    microscope.until(lambda: "The field is not empty" in microscope.said())
    assert "Move to an empty, clean field" in microscope.said()
    assert QApplication.focusWidget() is microscope.page.back
    assert microscope.is_unchanged()

    turn_raw(microscope.page, {"stage x": -0.1})
    microscope.act()
    microscope.until(lambda: microscope.page.run.stage is Stage.LIGHT_FOUND)
    assert "not empty" not in microscope.said()


def test_a_profile_that_cannot_be_written_is_told_before_anything_is_measured(
    microscope: Site,
) -> None:
    (microscope.profile.parent / "bench.toml.draft").mkdir()  # refused to root as well
    microscope.to_devices()

    microscope.until(lambda: "Cannot be calibrated" in microscope.said())
    assert "profile cannot be written" in microscope.said()
    assert "rights of the file" in microscope.said()
    assert not microscope.window.devices_page.offer.button.isVisible()


def test_whoever_may_not_calibrate_is_told_who_may(at: Callable[..., Site], tmp_path: Path) -> None:
    site = at(an_empty_field(tmp_path), Permission(is_given=False, use=lambda _what: None))
    site.to_devices()

    site.until(lambda: "for technicians and administrators" in site.said())
    assert not site.window.devices_page.offer.button.isVisible()


def test_what_cannot_be_written_down_is_not_kept(at: Callable[..., Site], tmp_path: Path) -> None:
    def refuse(_what: str) -> None:
        raise NotSavedError("The disk is full.", "Make room.")

    site = at(an_empty_field(tmp_path), Permission(is_given=True, use=refuse))
    site.to_calibration()
    site.measured_light()
    site.act()

    site.until(lambda: "The disk is full." in site.said())
    assert site.is_unchanged()


def test_a_profile_that_another_device_of_the_window_has_too_is_told(tmp_path: Path) -> None:
    name = an_empty_field(tmp_path)
    calibrations = ProfileCalibrations([name, f"{name}1"], NO_SITE, ANYBODY)

    with pytest.raises(NotKeptError, match="shares its profile"):
        calibrations.of(1)


def test_a_device_without_a_profile_is_told_where_a_calibration_would_be_kept(
    at: Callable[..., Site],
) -> None:
    site = at("microscope:7")
    site.to_devices()

    site.until(lambda: "this device has none" in site.said())
    assert "Write a profile" in site.said()
    assert not site.window.devices_page.offer.button.isVisible()


def test_a_profile_that_goes_bad_meanwhile_keeps_its_old_values_and_says_so(
    microscope: Site,
) -> None:
    microscope.to_calibration()
    microscope.measured_light()
    stands_in_the_way = microscope.profile.parent / "bench.toml.draft"
    stands_in_the_way.mkdir()
    microscope.act()
    microscope.until(lambda: "profile cannot be written" in microscope.said())
    assert "The profile is as it was." in microscope.said()
    stands_in_the_way.rmdir()
    assert microscope.is_unchanged()

    microscope.act()
    assert microscope.next_picture().calibration.light


def test_a_process_that_dies_while_it_measures_changes_nothing_and_the_page_goes_on(
    microscope: Site,
) -> None:
    microscope.to_calibration()
    microscope.page.light_row.click()
    microscope.until(microscope.window.footer.primary.isEnabled)
    (process,) = measuring_processes()
    microscope.window.footer.primary.click()
    assert microscope.page.run.is_working  # eight frames take a quarter of a second
    os.kill(process, signal.SIGKILL)
    microscope.until(lambda: "The device does not answer." in microscope.said())
    assert "Check its cable and power" in microscope.said()
    assert microscope.is_unchanged()

    feed = microscope.page.run.feed
    microscope.until(lambda: feed.problem)
    microscope.until(lambda: feed.picture() and microscope.page.view.image and not feed.problem)
    microscope.act()
    microscope.until(lambda: microscope.page.run.stage is Stage.LIGHT_FOUND)


def test_a_study_in_progress_gets_no_picture_of_the_calibration_and_goes_on(
    microscope: Site,
) -> None:
    microscope.to_capture()
    microscope.to_calibration()
    microscope.qtbot.keyClick(microscope.page, Qt.Key.Key_Space)
    microscope.measured_light()
    microscope.act()
    microscope.next_picture()
    microscope.act()

    flow = microscope.window.flow
    assert (flow.step, flow.images, flow.study.images) == (Step.CAPTURE, {}, ())
    microscope.until(microscope.window.footer.primary.isEnabled)
    microscope.act()
    microscope.until(lambda: flow.images)
    assert next(iter(flow.images.values())).calibration.light


def test_a_calibration_waits_until_the_study_is_saved(microscope: Site) -> None:
    microscope.to_capture()
    microscope.to_devices()
    offer = microscope.window.devices_page.offer
    microscope.until(offer.button.isVisible)
    microscope.act()
    microscope.store.acknowledging.clear()
    microscope.until(microscope.window.footer.primary.isEnabled)
    microscope.act()
    assert microscope.window.flow.activity is Activity.SAVING
    microscope.window.header.scanner.click()
    microscope.until(lambda: "still being saved" in microscope.said())
    offer.button.click()
    assert microscope.window.page is microscope.window.devices_page

    microscope.store.acknowledging.set()
    microscope.until(lambda: offer.button.isVisible() and offer.button.isEnabled())
    assert "still being saved" not in microscope.said()
    offer.button.click()
    assert microscope.window.page is microscope.page


def test_what_waits_to_be_captured_is_captured_first(scale: Site) -> None:
    scale.to_capture()
    scale.to_devices()
    offer = scale.window.devices_page.offer
    scale.until(offer.button.isVisible)
    offer.button.click()

    assert "waits to be captured" in scale.said()
    assert scale.window.page is scale.window.devices_page


def test_a_device_whose_pictures_are_its_patients_is_not_calibrated(
    microscope: Site,
) -> None:
    feed = microscope.window.feed
    other = FakeScanner(SystemClock())
    other.capabilities = ("stills", "patients")
    feed.scanners = (other,)
    microscope.to_devices()

    microscope.until(lambda: "its pictures are its patients'" in microscope.said())
    assert not microscope.window.devices_page.offer.button.isVisible()


def press_primary(site: Site) -> None:
    """Go to the primary action by Tab, and press it."""
    site.until(site.window.footer.primary.isEnabled)
    for _ in range(60):
        if QApplication.focusWidget() is site.window.footer.primary:
            break
        site.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    site.qtbot.keyClick(site.window.footer.primary, Qt.Key.Key_Space)


def test_a_scale_is_measured_with_the_keyboard_alone(scale: Site) -> None:
    scale.to_calibration()
    scale.page.scale_row.setFocus()
    key, view = scale.qtbot.keyClick, scale.page.view
    key(scale.page.scale_row, Qt.Key.Key_Space)
    press_primary(scale)
    scale.until(lambda: QApplication.focusWidget() is view)
    key(view, Qt.Key.Key_Return)
    for _ in range(25):
        key(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    key(view, Qt.Key.Key_Return)
    for _ in range(25):
        key(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    key(view, Qt.Key.Key_Backtab)
    key(view, Qt.Key.Key_Left)
    assert view.points == [(69.0, 240.0), (570.0, 240.0)]
    key(view, Qt.Key.Key_Tab)
    for typed in "0.0801":
        key(scale.page.marks_pad.keys["7"], typed)
    key(scale.page.marks_pad, Qt.Key.Key_Backspace)
    assert scale.page.marks_pad.value() == 0.08
    key(scale.page.marks_pad, Qt.Key.Key_Return)
    scale.until(lambda: scale.page.run.stage is Stage.SPACING_FOUND)

    assert scale.page.run.spacing.spacing_mm == pytest.approx(0.08 / 501)


def controls(site: Site) -> list[QWidget]:
    found = site.page.findChildren(QAbstractButton) + site.page.findChildren(QSlider)
    return [control for control in found if control.isVisible()]


def test_every_control_has_a_name_and_room_for_a_gloved_finger(
    scale: Site, microscope: Site
) -> None:
    seen = 0
    microscope.to_calibration()
    microscope.page.light_row.click()
    scale.to_calibration()
    for stage in (microscope, scale):
        for control in controls(stage):
            assert control.accessibleName(), control
            assert control.height() >= tokens.TOUCH_PX
            seen += 1
    scale.frozen()
    for way in (scale.page.by_marks, scale.page.by_lines):
        way.click()
        for control in controls(scale):
            assert control.accessibleName(), control
            assert min(control.width(), control.height()) >= tokens.TOUCH_PX
            seen += 1

    assert seen > 40
