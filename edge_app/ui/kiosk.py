"""The window: header, banner, pages, footer, and a sheet for what went wrong."""

import logging
from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QClipboard, QCloseEvent
from PyQt6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from edge_app.domain.reading import Certificate
from edge_app.ports import Calibrator
from edge_app.ui import tokens as t
from edge_app.ui.calibration_offer import CalibrationOffer
from edge_app.ui.calibration_page import CalibrationPage
from edge_app.ui.capture_page import CapturePage
from edge_app.ui.card_page import CardPage
from edge_app.ui.detector_start import DetectorStart
from edge_app.ui.devices_page import DevicesPage
from edge_app.ui.error_sheet import ErrorSheet, notice_of
from edge_app.ui.findings_page import FindingsPage
from edge_app.ui.footer import Footer
from edge_app.ui.header import Header
from edge_app.ui.history_page import HistoryPage
from edge_app.ui.inspection import Inspection
from edge_app.ui.known_devices import KnownDevices
from edge_app.ui.leaving_page import LeavingPage
from edge_app.ui.live_feed import LiveFeed
from edge_app.ui.live_marks import LiveMarks
from edge_app.ui.look import USUAL, Look
from edge_app.ui.look_page import LookPage
from edge_app.ui.more_pages import Behind, MorePages
from edge_app.ui.page import Page, clear_margins, emergency_banner, research_banner
from edge_app.ui.parts import KioskParts
from edge_app.ui.patient_page import PatientPage
from edge_app.ui.read_page import ReadPage
from edge_app.ui.selftest_run import SelftestRun
from edge_app.ui.sign_page import SignPage
from edge_app.ui.studies_page import StudiesPage
from edge_app.ui.study_flow import Activity, Step, StudyFlow
from edge_app.ui.task_runner import TaskRunner
from edge_app.ui.theme import style_sheet
from edge_app.ui.tokens import Palette
from edge_app.ui.upkeep_run import UpkeepRun
from edge_app.ui.words import running_words

_LOG = logging.getLogger(__name__)
_HOUR_MS = 3_600_000
_SECOND_MS = 1000
_UNATTENDED_MS = 180_000
_OUTBOX_MS = 5_000
_SOMEBODY_IS_THERE = (
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.TouchBegin,
    QEvent.Type.Wheel,
)


def _forget_clipboard() -> None:
    clipboard = QApplication.clipboard()
    if clipboard:
        for mode in (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection):
            clipboard.clear(mode)


