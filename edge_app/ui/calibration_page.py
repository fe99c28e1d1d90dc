"""The calibration of one device: its light, and the size of its pixels."""

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from edge_app.ports import Calibrator
from edge_app.ui import tokens as t
from edge_app.ui.calibration_run import CalibrationRun, Stage
from edge_app.ui.calibration_words import (
    light_words,
    lines_words,
    marks_words,
    spacing_words,
    step_words,
    title_words,
)
from edge_app.ui.control_panel import ControlPanel
from edge_app.ui.error_sheet import Notice, notice_of
from edge_app.ui.icons import Icon, pixmap_of
from edge_app.ui.lanes import Runner
from edge_app.ui.live_feed import FeedState
from edge_app.ui.mark_view import MarkView
from edge_app.ui.number_pad import Asked, NumberPad
from edge_app.ui.page import Page, Primary, beside, label, side_panel
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.tokens import Palette
from edge_app.ui.viewport import length_words
from edge_app.ui.words import trouble_words

_TICK_MS = 33
_SIGN_PX = 32
_FOUND = (Stage.LIGHT_FOUND, Stage.SPACING_FOUND)


class CalibrationPage(Page):
    """For a technician; nothing is kept but what Keep was touched for."""

    left = pyqtSignal()
    kept = pyqtSignal()

    def __init__(
        self,
        flow: StudyFlow,
        runner: Runner,
        on_error: Callable[[Exception], None],
        palette: Palette,
    ) -> None:
        super().__init__(flow, palette)
        self.run = CalibrationRun(runner, flow.parts.clock, on_error)
        self.run.on_change = self._show_changes
        self.run.on_kept = self.kept.emit
        self._was: tuple[object, ...] = ()
        self.view = MarkView(palette)
        self.view.setAccessibleName(self.tr("Picture to be measured"))
        self.view.touched.connect(self._picture_touched)
        self.view.moved.connect(self.refresh)
        self.title = label("", "title")
        self.found = label("", "large")
        self.steps = label()
        self.problem = label("", "large")
        self.remedy = label()
        self.controls = ControlPanel(palette, self._turn)
        self._make_buttons()
        self._make_pads()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.tick)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.activated.connect(self.step_back)

    def _make_buttons(self) -> None:
        self.light_row = self._row(Stage.LIGHT)
        self.scale_row = self._row(Stage.SCALE)
        self._jobs = tuple((row, label("", "muted")) for row in (self.light_row, self.scale_row))
        self.by_marks = self._way(self.tr("By marks"))
        self.by_lines = self._way(self.tr("By lines"))
        self.by_marks.setChecked(True)
        self.by_marks.toggled.connect(self.refresh)
        self.again = self.button("", Icon.REPEAT)
        self.again.clicked.connect(self._again)
        self.back = self.button("", Icon.BACK)
        self.back.clicked.connect(self._leave_as_it_was)

    def _row(self, stage: Stage) -> QPushButton:
        icon = Icon.CONTRAST if stage is Stage.LIGHT else Icon.RULER
        row = self.button(title_words(stage), icon)
        row.setObjectName("row")
        row.clicked.connect(partial(self._go, stage))
        return row

    def _way(self, words: str) -> QPushButton:
        way = self.button(words)
        way.setCheckable(True)
        way.setAutoExclusive(True)
        return way

    def _make_pads(self) -> None:
        apart = Asked(self.tr("Between the marks"), "mm", 1e-5, 1000)
        line = Asked(self.tr("Apart"), "mm", 1e-5, 1000)
        spaces = Asked(self.tr("Spaces"), "", 4, 1000)
        self.marks_pad = NumberPad(self.colours, (apart,))
        self.lines_pad = NumberPad(self.colours, (line, spaces))
        for pad in (self.marks_pad, self.lines_pad):
            pad.changed.connect(self.refresh)
            pad.entered.connect(self._entered)

    def _lay_out(self) -> None:
        panel, lines = side_panel()
        lines.addWidget(self.title)
        self._ways = QWidget()
        ways = QHBoxLayout(self._ways)
        ways.setContentsMargins(0, 0, 0, 0)
        ways.setSpacing(t.SPACE_2)
        for way in (self.by_marks, self.by_lines):
            ways.addWidget(way, 1)
        lines.addWidget(self._made_problem())
        for widget in (self._ways, self.found, self.steps):
            lines.addWidget(widget)
        for row, words in self._jobs:
            lines.addWidget(row)
            lines.addWidget(words)
        for widget in (self.marks_pad, self.lines_pad, self.controls):
            lines.addWidget(widget)
        lines.addStretch(1)
        lines.addWidget(self.again)
        lines.addWidget(self.back)
        beside(self, self.view, panel)

    def _made_problem(self) -> QWidget:
        self._problem_box = QWidget()
        row = QHBoxLayout(self._problem_box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(t.SPACE_3)
        sign = QLabel()
        sign.setPixmap(pixmap_of(Icon.WARNING, self.colours.text, _SIGN_PX))
        sign.setFixedSize(QSize(_SIGN_PX, _SIGN_PX))
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        said = QVBoxLayout()
        said.setSpacing(t.SPACE_1)
        said.addWidget(self.problem)
        said.addWidget(self.remedy)
        row.addLayout(said, 1)
        return self._problem_box

    def begin(self, calibrator: Calibrator) -> None:
        """Take a device to be measured."""
        for pad in (self.marks_pad, self.lines_pad):
            pad.clear()
        self.view.clear_points()
        self.run.begin(calibrator)

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Ask for frames."""
        super().showEvent(a0)
        self._timer.start()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Leave the device alone; whoever goes to another page has kept nothing."""
        super().hideEvent(a0)
        self._timer.stop()
        if a0 and not a0.spontaneous():
            self.forget()

    def forget(self) -> None:
        """Let go of the device and of what was measured."""
        self.run.leave()
        self.view.clear_points()
        self.view.show_image(None, self.tr("No picture from the scanner"))

    def tick(self) -> None:
        """Ask for the next frame, and show what is live or frozen."""
        self.run.tick()
        if not self.run.is_working:
            picture = self.run.picture()
            cover = "" if picture else self._cover_words()
            if picture is not self.view.image or cover != self.view.cover:
                self.view.show_image(picture, cover)
        self._show_changes()

    def _cover_words(self) -> str:
        feed = self.run.feed
        if feed and feed.trouble:
            return trouble_words(feed.trouble)
        if feed and (feed.state is FeedState.STARTING or feed.is_first_frame_due):
            return self.tr("Starting the scanner")
        return self.tr("No picture from the scanner")

    def _show_changes(self) -> None:
        run, feed = self.run, self.run.feed
        live = (feed.problem, feed.waiting, feed.controls, feed.habits) if feed else ()
        now = (run.stage, run.is_working, run.problem, self.view.image is None, live)
        if now != self._was:
            is_next = self._was[:2] != now[:2] and not run.is_working
            self._was = now
            self.refresh()
            if is_next:  # what was pressed is hidden, or was disabled meanwhile
                self._place_focus()

    def _place_focus(self) -> None:
        """Have a keyboard begin where the work is."""
        first = {Stage.CHOOSE: self.light_row, Stage.FROZEN: self.view}.get(self.run.stage)
        (first or self.back).setFocus(Qt.FocusReason.OtherFocusReason)

    def _turn(self, name: str, value: float) -> None:
        if self.run.feed:
            self.run.feed.turn(name, value)

    def _go(self, stage: Stage) -> None:
        self.run.go(stage)
        self.refresh()

    def step_back(self) -> None:
        """Go back one step, from the first one to the page before."""
        if self.run.is_working:
            return
        if not self.run.back():
            self.left.emit()
        self.refresh()

    def _leave_as_it_was(self) -> None:
        if self.run.stage in _FOUND:
            self._go(Stage.CHOOSE)
        else:
            self.step_back()

    def _again(self) -> None:
        if self.run.stage is Stage.FROZEN:
            self.view.clear_points()
        self.step_back()

    def _picture_touched(self, _x: float, _y: float) -> None:
        if self.run.stage is Stage.SCALE:
            self._freeze()

    def _freeze(self) -> None:
        self.view.clear_points()
        self.run.freeze()
        self.refresh()

    def _entered(self) -> None:
        if self.primary().is_enabled:
            self.act()

    def primary(self) -> Primary:
        """Measure, then keep."""
        run, is_there = self.run, self.view.image is not None
        if run.is_working:
            words = self.tr("Being kept") if run.stage in _FOUND else self.tr("Measuring")
            return Primary(words, Icon.RULER, is_enabled=False)
        if run.stage in _FOUND:
            return Primary(self.tr("Keep"), Icon.ACCEPT, is_enabled=True)
        return {
            Stage.CHOOSE: Primary(self.tr("Done"), Icon.ACCEPT, is_enabled=True),
            Stage.LIGHT: Primary(self.tr("Measure"), Icon.RULER, is_there),
            Stage.SCALE: Primary(self.tr("Freeze"), Icon.CAMERA, is_there),
            Stage.FROZEN: Primary(self.tr("Measure"), Icon.RULER, self._is_complete()),
        }[run.stage]

    def _is_complete(self) -> bool:
        if self.by_marks.isChecked():
            return len(self.view.points) == 2 and self.marks_pad.value() is not None
        return None not in (self.lines_pad.value(0), self.lines_pad.value(1))

    def act(self) -> None:
        """Take the next step."""
        run = self.run
        if run.stage is Stage.CHOOSE:
            self.left.emit()
        elif run.stage is Stage.LIGHT:
            run.measure_light()
        elif run.stage is Stage.SCALE:
            self._freeze()
        elif run.stage is Stage.FROZEN:
            self._measure_spacing()
        else:
            run.keep()
        self.refresh()

    def _measure_spacing(self) -> None:
        if self.by_marks.isChecked():
            apart_mm = self.marks_pad.value()
            if apart_mm:
                self.run.measure_marks(self.view.points, apart_mm)
            return
        apart_mm, spaces = self.lines_pad.value(0), self.lines_pad.value(1)
        if apart_mm and spaces:
            self.run.measure_lines(apart_mm, round(spaces))

    def refresh(self) -> None:
        """Show the step that the technician is at."""
        run = self.run
        stage, is_frozen = run.stage, run.stage is Stage.FROZEN
        by_marks = self.by_marks.isChecked()
        self.view.takes_marks = by_marks and is_frozen and not run.is_working
        self.view.shows_marks = by_marks and stage in (Stage.FROZEN, Stage.SPACING_FOUND)
        self.view.update()
        self.title.setText(title_words(stage))
        self._say(self.steps, self._step_words())
        self._say(self.found, self._found_words())
        self._show_problem()
        self._show_rows()
        self._ways.setVisible(is_frozen)
        self.marks_pad.setVisible(is_frozen and by_marks)
        self.lines_pad.setVisible(is_frozen and not by_marks)
        self.controls.setVisible(stage in (Stage.LIGHT, Stage.SCALE) and not run.is_working)
        if run.feed:
            self.controls.show_controls(run.feed.controls)
        self._show_ways_back()
        self.changed.emit()

    def _step_words(self) -> str:
        if self.run.stage is not Stage.FROZEN:
            return step_words(self.run.stage)
        return marks_words(len(self.view.points)) if self.by_marks.isChecked() else lines_words()

    def _found_words(self) -> str:
        run = self.run
        if run.stage is Stage.LIGHT_FOUND and run.light:
            return light_words(run.light)
        if run.stage is Stage.SPACING_FOUND and run.spacing and run.frozen:
            return spacing_words(run.spacing.spacing_mm, run.frozen, run.spacing_before_mm)
        return ""

    def _show_problem(self) -> None:
        run = self.run
        feed_says = (run.feed.problem or run.feed.waiting) if run.feed and not run.frozen else ""
        problem = notice_of(run.problem) if run.problem else Notice(feed_says)
        safe = problem.safe if run.stage in _FOUND else ""
        self._say(self.problem, problem.what)
        self._say(self.remedy, f"{safe} {problem.remedy}".strip())
        self._problem_box.setVisible(bool(problem.what))

    def _show_rows(self) -> None:
        run = self.run
        is_live = run.feed is not None and not run.feed.habits.stills
        light = self.tr("For a microscope, on an empty field")
        if not is_live:
            light = self.tr("Only for a device with a live picture")
        picture = run.picture()
        scale = self.tr("With a stage micrometer or a ruler")
        if picture and picture.spacing_mm:
            size = length_words(picture.spacing_mm[1])
            scale = self.tr("Nothing to measure: the device itself says that one is {0}").format(
                size
            )
        is_unknown = not (picture and picture.spacing_mm)
        said = ((light, is_live), (scale, is_unknown))
        for (row, words), (told, is_on) in zip(self._jobs, said, strict=True):
            words.setText(told)
            row.setAccessibleDescription(told)
            row.setEnabled(is_on)
            row.setVisible(run.stage is Stage.CHOOSE)
            words.setVisible(run.stage is Stage.CHOOSE)

    def _show_ways_back(self) -> None:
        stage = self.run.stage
        again = self.tr("Measure again") if stage in _FOUND else self.tr("Another picture")
        back = self.tr("Leave as it was") if stage in _FOUND else self.tr("Back")
        for button, words in ((self.again, again), (self.back, back)):
            button.setText(words)
            button.setAccessibleName(words)
            button.setEnabled(not self.run.is_working)
        self.again.setVisible(stage in (*_FOUND, Stage.FROZEN))

    def _say(self, place: QLabel, words: str) -> None:
        place.setText(words)
        place.setVisible(bool(words))
