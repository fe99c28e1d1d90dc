"""The studies that were kept: what waits for somebody comes first, and any can be opened."""

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from edge_app.domain.worklist import Waits, in_order
from edge_app.ports import StudySummary
from edge_app.ui import tokens as t
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.in_words import number_words
from edge_app.ui.lanes import Lane, Runner, Ticket
from edge_app.ui.outbox_words import kind_words, state_words
from edge_app.ui.page import Page, Primary, centred, clear_margins, label, scrolled
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.tokens import Palette
from edge_app.ui.words import isolated

_MOST = 200
_SHOWN = 40
_PAUSE_MS = 250
_COLUMN_PX = 960
_ICONS = {Waits.NOTHING: Icon.ACCEPT, Waits.UNSIGNED: Icon.PEN, Waits.NO_PICTURE: Icon.PERSON}


class StudiesPage(Page):
    """A search and a list; what it names is gone as soon as it is left."""

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
        self.rows: list[QPushButton] = []
        self.search = QLineEdit()
        self.search.setAccessibleName(self.tr("Search by name, identifier or day"))
        self.search.textChanged.connect(self._typed)
        self.search.returnPressed.connect(self._ask)
        self.said = label("", "muted")
        self.unsent = label("", "said")
        self.again = self.button(self.tr("Try again now"), Icon.REPEAT)
        self.again.clicked.connect(lambda: self.flow.outbox.retry(self.flow.outbox.unsent))
        self._held: frozenset[str] = frozenset()
        self._lay_out()
        self.setFocusProxy(self.search)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._ask)

    def _lay_out(self) -> None:
        column = QWidget()
        lines = QVBoxLayout(column)
        lines.setSpacing(t.SPACE_3)
        lines.addWidget(label(self.tr("Studies"), "title"))
        lines.addWidget(label(self.tr("Search by name, identifier or day")))
        lines.addWidget(self.search)
        lines.addWidget(self.said)
        lines.addWidget(self.unsent)
        lines.addWidget(self.again)
        self._area, self._column = scrolled()
        self._column.addStretch(1)
        lines.addWidget(self._area, 1)
        around = QVBoxLayout(self)
        clear_margins(around)
        around.addWidget(centred(column, _COLUMN_PX))

    def showEvent(self, a0: QShowEvent | None) -> None:
        """List what there is now."""
        super().showEvent(a0)
        self._ask()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Name nobody any more."""
        super().hideEvent(a0)
        self.forget()

    def _typed(self) -> None:
        self._pause.start()

    def _ask(self) -> None:
        self._pause.stop()
        if self._ticket:
            self._ticket.drop()
        if not self.isVisible():
            return
        words = self.search.text().strip().removeprefix(self.flow.parts.wedge)
        store, held = self.flow.parts.store, self.flow.parts.held
        self._say(self.tr("Looking"))
        self._ticket = self._runner.submit(
            Lane.STORE,
            lambda: (list(store.studies(words, _MOST)), held()),
            lambda answer: self._found(*answer),
            self._failed,
        )

    def _failed(self, error: Exception) -> None:
        self._say(self.tr("The list could not be read."))
        self._on_error(error)

    def _found(self, found: list[StudySummary], held: frozenset[str]) -> None:
        self._clear()
        self._held = held
        listed = in_order(found, self.flow.recovered)
        for line, why in listed[:_SHOWN]:
            row = self._row(line, why)
            self.rows.append(row)
            self._column.insertWidget(self._column.count() - 1, row)
        self._say(self._count_words(len(listed)))
        self.changed.emit()

    def _count_words(self, n: int) -> str:
        if not n:
            return self.tr("No study fits.")
        if n > _SHOWN:
            return self.tr("The first {0} of more: type a part of a name or an identifier.").format(
                _SHOWN
            )
        return self.tr("Studies: {0}").format(n)

    def _row(self, line: StudySummary, why: Waits) -> QPushButton:
        who = line.patient
        name = " ".join(isolated(part) for part in (who.name, who.identifier) if part)
        day = f"{line.started_at.astimezone():%Y-%m-%d %H:%M}"
        second = " ".join((self._why_words(line, why), *self._kept_words(line)))
        words = f"{name or self.tr('Patient not named yet')}  {day}\n{second}"
        row = FittingButton(words)
        row.setObjectName("study")
        row.setAccessibleName(words.replace("\n", ": "))
        icon = _ICONS.get(why, Icon.WARNING)
        row.setIcon(icon_of(icon, self.colours.text, self.colours.disabled))
        row.clicked.connect(partial(self._open, line.study_id))
        return row

    def _kept_words(self, line: StudySummary) -> list[str]:
        """Return what besides its state is to be said of a study."""
        said = [self.tr("Kept by legal hold.")] if line.study_id in self._held else []
        unsent = [j for j in self.flow.outbox.unsent if j.study_id == line.study_id]
        return [*said, *(f"{kind_words(job)}: {state_words(job)}" for job in unsent)]

    def _why_words(self, line: StudySummary, why: Waits) -> str:
        return {
            Waits.RECOVERED: self.tr("A picture was kept when the program stopped. Look at it."),
            Waits.FINDING: self.tr("Not signed. Findings: {0}").format(line.n_findings),
            Waits.NOT_ANALYSED: self.tr("Not signed. A picture was not analysed."),
            Waits.CANNOT_SAY: self.tr("Not signed. The detector cannot say."),
            Waits.UNSIGNED: self.tr("Not signed. Everything is answered."),
            Waits.NO_PICTURE: self.tr("Not signed. No picture was taken."),
            Waits.NOTHING: self.tr("Signed"),
        }[why]

    def _open(self, study_id: str) -> None:
        self.flow.open_study(study_id)
        self.left.emit()

    def primary(self) -> Primary:
        """Back to the work."""
        return Primary(self.tr("Done"), Icon.ACCEPT, is_enabled=True)

    def act(self) -> None:
        """Leave the page."""
        self.left.emit()

    def refresh(self) -> None:
        """Say what is not sent; the list is as it was when it was asked for."""
        unsent = self.flow.outbox.unsent
        first = [f"{kind_words(job)}: {state_words(job)}" for job in unsent[:1]]
        count = self.tr("Not sent yet: {0}").format(number_words(len(unsent)))
        self.unsent.setText("\n".join((count, *first)))
        self.unsent.setVisible(bool(unsent))
        self.again.setVisible(bool(unsent))

    def _say(self, words: str) -> None:
        self.said.setText(words)

    def _clear(self) -> None:
        for row in self.rows:
            self._column.removeWidget(row)
            row.setParent(None)
            row.deleteLater()
        self.rows.clear()

    def forget(self) -> None:
        """Empty the list and the search."""
        if self._ticket:
            self._ticket.drop()
        self._pause.stop()
        self.search.clear()
        self._pause.stop()
        self._clear()
        self._say("")