class KioskWindow(QMainWindow):
    """Owns the flow and the threads; the pages are built anew for another look.

    Left alone for three minutes, or when somebody touches Lock, it holds no widget with a
    patient's name and says `locked`; the study goes on where it was after `unlock`.
    """

    locked = pyqtSignal()
    look_chosen = pyqtSignal(Look)

    def __init__(self, parts: KioskParts, look: Look = USUAL) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Edge imaging"))
        self.resize(1280, 800)
        self.runner = TaskRunner(self.show_error, self)
        self.flow = StudyFlow(parts, self.runner, self.refresh, self.show_error)
        self.feed = LiveFeed(
            parts.scanners, self.runner, parts.clock, self.show_error, parts.store.holds
        )
        self.selftest = SelftestRun(
            parts.selftest, parts.provider_words, self.runner, self._selftest_moved, self.show_error
        )
        self.start = DetectorStart(
            parts.preparation, self.runner, self._detector_ready, self._selftest_moved
        )
        self.live = LiveMarks(
            parts.detector, self.runner, parts.clock, self._is_read_first, self.show_error
        )
        self.devices = KnownDevices(parts.scanners, self.runner, self.show_error)
        if len(parts.scanners) > 1:
            self.devices.look()
        self.upkeep = UpkeepRun(parts.upkeep, self.runner, self.show_error, self)
        work = parts.commissioning
        self.inspection = Inspection(work, self.runner, self.show_error) if work else None
        self._study_shown = ""
        self._is_locked = False
        self._told_meanwhile: list[BaseException] = []
        self._aside: Page | None = None
        self._is_emergency = parts.is_emergency
        self.build(look)
        self._ticking: list[QTimer] = []
        self._again_and_again(self.flow.outbox.work_if_due, _OUTBOX_MS)
        self.flow.outbox.work()
        self._begin_with_detector()
        self._watch_for_somebody()

    def _begin_with_detector(self) -> None:
        self._each_second = QTimer(self)
        self._each_second.timeout.connect(self._selftest_moved)
        if self.start.is_waiting:
            self._each_second.start(_SECOND_MS)
            self.start.begin()
        self._again_and_again(self._test_if_ready, _HOUR_MS)
        self._test_if_ready()

    def _test_if_ready(self) -> None:
        if not self.start.is_waiting:  # whether a test is due is known only then
            self.selftest.run_if_due()

    def _watch_for_somebody(self) -> None:
        self._unattended = QTimer(self)
        self._unattended.setSingleShot(True)
        self._unattended.timeout.connect(self.lock)
        self._unattended.start(_UNATTENDED_MS)
        application = QApplication.instance()
        if application:
            application.installEventFilter(self)

    def _again_and_again(self, work: Callable[[], None], every_ms: int) -> None:
        """Do `work` at each interval, until the window is closed."""
        timer = QTimer(self)
        timer.timeout.connect(work)
        timer.start(every_ms)
        self._ticking.append(timer)

    def eventFilter(self, a0: QObject | None, a1: QEvent | None) -> bool:
        """Notice that somebody is there, and let every event pass."""
        if a1 and a1.type() in _SOMEBODY_IS_THERE:
            self.flow.whose.touched()
            self._unattended.start()
        return super().eventFilter(a0, a1)

    def build(self, look: Look) -> None:
        """Make every widget as `look` says."""
        self.look, palette = look, look.palette
        self._aside = None  # it belongs to the widgets that go now
        self.setStyleSheet(style_sheet(look))
        self.header = Header(self.flow, self.feed, self.start, self.selftest, palette)
        self.footer = Footer(self.flow, palette)
        self.patient_page = PatientPage(self.flow, palette)
        self.capture_page = CapturePage(self.flow, self.feed, self.live, self.devices, palette)
        self._build_asides(palette)
        self.leaving_page = LeavingPage(self.flow, self.runner, self.show_error, palette)
        self.leaving_page.left.connect(self._come_back)
        self.read_page = ReadPage(self.flow, palette)
        self.findings_page = FindingsPage(self.flow, self.runner, self.show_error, palette)
        self.sign_page = SignPage(self.flow, palette)
        self.sign_page.history_wanted.connect(lambda: self._step_aside(self.history_page))
        self.sign_page.leaving_wanted.connect(self._let_leave)
        self.pages: dict[Step, Page] = {
            Step.PATIENT: self.patient_page,
            Step.CAPTURE: self.capture_page,
            Step.READ: self.read_page,
            Step.REVIEW: self.findings_page,
            Step.SIGN: self.sign_page,
        }
        self._lay_out()
        self.sheet = ErrorSheet(palette, self._root)
        self.sheet.opened.connect(lambda: self._body.setEnabled(False))
        self.sheet.closed.connect(lambda: self._body.setEnabled(True))
        self.header.explained.connect(self.sheet.say)
        self.page.setFocus(Qt.FocusReason.OtherFocusReason)
        self.header.look_wanted.connect(lambda: self._step_aside(self.look_page))
        self.header.devices_wanted.connect(lambda: self._step_aside(self.devices_page))
        self.header.card_wanted.connect(self._show_card)
        self.header.lock_wanted.connect(self.lock)
        self.footer.acted.connect(self._act)
        self.refresh()

    def _build_asides(self, palette: Palette) -> None:
        """Make the pages off the path."""
        offer = CalibrationOffer(self.flow, self.feed, self.runner, self.show_error, palette)
        offer.wanted.connect(self._calibrate)
        self.devices_page = DevicesPage(self.flow, self.feed, self.devices, offer, palette)
        self.devices_page.left.connect(self._come_back)
        self.calibration_page = CalibrationPage(self.flow, self.runner, self.show_error, palette)
        self.calibration_page.left.connect(lambda: self._step_aside(self.devices_page))
        self.calibration_page.kept.connect(self._calibrated)
        self.look_page = LookPage(self.flow, self.look)
        self.look_page.chosen.connect(self._change_look)
        self.look_page.left.connect(self._come_back)
        self.card_page = CardPage(self.flow, palette, self.look.letters_px(t.BODY_PX))
        self.card_page.left.connect(self._come_back)
        self.studies_page = StudiesPage(self.flow, self.runner, self.show_error, palette)
        self.studies_page.left.connect(self._come_back)
        self.patient_page.studies_wanted.connect(lambda: self._step_aside(self.studies_page))
        self.history_page = HistoryPage(self.flow, self.runner, self.show_error, palette)
        self.history_page.left.connect(self._come_back)
        behind = Behind(self.inspection, self.selftest, self.runner, self.show_error)
        self.behind_more = MorePages(self.flow, behind, palette, self._step_aside)
        self.behind_more.more.left.connect(self._come_back)
        self.patient_page.more_wanted.connect(lambda: self._step_aside(self.behind_more.more))

    def _lay_out(self) -> None:
        self._root = QWidget()
        self._root.setObjectName("kiosk")
        self._body = QWidget()
        self.banner = research_banner()
        self.stack = QStackedWidget()
        asides = (
            self.devices_page,
            self.calibration_page,
            self.card_page,
            self.studies_page,
            self.history_page,
            self.leaving_page,
            *self.behind_more.pages,
            self.look_page,
        )
        for page in (*self.pages.values(), *asides):
            self.stack.addWidget(page)
            page.changed.connect(self._page_changed)
        lines = QVBoxLayout(self._body)
        clear_margins(lines)
        for widget in (self.banner, self.header):
            lines.addWidget(widget)
        if self._is_emergency:
            lines.insertWidget(0, emergency_banner())
        lines.addWidget(self.stack, 1)
        lines.addWidget(self.footer)
        around = QVBoxLayout(self._root)
        clear_margins(around)
        around.addWidget(self._body)
        self.setCentralWidget(self._root)

    @property
    def page(self) -> Page:
        """The page of the present step, or the one off the path that somebody went to."""
        return self._aside or self.pages[self.flow.step]

    def _calibrate(self, calibrator: Calibrator) -> None:
        self.feed.lend()
        self.calibration_page.begin(calibrator)
        self._step_aside(self.calibration_page)

    def _calibrated(self) -> None:
        self._step_aside(self.devices_page)
        self.devices_page.say_kept()

    def _show_card(self) -> None:
        self.card_page.say(self.header.detector_words())
        self._step_aside(self.card_page)

    def _let_leave(self) -> None:
        self._step_aside(self.leaving_page)
        self.leaving_page.begin()

    def _step_aside(self, page: Page) -> None:
        self._aside = page
        self.refresh()

    def _come_back(self) -> None:
        self._aside = None
        self.refresh()

    def refresh(self) -> None:
        """Show what the flow says; a new patient finds nothing of the former."""
        if self._is_locked:
            return
        study = self.flow.study
        study_id = study.study_id if study else ""
        if self._study_shown and study_id != self._study_shown:
            for page in (*self.pages.values(), self.devices_page, self.leaving_page):
                page.forget()
        self._study_shown = study_id
        self.capture_page.let_go_of_kept()
        self.page.refresh()
        if self.stack.currentWidget() is not self.page:
            self.stack.setCurrentWidget(self.page)
            self.page.setFocus(Qt.FocusReason.OtherFocusReason)
        self._page_changed()

    def _page_changed(self) -> None:
        self.header.refresh()
        self.footer.refresh(self.page.primary(), is_aside=self._aside is not None)

    def _detector_ready(self, certificate: Certificate) -> None:
        self.selftest.provider_words = running_words(certificate)
        self.selftest.run_if_due()

    def _selftest_moved(self) -> None:
        if not self.start.is_waiting:
            self._each_second.stop()
        if not self._is_locked:
            self.header.refresh()

    def lock(self) -> None:
        """Take every page away, with what it shows of a patient, until `unlock`."""
        if self._is_locked:
            return
        self._is_locked = True
        self._unattended.stop()
        self.calibration_page.forget()
        self.leaving_page.forget()
        _forget_clipboard()
        self._let_go_of_pages()
        self.setCentralWidget(QWidget())
        self.locked.emit()

    def _let_go_of_pages(self) -> None:
        """Have no answer come to a page that is gone."""
        self.feed.on_frame = lambda frame: self.flow.whose.heed(frame, self.flow.images)
        self.live.on_answer = self.devices.on_answer = lambda: None

    def unlock(self) -> None:
        """Show the study where it was, and what went wrong meanwhile."""
        self._is_locked = False
        self.build(self.look)
        self._unattended.start()
        self.show()
        for error in self._told_meanwhile:
            self.show_error(error)
        self._told_meanwhile.clear()

    def _is_read_first(self) -> bool:
        """Whether a captured picture needs the detector, so that the preview must wait."""
        return self.flow.activity in (Activity.SAVING, Activity.READING)

    def _act(self) -> None:
        self.page.act()

    def _change_look(self, look: Look) -> None:
        self.build(look)
        self._step_aside(self.look_page)
        self.look_chosen.emit(look)

    def show_error(self, error: BaseException) -> None:
        """Say what happened in a sheet; where the window is locked, after that."""
        notice = notice_of(error)
        _LOG.warning("told %s (%s)", notice.code, type(error).__name__)
        if self._is_locked:
            self._told_meanwhile.append(error)
        else:
            self.sheet.say(notice)

    def closeEvent(self, a0: QCloseEvent | None) -> None:
        """Let go of the scanner and finish what the store has begun."""
        if not self._is_locked:
            self.calibration_page.forget()
        for timer in self._ticking:
            timer.stop()
        self.feed.stop()
        if self.inspection:
            self.inspection.stop()
        self.upkeep.stop()
        self.runner.close()
        super().closeEvent(a0)
