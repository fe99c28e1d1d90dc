"""Every page of the program in the states that people see: the one table for checks of them all.

`test_every_page_is_in_the_table` fails where a page or a way in was added and is not in it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QEvent
from PyQt6.QtWidgets import QApplication, QMainWindow

from edge_app.domain.account import EmergencyReason, EmergencyUse
from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.patient import PatientRef
from edge_app.domain.quality import QualityIssue
from edge_app.domain.setting import Key, Origin, Scope, Setting
from edge_app.domain.study import Verdict
from edge_app.ui.calibration_run import Stage
from edge_app.ui.entrance import EntranceWindow
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.live_feed import FeedState
from edge_app.ui.look import USUAL, Look
from edge_app.ui.page import Page
from edge_app.ui.parts import KioskParts
from edge_app.ui.reading_view import Tool
from edge_app.ui.study_flow import Activity, Step
from edge_app.ui.translator import Speech
from edge_app.ui.ways import Way
from edge_app.workflow import examine
from tests.fakes import (
    LABELS,
    NOON,
    FakeClock,
    FakeDetector,
    FakeOutbox,
    FakeScanner,
    FakeStore,
    a_detection,
    a_reading,
    an_image,
    some_pixels,
)
from tests.ui.test_about_page import FakeAbout
from tests.ui.test_entrance import KEY, FakeDoor
from tests.ui.test_figures_page import FakeFigures
from tests.ui.test_leaving_page import FakeLeaving
from tests.ui.test_service_page import FakeCommissioning
from tests.ui.tongues import in_english
from tests.ui.window_bench import WindowBench

Show = Callable[[], None]
SCREEN = (1280, 800)
_NAME = "Amina Test"
_EMERGENCY = EmergencyUse(NOON, "Chuma Adeyemi", EmergencyReason.DANGER)
_WRONG = ("The device does not answer.", "Put its cable back in, switch it on, and connect again.")
_LONG = ScannerUnavailableError(*_WRONG)
_SETTINGS = [
    Setting(Scope.DEVICE, Key.LANGUAGE, "English", Origin.CHOSEN),
    Setting(Scope.SITE, Key.SHUTTER, "F9", Origin.FILE, "devices.toml"),
    Setting(Scope.PERSON, Key.ROLES, "clinician, operator", Origin.ACCOUNT),
]
OF_ERRORS = (*_WRONG, "The microscope does not answer.", "Put the cable back in.")


@dataclass(frozen=True)
class Shown:
    """One page in one state, as it stands in `window` now."""

    name: str
    window: QMainWindow
    look: Look


def settle() -> None:
    """Let everything that waits be laid out and painted, and what is of no use any more go."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for _ in range(8):
        QApplication.processEvents()
    for _ in range(4):  # of what has changed just now
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)


def a_bench(qtbot, folder: Path, look: Look = USUAL) -> WindowBench:
    """Return a window with two scanners, a detector that finds, and everything that is offered."""
    clock, store, detector = FakeClock(), FakeStore(), a_finding_detector()
    outbox, scanner = FakeOutbox(store), FakeScanner(clock, moves=True)
    parts = KioskParts(
        [scanner, FakeScanner(clock)], detector, "CPU, int8", store, outbox, clock,
        analysis=detector, leaving=FakeLeaving(folder), card="# A card\n\nOf `a-detector`.",
        is_emergency=True, recovered=("study-0",), about=FakeAbout(), figures=FakeFigures(),
        commissioning=FakeCommissioning(), settings=lambda: _SETTINGS,
    )  # fmt: skip
    window = KioskWindow(parts, look)
    qtbot.addWidget(window)
    window.resize(*SCREEN)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    return WindowBench(window, qtbot, clock, scanner, detector, store, outbox)


def a_finding_detector() -> FakeDetector:
    return FakeDetector([a_detection(name, 0.4 + 0.2 * n) for n, name in enumerate(LABELS * 3)])


def end(bench: WindowBench) -> None:
    bench.scanner.flowing.set()
    bench.detector.answering.set()
    bench.window.close()


