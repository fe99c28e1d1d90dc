"""`python -m tests.ui.screenshots FOLDER`: the real kiosk, page by page, as pictures."""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from PIL import Image
from PyQt6.QtCore import QCoreApplication, QEvent
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from edge_app.compose.demo import demo_entrance
from edge_app.compose.packages import DEFAULT
from edge_app.compose.window import kiosk_parts
from edge_app.domain.study import Verdict
from edge_app.settings import Settings, settings_from
from edge_app.ui.calibration_page import CalibrationPage
from edge_app.ui.calibration_run import Stage
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.live_feed import FeedState
from edge_app.ui.look import USUAL, Look
from edge_app.ui.number_pad import NumberPad
from edge_app.ui.reading_view import Tool
from edge_app.ui.study_flow import Step
from edge_app.ui.tokens import DARK, HIGH_CONTRAST, Palette
from tests.peers.dicom_clinic import Site, a_peer, a_site
from tests.peers.dicom_patients import MISSING, Sent, a_picture, sends
from tests.ui.window_bench import is_reported
from tests.unit.hardware.test_calibration import ruler

SIZES = ((1280, 800), (1920, 1080))
_PATIENCE_S = 60.0
_EXAMINED_S = 600.0


def wait(claim: Callable[[], object], patience_s: float = _PATIENCE_S) -> None:
    """Let the window live until `claim` holds."""
    until = time.monotonic() + patience_s
    while not claim():
        QCoreApplication.processEvents()
        time.sleep(0.01)
        if time.monotonic() > until:
            raise TimeoutError(f"the window did not come to the next page; it says: {_said()}")


def _said() -> str:
    """Return what is to be read in the windows that are shown."""
    shown = (w for top in QApplication.topLevelWidgets() for w in top.findChildren(QWidget))
    return " | ".join(
        w.text() for w in shown if isinstance(w, QLabel | QAbstractButton) and w.isVisible()
    )


@contextmanager
def real_window(
    folder: Path,
    device: str = "microscope:7",
    detector: str = DEFAULT,
    look: Look = USUAL,
) -> Iterator[KioskWindow]:
    """Yield the kiosk on `device`, with that detector and a store in `folder`."""
    settings = Settings(folder, settings_from(None).packages_dir)
    entrance, who = demo_entrance(settings)
    with (
        entrance.store(who) as store,
        kiosk_parts(settings, store, (device,), detector) as parts,
    ):
        window = KioskWindow(parts, look)
        window.show()
        try:
            yield window
        finally:
            window.close()
            window.deleteLater()  # not after the application: Qt ends the process then
            QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)


def to_capture(window: KioskWindow) -> None:
    window.patient_page.identifier.setText("DEMO-001")
    window.patient_page.name.setText("Demonstration patient")
    window.footer.primary.click()
    wait(lambda: window.flow.step is Step.CAPTURE and window.feed.picture())
    wait(window.footer.primary.isEnabled)


def capture(window: KioskWindow) -> None:
    """Press until a picture is kept and read: a busy machine may have no fresh one at once."""

    def is_read() -> bool:
        if window.flow.step is Step.CAPTURE and window.footer.primary.isEnabled():
            window.footer.primary.click()
        return window.flow.step is Step.REVIEW and window.flow.reading is not None

    wait(is_read)


def turn(window: KioskWindow, **knobs: float) -> None:
    """Turn knobs and wait until pictures taken after it have come."""
    for name, value in knobs.items():
        window.feed.turn(name.replace("_", " "), value)
    before = newest(window)
    wait(lambda: newest(window) > before + 5)


def newest(window: KioskWindow) -> int:
    """Return the number of the newest picture, waiting where the scanner is slow."""
    wait(window.feed.picture)
    return window.feed.picture().sequence


def live_marks(window: KioskWindow) -> None:
    """Turn the preview on and wait until it has marked something."""
    page = window.capture_page
    page.live_panel.switch.setChecked(True)
    wait(lambda: page.view.live_marks)


