"""What still has to leave: what it is, since when it waits, why, and how often it was tried."""

from collections.abc import Callable, Sequence
from functools import partial

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from edge_app.domain.outbox import CancelReason, Job, JobState, Waiting
from edge_app.ui import tokens as t
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.in_words import counted, day_words, in_words, number_words, time_words
from edge_app.ui.lanes import Lane, Runner, Ticket
from edge_app.ui.outbox_words import kind_words, state_words
from edge_app.ui.page import Page, Primary, beside, label, scrolled, side_panel
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.tokens import Palette
from edge_app.ui.words import isolated

_SHOWN = 40


class OutboxPage(Page):
    """A list, and beside it what can be done with the job that was touched.

    Whoever may not see studies reads a study's number where others read a name. What it names is
    gone as soon as it is left.
    """

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
        self._ticket: Ticket | None = None
        self._waiting: Sequence[Waiting] = ()
        self._seen: tuple[Job, ...] | None = None
        self._chosen = ""
        self.rows: list[QPushButton] = []
        self.said = label("", "muted")
        self.details = label("", "said")
        self.again = self._fitting(self.tr("Try this one again now"), Icon.REPEAT)
        self.again.clicked.connect(self._retry)
        self.all_again = self._fitting(self.tr("Try all again now"), Icon.REPEAT)
        self.all_again.clicked.connect(self._retry_all)
        self.off = label(self.tr("Do not send it any more. Why?"), "large")
        self.reasons = {reason: self._reason(reason) for reason in CancelReason}
        self._lay_out()

    def _fitting(self, words: str, icon: Icon) -> FittingButton:
        made = FittingButton(words)
        made.setAccessibleName(words)
        made.setIcon(icon_of(icon, self.colours.text, self.colours.disabled))
        return made

    def _reason(self, reason: CancelReason) -> FittingButton:
        words = in_words(reason.value)
        made = self._fitting(words[:1].upper() + words[1:], Icon.REJECT)
        made.clicked.connect(partial(self._cancel, reason))
        return made

    def _lay_out(self) -> None:
        main = QWidget()
        lines = QVBoxLayout(main)
        lines.setContentsMargins(t.SPACE_6, t.SPACE_4, t.SPACE_4, t.SPACE_4)
        lines.setSpacing(t.SPACE_3)
        lines.addWidget(label(self.tr("What still has to leave"), "title"))
        lines.addWidget(self.said)
        area, self._list = scrolled()
        self._list.addStretch(1)
        lines.addWidget(area, 1)
        panel, column = side_panel()
        inner_area, inner = scrolled()
        for widget in (self.details, self.again, self.off, *self.reasons.values()):
            inner.addWidget(widget)
        inner.addStretch(1)
        column.addWidget(inner_area, 1)
        column.addWidget(self.all_again)
        beside(self, main, panel)

    def showEvent(self, a0: QShowEvent | None) -> None:
        """List what waits now."""
        super().showEvent(a0)
        self._seen = None
        self.refresh()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Name nobody any more."""
        super().hideEvent(a0)
        self.forget()

    def refresh(self) -> None:
        """Ask anew where anything has changed."""
        unsent = self.flow.outbox.unsent
        if self.isVisible() and unsent != self._seen:
            self._seen = unsent
            self._ask()

    def _ask(self) -> None:
        outbox = self.flow.parts.outbox
        if outbox is None:
            return
        if self._ticket:
            self._ticket.drop()
        self._ticket = self._runner.submit(Lane.OUTBOX, outbox.waiting, self._found, self._on_error)

    def _found(self, waiting: Sequence[Waiting]) -> None:
        self._waiting = waiting
        for row in self.rows:
            self._list.removeWidget(row)
            row.setParent(None)
            row.deleteLater()
        self.rows = [self._row(each) for each in waiting[:_SHOWN]]
        for place, row in enumerate(self.rows):
            self._list.insertWidget(place, row)
        if self._chosen not in {each.job.key for each in waiting}:
            self._chosen = waiting[0].job.key if waiting else ""
        self._say()
        self.changed.emit()

    def _row(self, waiting: Waiting) -> QPushButton:
        job = waiting.job
        words = f"{kind_words(job)}\n{self._whose(waiting)}\n{state_words(job)}"
        row = FittingButton(words)
        row.setObjectName("study")
        row.setCheckable(True)
        row.setAccessibleName(words.replace("\n", ": "))
        icon = Icon.WARNING if job.problem.value else Icon.STORAGE
        row.setIcon(icon_of(icon, self.colours.text, self.colours.disabled))
        row.clicked.connect(partial(self._choose, job.key))
        return row

    def _whose(self, waiting: Waiting) -> str:
        who = waiting.patient
        if who is None:
            return self.tr("Study {0}").format(isolated(waiting.job.study_id))
        name = " ".join(isolated(part) for part in (who.name, who.identifier) if part)
        return name or self.tr("Patient not named yet")

    def _choose(self, key: str) -> None:
        self._chosen = key
        self._say()

    @property
    def chosen(self) -> Waiting | None:
        """The job that was touched."""
        return next((each for each in self._waiting if each.job.key == self._chosen), None)

    def _say(self) -> None:
        chosen = self.chosen
        self.said.setText(
            counted("{0} thing waits.", "{0} things wait.", len(self._waiting))
            if self._waiting
            else self.tr("Nothing waits. Everything was sent.")
        )
        for row, each in zip(self.rows, self._waiting, strict=False):
            row.setChecked(each is chosen)
        self.details.setText(self._details(chosen) if chosen else "")
        for widget in (self.again, self.off, *self.reasons.values()):
            widget.setVisible(chosen is not None)
            widget.setEnabled(chosen is not None and chosen.job.state is not JobState.SENDING)
        self.all_again.setVisible(len(self._waiting) > 1)

    def _details(self, chosen: Waiting) -> str:
        job = chosen.job
        lines = [kind_words(job), self._whose(chosen)]
        if chosen.since:
            at = chosen.since.astimezone()
            when = f"{day_words(at.date())}, {time_words(at)}"
            lines.append(self.tr("Asked for: {0}").format(when))
        lines.append(counted("Tried {0} time.", "Tried {0} times.", job.tries))
        lines.append(state_words(job))
        if job.state is JobState.WAITING and job.wait_s > 0:
            minutes = number_words(max(1, round(job.wait_s / 60)))
            lines.append(self.tr("It is tried again by itself in {0} min.").format(minutes))
        return "\n".join(lines)

    def _retry(self) -> None:
        if self.chosen:
            self._try([self.chosen.job])

    def _retry_all(self) -> None:
        jobs = [w.job for w in self._waiting if w.job.state is not JobState.SENDING]
        self._try(jobs)

    def _try(self, jobs: list[Job]) -> None:
        self.flow.outbox.retry(jobs)
        self._ask()  # after it: one lane does one thing after another

    def _cancel(self, reason: CancelReason) -> None:
        if self.chosen:
            self.flow.outbox.cancel([self.chosen.job], reason)
            self._ask()

    def primary(self) -> Primary:
        """Back to the work."""
        return Primary(self.tr("Done"), Icon.ACCEPT, is_enabled=True)

    def act(self) -> None:
        """Leave the page."""
        self.left.emit()

    def forget(self) -> None:
        """Name nobody any more."""
        if self._ticket:
            self._ticket.drop()
        self._found(())
