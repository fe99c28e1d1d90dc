"""A signed study leaves without names: each picture is looked at before the files are written."""

from collections.abc import Callable

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QPushButton

from edge_app.domain.outbox import JobState
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.image_view import ImageView
from edge_app.ui.in_words import counted, number_words
from edge_app.ui.lanes import Runner
from edge_app.ui.leaving import Leaving
from edge_app.ui.outbox_words import state_words
from edge_app.ui.page import Page, Primary, beside, label, side_panel
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.tokens import Palette


class LeavingPage(Page):
    """The picture as it would leave, beside what is black in it and what a person says of it."""

    left = pyqtSignal()

    def __init__(
        self,
        flow: StudyFlow,
        runner: Runner,
        on_error: Callable[[Exception], None],
        palette: Palette,
    ) -> None:
        super().__init__(flow, palette)
        self._runner, self._on_error = runner, on_error
        self.leaving: Leaving | None = None
        self.view = ImageView(palette)
        self.view.setAccessibleName(self.tr("The picture as it would leave"))
        self.view.touched.connect(self._touched)
        self.where = label("", "large")
        self.said = label()
        self.hint = label("", "muted")
        self.files = label("", "said")
        self.looked = FittingButton(self.tr("Nothing here names anybody"))
        self.looked.setAccessibleName(self.looked.text())
        self.looked.setCheckable(True)
        self.looked.clicked.connect(self._looked)
        self.undo = self._fitting(self.tr("Take the last place back"), Icon.UNDO)
        self.before = self._fitting(self.tr("Picture before"), Icon.BACK)
        self.after = self._fitting(self.tr("Next picture"), Icon.FORWARD)
        self.stop = self._fitting(self.tr("Leave without writing"), Icon.REJECT)
        self.undo.clicked.connect(self._take_back)
        self.before.clicked.connect(lambda: self._step(-1))
        self.after.clicked.connect(lambda: self._step(1))
        self.stop.clicked.connect(self._leave)
        self._lay_out()

    def _fitting(self, words: str, icon: Icon) -> FittingButton:
        made = FittingButton(words)
        made.setAccessibleName(words)
        made.setIcon(icon_of(icon, self.colours.text, self.colours.disabled))
        return made

    def _lay_out(self) -> None:
        panel, lines = side_panel()
        lines.addWidget(label(self.tr("Export without names"), "title"))
        for widget in (self.where, self.said, self.hint, self.looked, self.undo):
            lines.addWidget(widget)
        for button in (self.before, self.after, self.files, self.stop):
            lines.addWidget(button)
        lines.addStretch(1)
        beside(self, self.view, panel)
        self.setFocusProxy(self.view)

    @property
    def _asked(self) -> tuple[QPushButton, ...]:
        return (self.looked, self.undo, self.before, self.after)

    def begin(self) -> None:
        """Search the pictures of the signed study."""
        study, way = self.flow.study, self.flow.parts.leaving
        if study is None or way is None or not self.flow.is_signed:
            return
        self.forget()
        images = [self.flow.images[i.image_id] for i in study.images]
        self.leaving = Leaving(study, images, way, self._runner, self._moved)
        self.leaving.begin(self._on_error)
        self._moved()

    def _moved(self) -> None:
        self.refresh()
        self.changed.emit()

    def _touched(self, x: float, y: float) -> None:
        if self.leaving:
            self.leaving.touch(x, y)

    def _take_back(self) -> None:
        if self.leaving:
            self.leaving.undo()

    def _looked(self) -> None:
        if self.leaving:
            self.leaving.say_looked_at(is_so=self.looked.isChecked())

    def _step(self, by: int) -> None:
        if self.leaving:
            self.leaving.show(self.leaving.place + by)

    def _leave(self) -> None:
        if self.leaving and self.leaving.job:
            self.flow.outbox.work()  # what could not be written is among what waits, at once
        self.forget()
        self.left.emit()

    def primary(self) -> Primary:
        """Write the files; once they were tried, back to the study."""
        if self.leaving and self.leaving.job:
            return Primary(self.tr("Done"), Icon.ACCEPT, is_enabled=True)
        can_write = self.leaving is not None and self.leaving.can_write
        return Primary(self.tr("Write the files"), Icon.FORWARD, can_write)

    def act(self) -> None:
        """Write, or leave the page."""
        if self.leaving and not self.leaving.job:
            self.leaving.write()
        else:
            self._leave()

    def refresh(self) -> None:
        """Show the picture as it would leave, and what is still to be said."""
        leaving = self.leaving
        if leaving is None:
            return
        shown = leaving.shown
        self.view.show_image(shown, "" if shown else self._cover(leaving))
        where = self.tr("Picture {0} of {1}")
        self.where.setText(
            where.format(number_words(leaving.place + 1), number_words(len(leaving.images)))
        )
        self.said.setText(self._found_words(leaving))
        self.hint.setText(self._hint_words(leaving))
        self.looked.setChecked(leaving.is_looked_at)
        self.undo.setEnabled(leaving.can_undo)
        self.before.setEnabled(leaving.place > 0)
        self.after.setEnabled(leaving.place < len(leaving.images) - 1)
        for button in self._asked:
            button.setVisible(shown is not None and not leaving.job)
        self.stop.setVisible(not leaving.job and not leaving.is_writing)
        self.files.setText(self._file_words(leaving))

    def _cover(self, leaving: Leaving) -> str:
        if leaving.has_failed:
            return self.tr("The pictures could not be searched for text, so nothing may leave.")
        return self.tr("Looking for text in the pictures")

    def _found_words(self, leaving: Leaving) -> str:
        if leaving.found is None:
            return ""
        n = len(leaving.places()[leaving.place])
        if not n:
            return self.tr("No text was found. Some may have been missed: look.")
        return counted(
            "{0} place is black. Text may have been missed: look.",
            "{0} places are black. Text may have been missed: look.",
            n,
        )

    def _hint_words(self, leaving: Leaving) -> str:
        if leaving.found is None or leaving.job:
            return ""
        if leaving.is_begun:
            return self.tr("Touch the opposite corner.")
        return self.tr("If something is left that names somebody, touch two corners of it.")

    def _file_words(self, leaving: Leaving) -> str:
        if leaving.is_writing:
            return self.tr("Writing the files")
        if leaving.job is None:
            return ""
        if leaving.job.state is JobState.SENT:
            return self.tr("The files are in {0}").format(leaving.job.send.target)
        not_yet = self.tr("The files are not all written yet; they stay among what is to be sent.")
        return f"{not_yet} {state_words(leaving.job)}"

    def forget(self) -> None:
        """Let go of the pictures."""
        if self.leaving:
            self.leaving.drop()
        self.leaving = None
        self.view.show_image(None)
        for words in (self.where, self.said, self.hint, self.files):
            words.clear()