def tools(window: KioskWindow, keep: Callable[[str], None]) -> None:
    """Draw what was missed, measure, choose levels, turn and mirror, and keep each."""
    page = window.findings_page
    image = window.flow.image
    corners = [(image.width * x, image.height * y) for x, y in ((0.4, 0.4), (0.55, 0.5))]
    for tool, name in ((Tool.LENGTH, "4-measure"), (Tool.LEVELS, "4-levels"), (Tool.BOX, "4-draw")):
        page.side.use(tool)
        for corner in corners:
            page.view.touched.emit(*corner)
        keep(name)
    labels = page.side.naming.labels
    labels[next(iter(labels))].click()
    wait(lambda: window.flow.is_settled)
    page.select(page.rows[-1].index)
    page.tools.turn.click()
    page.tools.mirror.click()
    keep("4-drawn-and-mirrored")
    page.tools.mirror.click()
    for _ in range(3):
        page.tools.turn.click()


def pages(window: KioskWindow, keep: Callable[[str], None]) -> None:
    """Walk through one study and call `keep` with each page's name."""
    keep("1-patient")
    to_capture(window)
    keep("2-capture")
    live_marks(window)
    keep("2-live-marks")
    window.capture_page.live_panel.switch.setChecked(False)
    turn(window, focus=8.0)
    capture(window)
    keep("3-cannot-say")
    window.flow.retake()
    wait(lambda: window.flow.step is Step.CAPTURE and window.feed.picture())
    turn(window, focus=0.0, stage_x=0.1024)
    wait(window.footer.primary.isEnabled)
    capture(window)
    keep("4-findings")
    tools(window, keep)
    window.flow.judge(range(len(window.flow.study.findings)), Verdict.ACCEPTED)
    window.flow.go(Step.SIGN)
    window.sign_page.signer.setText("B. Signer")
    wait(window.footer.primary.isEnabled)
    keep("5-sign")
    window.footer.primary.click()
    wait(lambda: is_reported(window))
    keep("6-signed")


def pages_behind_more(window: KioskWindow, keep: Callable[[str], None]) -> None:
    """Keep what is not part of a study; the machine is examined, which takes minutes once."""
    behind = window.behind_more
    window._step_aside(behind.more)
    keep("7-more")
    for name, page, is_there in (
        ("outbox", behind.outbox, lambda: True),
        ("figures", behind.figures, lambda: len(behind.figures.places) > 1),
        ("settings", behind.settings, behind.settings.table.toPlainText),
        ("about", behind.about, lambda: behind.about.cards),
        ("service", behind.service, lambda: behind.service.media and window.inspection.examination),
    ):
        window._step_aside(page)
        wait(is_there, _EXAMINED_S)
        keep(f"7-{name}")


@contextmanager
def received_window(folder: Path) -> Iterator[tuple[KioskWindow, Site]]:
    """Yield the kiosk on a DICOM receiver with a study that waits for its pictures."""
    site = a_site(folder / "site", a_peer(plain=True))
    with real_window(folder / "data", f"dicom:{site.settings}") as window:
        window.patient_page.identifier.setText("DEMO-001")
        window.patient_page.name.setText("Demonstration patient")
        window.footer.primary.click()
        wait(lambda: window.feed.state is FeedState.LIVE and window.feed.waiting)
        yield window, site


def received_pages(folder: Path, size: tuple[int, int], keep: Callable[..., None]) -> None:
    """Keep what the capture page says of pictures that others sent."""
    with received_window(folder) as (window, site):
        window.resize(*size)
        page = window.capture_page
        told = [
            ("another-patients", Sent("DEMO-002", "Second^Patient", birth_date="19840229")),
            ("nobodys", Sent("", "Second^Patient")),
            ("other-name", Sent("DEMO-001", "Second^Patient", birth_date="19840229")),
        ]
        for number, (name, sent) in enumerate(told):
            sends(site, a_picture(folder, number, sent))
            wait(window.feed.picture)
            wait(lambda: page.leave_for_later.isVisible() or page.leave_out.isVisible())
            keep(f"2-received-{name}", size, window)
            page.leave_for_later.click()
            wait(lambda: not window.feed.picture())


def an_empty_field(folder: Path) -> str:
    """Return the name of a microscope over empty glass, with a profile in `folder`."""
    profile = folder / "bench.toml"
    profile.write_text('kind = "microscope"\n\n[settings]\n"stage x" = -0.1\nlamp = 85\n')
    return f"{profile}:7"


def a_micrometer(folder: Path) -> str:
    """Return the name of a device that shows lines 62.5 pixels apart, with a profile likewise."""
    pictures, profile = folder / "pictures", folder / "scale.toml"
    pictures.mkdir()
    for name in ("1.png", "2.png"):
        Image.fromarray(ruler(62.5)).save(pictures / name)
    profile.write_text('kind = "replay"\n')
    return f"{profile}:{pictures}"


