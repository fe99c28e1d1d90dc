"""What the detector said of a picture, and the verdicts of whoever reviews it."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from edge_app.domain.instruction import Instruction
from edge_app.domain.manifest import DetectorManifest
from edge_app.domain.reading import Outcome
from edge_app.domain.study import Verdict
from edge_app.ui import tokens as t
from edge_app.ui.class_panel import ClassPanel
from edge_app.ui.class_style import style_of
from edge_app.ui.finding_list import FindingList
from edge_app.ui.finding_rows import FindingRow, counts_of, looked_for, rows_of
from edge_app.ui.icons import Icon
from edge_app.ui.in_words import number_words, time_words
from edge_app.ui.instruction_pictures import picture_of
from edge_app.ui.instructions import instruction
from edge_app.ui.lanes import Runner
from edge_app.ui.overlay import Mark
from edge_app.ui.page import Page, Primary, beside, clear_margins, label, side_panel
from edge_app.ui.reading_view import Tool
from edge_app.ui.study_flow import Step, StudyFlow
from edge_app.ui.tokens import Palette
from edge_app.ui.whose import Unsure
from edge_app.ui.words import Said, outcome_words, row_words
from edge_app.ui.workbench import Workbench


class FindingsPage(Page):
    """The picture with its findings, and beside it the outcome, the classes and the list."""

    def __init__(
        self,
        flow: StudyFlow,
        runner: Runner,
        on_error: Callable[[Exception], None],
        palette: Palette,
    ) -> None:
        super().__init__(flow, palette)
        self.selected: int | None = None
        self.hidden: set[str] = set()
        self.rows: tuple[FindingRow, ...] = ()
        self._review = QWidget()
        self.bench = Workbench(flow, runner, on_error, self._review, palette)
        self.bench.changed.connect(self._tool_changed)
        self.view, self.side, self.tools = self.bench.view, self.bench.side, self.bench.tools
        self.view.setAccessibleName(self.tr("Picture with findings"))
        self.view.step_mark = self._step_mark
        self.view.mark_touched.connect(self._touched)
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.headline = label("", "large")
        self.detail = label("", "said")
        self.saved = label("", "muted")
        self.classes = ClassPanel(palette)
        self.classes.toggled.connect(self._show_class)
        self.classes.judged.connect(self.judge_class)
        self.list = FindingList(palette)
        self.list.chosen.connect(self.select)
        self.list.judged.connect(self._judged)
        self.chosen_words = label("", "muted")
        self._make_buttons()
        self._lay_out()
        self._make_keys()

    def _make_buttons(self) -> None:
        self.rename = self.button(self.tr("Other label"), Icon.PEN)
        self.rename.setToolTip(self.tr("{0} (key {1})").format(self.rename.text(), "C"))
        self.rename.clicked.connect(self._rename)
        self.by_eye = self.button(self.tr("Read by eye"), Icon.EYE)
        self.by_eye.clicked.connect(self.flow.read_by_eye)
        self.again = self.button(self.tr("Read again"), Icon.REPEAT)
        self.again.clicked.connect(self.flow.read_again)
        self.retake = self.button(self.tr("Retake"), Icon.CAMERA)
        self.retake.clicked.connect(self.flow.retake)
        self.mine = self.button(self.tr("It is of this patient"), Icon.PERSON)
        self.mine.clicked.connect(lambda: self.flow.whose.claim(self.flow.image_id))
        self.retake_now = self.button(self.tr("Retake"), Icon.CAMERA)
        self.retake_now.clicked.connect(self.flow.retake)
        self.another = self.button(self.tr("Another picture"), Icon.PLUS)
        self.another.clicked.connect(lambda: self.flow.go(Step.CAPTURE))
        self.previous_image = self.button("", Icon.BACK)
        self.previous_image.setAccessibleName(self.tr("Former picture"))
        self.previous_image.clicked.connect(lambda: self._turn_image(-1))
        self.next_image = self.button("", Icon.FORWARD)
        self.next_image.setAccessibleName(self.tr("Next picture"))
        self.next_image.clicked.connect(lambda: self._turn_image(1))
        self.play = self.button("", Icon.PLAY)
        self.play.setAccessibleName(self.tr("Play the pictures, key P"))
        self.play.setToolTip(self.play.accessibleName())
        self.play.clicked.connect(lambda: self.side.use(Tool.CINE))
        self.which_image = label()
        self.which_image.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def _lay_out(self) -> None:
        panel, around = side_panel()
        lines = QVBoxLayout(self._review)
        clear_margins(lines)
        lines.setSpacing(t.SPACE_2)
        turning = (self.previous_image, self.which_image, self.next_image, self.play)
        self._turning = _held(QHBoxLayout(), turning)
        lines.addWidget(self._turning)
        for widget in (self.picture, self.headline, self.detail, self.saved):
            lines.addWidget(widget)
        lines.addWidget(self.mine)
        self._ways_out = _held(QVBoxLayout(), (self.retake_now, self.again, self.by_eye))
        lines.addWidget(self._ways_out)
        lines.addWidget(self.classes)
        lines.addWidget(self.list, 1)
        self._beneath = _held(QHBoxLayout(), (self.chosen_words, self.rename))
        lines.addWidget(self._beneath)
        self._filler = QWidget()
        lines.addWidget(self._filler, 1)
        lines.addWidget(_held(QHBoxLayout(), (self.retake, self.another)))
        around.addWidget(self.bench.side)
        beside(self, self.bench, panel)

    def _make_keys(self) -> None:
        keys = {
            Qt.Key.Key_Down: lambda: self.step(1),
            Qt.Key.Key_Right: lambda: self.step(1),
            Qt.Key.Key_Up: lambda: self.step(-1),
            Qt.Key.Key_Left: lambda: self.step(-1),
            Qt.Key.Key_1: lambda: self._judge_selected(Verdict.ACCEPTED),
            Qt.Key.Key_2: lambda: self._judge_selected(Verdict.REJECTED),
        }
        keys[Qt.Key.Key_C] = self._rename
        QShortcut(QKeySequence(Qt.Key.Key_P), self).activated.connect(self.play.click)
        self.tools.add_keys(self)
        self._keys = [QShortcut(QKeySequence(key), self) for key in keys]
        for shortcut, act in zip(self._keys, keys.values(), strict=True):
            shortcut.activated.connect(act)

    def _tool_changed(self) -> None:
        """Leave the keys to the tool that is in use, and keep anybody from going on over a box."""
        for shortcut in self._keys:
            shortcut.setEnabled(self.side.in_use is Tool.LOOK)
        self.changed.emit()

    def _step_mark(self, way: int) -> bool:
        is_looking = self.side.in_use is Tool.LOOK
        return self.step(way) if is_looking else self.view.step_point(way)

    def _rename(self) -> None:
        row = next((r for r in self.rows if r.index == self.selected), None)
        if row:
            self.side.rename(row)

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Hide every finding while H is held."""
        if a0 and a0.key() == Qt.Key.Key_H:
            self.view.hide_marks(hidden=True)
            return
        super().keyPressEvent(a0)

    def keyReleaseEvent(self, a0: QKeyEvent | None) -> None:
        """Show the findings again."""
        if a0 and a0.key() == Qt.Key.Key_H and not a0.isAutoRepeat():
            self.view.hide_marks(hidden=False)
            return
        super().keyReleaseEvent(a0)

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Leave nothing hidden by a key that is no longer seen."""
        super().hideEvent(a0)
        self.view.hide_marks(hidden=False)
        self.side.forget()

    @property
    def shown_rows(self) -> tuple[FindingRow, ...]:
        """The findings whose class is not hidden."""
        return tuple(r for r in self.rows if r.label not in self.hidden)

    def select(self, index: int) -> None:
        """Single out one finding, or with the same one again none."""
        self.selected = None if index == self.selected else index
        self._show_findings()
        for mark in self.view.marks:
            if mark.index == self.selected:
                self.view.reveal(mark)

    def _touched(self, index: int) -> None:
        if self.side.in_use is not Tool.LOOK:
            return
        self.select(index if index >= 0 else (self.selected if self.selected is not None else -1))

    def step(self, way: int) -> bool:
        """Go to the next or former finding; False beyond the last."""
        order = [r.index for r in self.shown_rows]
        if self.selected not in order:
            place = 0 if way > 0 else len(order) - 1
        else:
            place = order.index(self.selected) + way
        if not 0 <= place < len(order):
            return False
        self.select(order[place])
        return True

    def _judged(self, index: int, verdict: Verdict) -> None:
        row = next(r for r in self.rows if r.index == index)
        is_same = row.verdict is verdict
        self.flow.judge([index], Verdict.UNREVIEWED if is_same else verdict)
        self._show_findings()

    def _judge_selected(self, verdict: Verdict) -> None:
        if self.selected is not None and self.selected in {r.index for r in self.shown_rows}:
            self.flow.judge([self.selected], verdict)
            self.step(1)

    def judge_class(self, name: str, verdict: Verdict) -> None:
        """Give all that the detector found of one class the same verdict; one undo for all."""
        of_class = [r.index for r in self.rows if r.label == name and not r.is_drawn]
        self.flow.judge(of_class, verdict)

    def _show_class(self, name: str, shown: bool) -> None:  # noqa: FBT001  a slot
        if shown:
            self.hidden.discard(name)
        else:
            self.hidden.add(name)
        self._show_findings()

    def _turn_image(self, way: int) -> None:
        study = self.flow.study
        if study:
            ids = [i.image_id for i in study.images]
            place = ids.index(self.flow.image_id) + way
            if 0 <= place < len(ids):
                self.selected = None
                self.flow.show_image(ids[place])

    @property
    def _wants_retake(self) -> bool:
        """Whether a new picture is the next step: nobody can say what it shows, or of whom."""
        study, reading = self.flow.study, self.flow.reading
        cannot_say = reading is not None and reading.outcome is Outcome.CANNOT_SAY
        by_eye = study is not None and self.flow.image_id in study.read_by_eye
        is_whose = self.flow.image_id in self.flow.whose.doubtful
        return (is_whose or (cannot_say and not by_eye)) and not self.flow.is_signed

    def primary(self) -> Primary:
        """Retake what could not be read; else go to signing, which says what is still open."""
        if self._wants_retake:
            is_free = self.flow.is_settled and not self.side.is_unfinished
            return Primary(self.tr("Retake"), Icon.CAMERA, is_free)
        is_free = self.flow.can_go(Step.SIGN) and not self.side.is_unfinished
        return Primary(self.tr("Go to signing"), Icon.FORWARD, is_free)

    def act(self) -> None:
        """Do what the primary action says."""
        if self._wants_retake:
            self.flow.retake()
        else:
            self.flow.go(Step.SIGN)

    def refresh(self) -> None:
        """Show outcome, classes and findings of the chosen picture."""
        study = self.flow.study
        if study is None or not self.flow.image_id:
            return
        self.bench.show_image(self.flow.image)
        self._show_outcome()
        self._show_findings()
        ids = [i.image_id for i in study.images]
        place = ids.index(self.flow.image_id) + 1
        self.which_image.setText(
            self.tr("Picture {0} of {1}").format(number_words(place), number_words(len(ids)))
        )
        self._turning.setVisible(len(ids) > 1)
        self.previous_image.setEnabled(place > 1)
        self.next_image.setEnabled(place < len(ids))
        self.play.setEnabled(len(ids) > 1)
        for button in (self.retake, self.another):
            button.setEnabled(not self.flow.is_signed)

    def _unsure_words(self, unsure: Unsure) -> str:
        return {
            Unsure.LOOKS_LIKE_BEFORE: self.tr(
                "It looks like the last picture of the patient before. Whose is it?"
            ),
            Unsure.CONTRADICTED: self.tr(
                "Another picture of its examination names another patient. Whose is it?"
            ),
        }[unsure]

    def _show_outcome(self) -> None:
        study, reading = self.flow.study, self.flow.reading
        said = outcome_words(reading, looked_for(self._manifest))
        self.headline.setText(said.headline)
        self.detail.setText(said.detail)
        self.detail.setVisible(bool(said.detail))
        image = self.flow.image
        taken = time_words(image.captured_at) if image else ""
        self.saved.setText(self.tr("Saved, taken at {0}").format(taken))
        if self.flow.image_id in self.flow.repeated:
            said = replace(said, do=said.do or Instruction.NOT_TWICE)
            words = self.tr("It shows the same as the picture before. {0}")
            self.saved.setText(words.format(instruction(Instruction.NOT_TWICE)))
        unsure = self.flow.whose.doubtful.get(self.flow.image_id)
        self.mine.setVisible(unsure is not None)
        if unsure:
            self.detail.setText(self._unsure_words(unsure))
            self.detail.setVisible(True)
        self._show_picture(said)
        is_by_eye = bool(study and self.flow.image_id in study.read_by_eye)
        has_answer = reading is not None and reading.outcome in (
            Outcome.FINDING,
            Outcome.NO_FINDING,
        )
        is_open = not has_answer and not self.flow.is_signed
        is_unread = reading is None or reading.outcome is Outcome.NOT_ANALYSED
        self.again.setVisible(is_open and is_unread and self.flow.parts.detector is not None)
        self._show_restart(is_off=self.again.isVisibleTo(self) and self.flow.is_analysis_off)
        self._ways_out.setVisible(is_open)
        self.retake_now.setVisible(not self._wants_retake)
        self.retake.setVisible(not is_open)
        self.by_eye.setEnabled(not is_by_eye)
        self.by_eye.setText(self.tr("Read by eye: noted") if is_by_eye else self.tr("Read by eye"))

    def _show_picture(self, said: Said) -> None:
        """Show what to do as a picture, where there is one thing to do."""
        self.picture.setVisible(said.do is not None)
        if said.do:
            self.picture.setPixmap(picture_of(said.do, self.colours.text))
            self.picture.setAccessibleName(instruction(said.do))

    def _show_restart(self, *, is_off: bool) -> None:
        """Say that reading again starts the analysis, where it went off."""
        self.again.setText(self.tr("Start again") if is_off else self.tr("Read again"))
        if is_off:
            words = self.tr("{0} Start the analysis again. If it goes off again, read by eye.")
            self.detail.setText(words.format(self.detail.text()))

    @property
    def _manifest(self) -> DetectorManifest | None:
        detector = self.flow.parts.detector
        return detector.manifest if detector else None

    def _show_findings(self) -> None:
        study = self.flow.study
        if study is None:
            return
        labels = looked_for(self._manifest)
        self.rows = rows_of(study, self.flow.image_id, self._manifest)
        if self.selected not in {r.index for r in self.rows}:
            self.selected = None
        marks = [
            Mark(r.index, r.number, style_of(r.label, labels), r.box, r.verdict, r.is_drawn)
            for r in self.shown_rows
        ]
        self.view.show_marks(marks, self.selected)
        has_rows = bool(self.rows)
        self.list.setVisible(has_rows)
        self.classes.setVisible(has_rows)
        self._beneath.setVisible(has_rows)
        self._filler.setVisible(not has_rows)
        self.list.show_rows(self.shown_rows, labels, self.selected)
        self.list.lock(is_locked=self.flow.is_signed)
        self.classes.show_counts(
            counts_of(self.rows, labels), labels, is_locked=self.flow.is_signed
        )
        self._show_chosen()

    def _show_chosen(self) -> None:
        row = next((r for r in self.rows if r.index == self.selected), None)
        self.rename.setEnabled(row is not None and not self.flow.is_signed)
        self.chosen_words.setText(
            row_words(row) if row else self.tr("Hold H, or the picture, to hide them.")
        )

    def forget(self) -> None:
        """Choose nothing, hide nothing, show no picture."""
        self.selected = None
        self.bench.forget()
        self.hidden.clear()
        self.rows = ()
        self.classes.show_all()
        self.list.show_rows((), (), None)
        for words in (self.picture, self.headline, self.detail, self.saved, self.chosen_words):
            words.clear()


def _held(layout: QBoxLayout, widgets: Iterable[QWidget]) -> QWidget:
    """Return what holds the widgets in a row or a column, and is shown or hidden with them."""
    holder = QWidget()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(t.SPACE_2)
    for widget in widgets:
        layout.addWidget(widget)
    holder.setLayout(layout)
    return holder