def every_page(
    bench: WindowBench, looks: Sequence[Look] = (USUAL,), size: tuple[int, int] = SCREEN
) -> Iterator[Shown]:
    """Yield every page of the kiosk, each in each look."""
    window = bench.window
    for name, show in _states(bench):
        for look in looks:
            if look != window.look:
                window.build(look)
            window.resize(*size)
            show()
            settle()
            yield Shown(name, window, look)
        window.sheet.next()


def every_way_in(
    bench: WindowBench, speech: Speech | None = None, looks: Sequence[Look] = (USUAL,)
) -> Iterator[Shown]:
    """Yield every way in, each in each look, with something said under the fields."""
    door = FakeDoor("Amina", "Baraka", "Chuma")
    door.inside, door.used = "Amina", [_EMERGENCY]
    for look in looks:
        entrance = EntranceWindow(door, bench.window.runner, speech or in_english(), look)
        bench.qtbot.addWidget(entrance)
        entrance.resize(*SCREEN)
        entrance.show()
        entrance.activateWindow()
        entrance._key = KEY
        for way in Way:
            entrance.name_chosen = "Amina"
            entrance._show(way)
            entrance.say(_LONG)
            settle()
            yield Shown(f"way in: {way.value}", entrance, look)
        entrance.close()


def pages_shown(bench: WindowBench) -> set[type[Page]]:
    """Return the pages that the table goes over."""
    return {type(shown.window.page) for shown in every_page(bench)}


def _states(bench: WindowBench) -> Iterator[tuple[str, Show]]:
    yield from _before_a_study(bench)
    yield from _off_the_path(bench)
    yield from _capturing(bench)
    yield from _reviewing(bench)
    yield from _signing(bench)
    yield from _following(bench)


def _stay() -> None:
    """Show nothing else: the page of the present step stands there."""


def _before_a_study(bench: WindowBench) -> Iterator[tuple[str, Show]]:
    window = bench.window
    yield "patient", _stay
    _kept_studies(bench)

    def studies() -> None:
        window._step_aside(window.studies_page)
        bench.until(lambda: window.studies_page.rows)

    yield "studies", studies
    window._come_back()


def _kept_studies(bench: WindowBench) -> None:
    """Keep three signed visits of one patient, and a study that waits."""
    for count in (2, 4, 9):
        image = an_image(some_pixels(shift=count))
        clock = FakeClock()
        clock.pass_s(timedelta(days=7 * count).total_seconds())
        study = examine.begin(bench.store, clock, PatientRef("P-9", "Bartholomew Ananthakrishnan"))
        study = examine.keep(bench.store, study, image)
        said = a_reading(image, [a_detection("platelet")] * count)
        study = examine.keep_reading(bench.store, study, study.images[0].image_id, said)
        for index in range(count):
            study = examine.judge(bench.store, study, index, Verdict.ACCEPTED)
        examine.sign(bench.store, clock, study, "Dr Test")
    examine.begin(bench.store, FakeClock(), PatientRef("P-8", "Test Person"))


def _off_the_path(bench: WindowBench) -> Iterator[tuple[str, Show]]:
    window = bench.window

    def aside(page: str) -> Show:
        return lambda: window._step_aside(getattr(window, page))

    for page in ("devices_page", "card_page", "look_page"):
        yield page, aside(page)
    for stage in Stage:
        for way in ("by_marks", "by_lines") if stage is Stage.FROZEN else ("by_marks",):
            yield f"calibration: {stage.name}, {way}", partial(_calibrating, window, stage, way)
    for place in range(len(window.behind_more.pages)):
        yield f"behind more: {place}", partial(_behind_more, bench, place)
    window._come_back()
    yield "error sheet", lambda: window.show_error(_LONG)


def _behind_more(bench: WindowBench, place: int) -> None:
    bench.window._step_aside(bench.window.behind_more.pages[place])
    bench.qtbot.wait(50)


def _calibrating(window: KioskWindow, stage: Stage, way: str) -> None:
    page = window.calibration_page
    window._step_aside(page)
    page.run.stage = stage
    getattr(page, way).setChecked(True)
    page.refresh()