def to_calibration(window: KioskWindow) -> CalibrationPage:
    """Go through the devices page to the calibration, and wait for a picture."""
    window.header.scanner.click()
    page, offer = window.calibration_page, window.devices_page.offer
    wait(lambda: offer.button.isVisible() and not window.devices.is_looking)
    offer.button.click()
    wait(lambda: page.view.image)
    return page


def type_number(pad: NumberPad, digits: str) -> None:
    for digit in digits:
        pad.keys[digit].click()


def act(window: KioskWindow) -> None:
    wait(window.footer.primary.isEnabled)
    window.footer.primary.click()


def light_pages(folder: Path, palette: Palette, keep: Callable[[str, KioskWindow], None]) -> None:
    """Measure the light, and keep each step's page."""
    with real_window(folder, an_empty_field(folder), look=Look(palette)) as window:
        page = to_calibration(window)
        keep("8-calibrate", window)
        page.light_row.click()
        turn_raw(page, {"stage x": 0.1})
        act(window)
        wait(lambda: page.run.problem)
        keep("8-light-refused", window)
        turn_raw(page, {"stage x": -0.1})
        act(window)
        wait(lambda: page.run.stage is Stage.LIGHT_FOUND)
        keep("8-light-found", window)
        act(window)
        wait(lambda: window.page is window.devices_page and window.devices_page.view.image)
        keep("8-light-kept", window)


def turn_raw(page: CalibrationPage, knobs: dict[str, float]) -> None:
    """Turn knobs of the device that is measured; wait for pictures taken after it."""
    for name, value in knobs.items():
        page.run.feed.turn(name, value)
    for _ in range(5):  # pictures that were seen: a measuring takes others, which are not
        before = page.view.image
        wait(lambda before=before: page.view.image not in (None, before))


def spacing_pages(folder: Path, palette: Palette, keep: Callable[[str, KioskWindow], None]) -> None:
    """Measure the size of a pixel by lines and by marks, and keep each step's page."""
    with real_window(folder, a_micrometer(folder), look=Look(palette)) as window:
        page = to_calibration(window)
        page.scale_row.click()
        keep("8-scale", window)
        act(window)
        page.by_lines.click()
        page.lines_pad.fields[0].click()
        type_number(page.lines_pad, "0.01")
        page.lines_pad.fields[1].click()
        type_number(page.lines_pad, "10")
        keep("8-lines", window)
        page.by_marks.click()
        for x in (7.3, 507.3):
            page.view.touched.emit(x, 200.0)
        type_number(page.marks_pad, "0.08")
        keep("8-marks", window)
        act(window)
        wait(lambda: page.run.stage is Stage.SPACING_FOUND)
        keep("8-spacing-found", window)


def calibration_pages(
    size: tuple[int, int], palette: Palette, keep: Callable[[str, KioskWindow], None]
) -> None:
    """Keep every page of a calibration."""

    def sized(name: str, on: KioskWindow) -> None:
        on.resize(*size)
        keep(name, on)

    for walk in (light_pages, spacing_pages):
        with tempfile.TemporaryDirectory() as folder:
            walk(Path(folder), palette, sized)


def main(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    application = QApplication.instance() or QApplication(sys.argv[:1])
    for width, height in SIZES:

        def keep(name: str, size: tuple[int, int], on: KioskWindow) -> None:
            wait(lambda: on.flow.is_settled)
            for _ in range(20):
                QCoreApplication.processEvents()
            on.grab().save(str(target / f"{name}-{size[0]}x{size[1]}.png"))

        with tempfile.TemporaryDirectory() as folder, real_window(Path(folder)) as window:
            window.resize(width, height)
            kept = partial(keep, size=(width, height), on=window)
            pages(window, kept)
            window._unattended.stop()  # nobody touches it while the machine is examined
            pages_behind_more(window, kept)
        if not MISSING:
            with tempfile.TemporaryDirectory() as folder:
                received_pages(Path(folder), (width, height), keep)
        for palette in (DARK, HIGH_CONTRAST):
            theme = "" if palette is DARK else "-contrast"

            calibration_pages(
                (width, height),
                palette,
                lambda name, on, keep=keep, size=(width, height), theme=theme: keep(
                    f"{name}{theme}", size, on
                ),
            )
    del application


if __name__ == "__main__":
    main(Path(sys.argv[1]))
