"""What a technician needs of this machine: doctor, self-test, speed, log, and a signed report."""

from collections.abc import Callable
from functools import partial
from pathlib import PurePath

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import QPushButton

from edge_app.domain.commissioning import Found, Level, Medium, Tried
from edge_app.ui import tokens as t
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.in_words import number_words
from edge_app.ui.inspection import Inspection
from edge_app.ui.page import Page, Primary, beside, label, own, scrolled, side_panel
from edge_app.ui.selftest_run import SelftestRun
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.table_view import TableView
from edge_app.ui.tokens import Palette

_SECOND_MS = 1000
_LISTED_LINES = 60


class ServicePage(Page):
    """Tables beside what can be run; shows nothing of a patient."""

    left = pyqtSignal()

    def __init__(
        self,
        flow: StudyFlow,
        inspection: Inspection,
        selftest: SelftestRun,
        palette: Palette,
    ) -> None:
        super().__init__(flow, palette)
        self.inspection, self._selftest = inspection, selftest
        self._shown: tuple[object, ...] = ()
        self._was_testing = False
        self.table = TableView(self.tr("What was found on this machine"))
        own(self.table)  # the doctor speaks English, to technicians and makers
        self.state = label("", "large")
        self.stop = self._fitting(self.tr("Stop"), Icon.REJECT, inspection.stop)
        self.examine = self._fitting(
            self.tr("Examine this machine again"), Icon.REPEAT, inspection.examine
        )
        self.test = self._fitting(
            self.tr("Test the detector on this machine"), Icon.DETECTOR, self._test
        )
        self.measure = self._fitting(self.tr("Measure the speed"), Icon.RULER, inspection.measure)
        self.said = label()
        self.media: list[QPushButton] = []
        self._lay_out()
        inspection.changed.connect(self._changed)
        self._each_second = QTimer(self)
        self._each_second.timeout.connect(self._say_state)
        self.setFocusProxy(self.table)

    def _fitting(self, words: str, icon: Icon, act: Callable[[], None]) -> FittingButton:
        made = FittingButton(words)
        made.setAccessibleName(words)
        made.setIcon(icon_of(icon, self.colours.text, self.colours.disabled))
        made.clicked.connect(act)
        return made

    def _lay_out(self) -> None:
        panel, lines = side_panel()
        area, self._column = scrolled()
        self._column.addWidget(label(self.tr("Service"), "title"))
        for widget in (self.state, self.stop, self.examine, self.test, self.measure):
            self._column.addWidget(widget)
        self._column.addSpacing(t.SPACE_4)
        self._column.addWidget(label(self.tr("Commissioning report, signed"), "large"))
        self._column.addWidget(
            label(self.tr("PDF and JSON of what stands here. Where to?"), "muted")
        )
        self._column.addWidget(self.said)
        self._column.addStretch(1)
        lines.addWidget(area)
        beside(self, self.table, panel)

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Examine the machine where that was not done yet."""
        super().showEvent(a0)
        self._each_second.start(_SECOND_MS)
        self.inspection.look()
        if self.inspection.examination is None:
            self.inspection.examine()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Leave what runs to itself: it comes back by itself."""
        super().hideEvent(a0)
        self._each_second.stop()

    def _test(self) -> None:
        self._selftest.run()
        self._say_state()

    def _changed(self) -> None:
        if self.isVisible():
            self.refresh()
            self.changed.emit()

    def refresh(self) -> None:
        """Show what was found so far."""
        now = (self.inspection.examination, self.inspection.speeds, self.inspection.lines)
        if now != self._shown:
            self._shown = now
            self._fill()
        self._offer_media()
        self._say_state()

    def _fill(self) -> None:
        found = self.inspection.examination
        self.table.begin()
        if found:
            words = {
                Level.OK: self.tr("Well"),
                Level.WARNING: self.tr("Look"),
                Level.FAULT: self.tr("Fault"),
            }
            rows = [[self.tr("State"), self.tr("What"), self.tr("Found"), self.tr("What to do")]]
            by_need = sorted(found.checks, key=lambda check: -list(Level).index(check.level))
            rows += [[words[c.level], c.id, c.found, c.remedy] for c in by_need]
            self.table.add(self.tr("What the doctor says"), "", rows)
            self._fill_tried(found.tried)
        if self.inspection.speeds:
            self._fill_speeds()
        log = "\n".join(self.inspection.lines[-_LISTED_LINES:]) or self.tr("Nothing was written.")
        self.table.add(self.tr("Last lines of the log"), log)
        self.table.end()

    def _fill_tried(self, tried: tuple[Tried, ...]) -> None:
        heads = (self.tr("Detector"), self.tr("Variant"), self.tr("Provider"), self.tr("Found"))
        rows = [[*heads, self.tr("ms"), self.tr("Why")]]
        for way in tried:
            found, why = self._found_words(way)
            ms = number_words(way.median_ms, 1) if way.median_ms else ""
            rows.append([way.detector, way.variant, way.way, found, ms, why])
        self.table.add(self.tr("What the self-test came to"), "", rows)

    def _found_words(self, way: Tried) -> tuple[str, str]:
        return {
            Found.USED: (self.tr("Used"), self.tr("The fastest that agrees")),
            Found.AGREES: (self.tr("Agrees"), self.tr("Another that agrees is faster")),
            Found.REFUSED: (self.tr("Not used"), way.why),
        }[way.found]

    def _fill_speeds(self) -> None:
        heads = (self.tr("Detector"), self.tr("Variant"), self.tr("Provider"))
        figures = (self.tr("Model alone, ms"), self.tr("Whole reading, ms"))
        rows = [[*heads, *figures, self.tr("Cold start, ms"), self.tr("Memory, MB")]]
        for s in self.inspection.speeds:
            shown = (s.session_run_ms, s.pipeline_ms, s.cold_start_ms, s.rss_mb)
            rows.append([s.detector, s.variant, s.provider, *(number_words(x, 1) for x in shown)])
        self.table.add(self.tr("Speed"), "", rows)

    def _offer_media(self) -> None:
        media = self.inspection.media
        names = [self._medium_words(medium) for medium in media]
        if names != [button.text() for button in self.media]:
            for button in self.media:
                button.setParent(None)
                button.deleteLater()
            at = self._column.indexOf(self.said)
            self.media = [
                self._fitting(words, Icon.STORAGE, partial(self._write, medium))
                for words, medium in zip(names, media, strict=True)
            ]
            for place, button in enumerate(self.media):
                self._column.insertWidget(at + place, button)
        can_write = self.inspection.examination is not None and not self.inspection.is_busy
        for button in self.media:
            button.setEnabled(can_write)

    def _medium_words(self, medium: Medium) -> str:
        name = medium.name or self.tr("This machine's own folder")
        return self.tr("{0}: {1} GB free").format(name, number_words(medium.free_bytes / 1e9, 1))

    def _write(self, medium: Medium) -> None:
        self.inspection.write(medium)

    def _say_state(self) -> None:
        run = self.inspection
        if self._was_testing and not self._selftest.is_running:
            run.examine()  # the table is of the test before
        self._was_testing = self._selftest.is_running
        self.state.setText(self._state_words())
        self.stop.setVisible(run.is_examining or run.is_measuring)
        self.examine.setEnabled(not run.is_busy)
        self.measure.setEnabled(not run.is_busy and self.flow.parts.detector is not None)
        self.test.setEnabled(self._selftest.can_run and not run.is_busy)
        names = "\n".join(PurePath(file).name for file in run.files)
        self.said.setText(f"{self.tr('Written and read back:')}\n{names}" if names else "")

    def _state_words(self) -> str:
        run = self.inspection
        seconds = number_words(run.seconds)
        now = (
            (run.is_examining, self.tr("Examining this machine, {0} s").format(seconds)),
            (run.is_measuring, self.tr("Measuring {0}, {1} s").format(run.step, seconds)),
            (run.is_writing, self.tr("Writing the report")),
            (
                self._selftest.is_running,
                self.tr("The detector is being tested on this machine."),
            ),
            (run.is_stopped, self.tr("Stopped.")),
        )
        busy = next((words for is_so, words in now if is_so), "")
        if busy or run.examination is None:
            return busy
        faults = sum(not check.ok for check in run.examination.checks)
        return self.tr("Faults: {0}").format(number_words(faults))

    def primary(self) -> Primary:
        """Back to the work."""
        return Primary(self.tr("Done"), Icon.ACCEPT, is_enabled=True)

    def act(self) -> None:
        """Leave the page."""
        self.left.emit()