def _capturing(bench: WindowBench) -> Iterator[tuple[str, Show]]:
    window = bench.window
    bench.to_capture("P-9", "Bartholomew Ananthakrishnan")
    yield "capture", _stay

    def live() -> None:
        window.capture_page.live_panel.switch.setChecked(True)
        bench.until(window.capture_page.live_panel.words.text)

    yield "capture: live marks", live
    window.capture_page.live_panel.switch.setChecked(False)
    bench.scanner.is_gone = True
    bench.until(lambda: window.feed.state is FeedState.LOST)
    yield "capture: no picture", _stay
    bench.scanner.is_gone = False
    window.capture_page.reconnect.click()
    bench.until(window.feed.picture)
    bench.until(window.footer.primary.isEnabled)


def _read(bench: WindowBench) -> None:
    bench.until(bench.window.footer.primary.isEnabled)
    bench.window.footer.primary.click()
    bench.until(lambda: _is_read(bench))


def _is_read(bench: WindowBench) -> bool:
    flow = bench.window.flow
    return flow.step is Step.REVIEW and flow.is_settled and flow.activity is Activity.NONE


def _retake(bench: WindowBench) -> None:
    bench.window.flow.retake()
    bench.until(lambda: bench.window.flow.step is Step.CAPTURE and bench.window.feed.picture())


def _reviewing(bench: WindowBench) -> Iterator[tuple[str, Show]]:
    window, detector = bench.window, bench.detector
    detector.answering.clear()
    window.footer.primary.click()
    bench.until(lambda: window.flow.step is Step.READ and window.flow.is_saved)
    yield "read", partial(bench.until, lambda: window.flow.step is Step.READ)
    detector.answering.set()
    bench.until(lambda: _is_read(bench))
    _retake(bench)
    detector.issue = QualityIssue.UNDER_EXPOSED
    _read(bench)
    yield "review: cannot say", _stay
    detector.issue = None
    _retake(bench)
    detector.is_off = True
    _read(bench)
    bench.window.sheet.next()
    yield "review: not analysed", _stay
    detector.is_off = False
    _retake(bench)
    detector.detections, found = (), detector.detections
    _read(bench)
    yield "review: nothing found", _stay
    detector.detections = found
    _retake(bench)
    _read(bench)
    yield "review: findings", lambda: window.findings_page.select(0)
    for tool in (Tool.BOX, Tool.LENGTH, Tool.LEVELS, Tool.EARLIER):
        yield f"review: {tool.value}", partial(_use, window, tool)
    yield "review: name", lambda: _rename(window)
    window.findings_page.bench.side.leave()


def _use(window: KioskWindow, tool: Tool) -> None:
    side = window.findings_page.bench.side
    if side.in_use is not tool:
        side.use(tool)


def _rename(window: KioskWindow) -> None:
    page = window.findings_page
    page.bench.side.rename(page.rows[0])


def _signing(bench: WindowBench) -> Iterator[tuple[str, Show]]:
    window = bench.window
    window.flow.go(Step.SIGN)
    yield "sign: open", _stay
    window.flow.judge(range(len(window.flow.study.findings)), Verdict.ACCEPTED)

    def ready() -> None:
        window.sign_page.signer.setText("B. Signer")
        bench.until(window.footer.primary.isEnabled)

    yield "sign: ready", ready
    window.footer.primary.click()
    bench.until(lambda: window.flow.is_signed and window.sign_page.leave.isVisible())
    yield "signed", _stay
    yield "signed: amend", lambda: window.sign_page.amend.unfold(is_open=True)

    def leaving() -> None:
        window._let_leave()
        page = window.leaving_page
        bench.until(lambda: page.leaving and page.leaving.found is not None)

    yield "leaving", leaving
    window._come_back()


def _following(bench: WindowBench) -> Iterator[tuple[str, Show]]:
    window = bench.window

    def history() -> None:
        window._step_aside(window.history_page)
        bench.until(lambda: window.history_page.choices)
        names = [c.text() for c in window.history_page.choices]
        window.history_page.choices[len(names) - 1].click()

    yield "history", history
    window._come_back()
