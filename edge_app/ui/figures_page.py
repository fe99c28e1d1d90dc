"""How the work goes: pictures by day and week, shares with their limits, what the gate said."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from edge_app.domain.figures import (
    FEWEST_DAYS,
    ControlChart,
    Period,
    Picture,
    Share,
    control_chart,
    day_of,
    periods,
    reasons,
    week_of,
)
from edge_app.ui import tokens as t
from edge_app.ui.control_curve import ControlCurve
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon
from edge_app.ui.in_words import day_words, number_words
from edge_app.ui.instructions import wrong_words
from edge_app.ui.lanes import Lane, Runner
from edge_app.ui.page import Page, Primary, beside, label, own, scrolled, side_panel
from edge_app.ui.scroll_column import ScrollColumn
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.table_view import TableView
from edge_app.ui.tokens import Palette
from edge_app.ui.words import isolated
from edge_app.workflow.figures import Figures, Gathered

_DAYS, _WEEKS = 60, 52
_EVERYTHING = ("", "")


class FiguresPage(Page):
    """A chart and the same in a table; it names no patient."""

    left = pyqtSignal()

    def __init__(
        self,
        flow: StudyFlow,
        figures: Figures,
        runner: Runner,
        on_error: Callable[[Exception], None],
        palette: Palette,
    ) -> None:
        super().__init__(flow, palette)
        self._figures, self._runner, self._on_error = figures, runner, on_error
        self._gathered = Gathered(())
        self._share, self._is_weekly, self._of = Share.NOT_ANALYSED, False, _EVERYTHING
        self.curve: ControlCurve | None = None
        self.table = TableView(self.tr("The figures of the chart"))
        self.said = label("", "said")
        self.shares = {
            share: self._choice(words, partial(self._choose_share, share))
            for share, words in self._share_words().items()
        }
        self.spans = {
            is_weekly: self._choice(words, partial(self._choose_span, is_weekly))
            for is_weekly, words in ((False, self.tr("By day")), (True, self.tr("By week")))
        }
        self.places: dict[tuple[str, str], QPushButton] = {}
        self._lay_out()
        self.setFocusProxy(self.table)

    def _share_words(self) -> dict[Share, str]:
        return {
            Share.NOT_ANALYSED: self.tr("Not analysed"),
            Share.CANNOT_SAY: self.tr("Cannot say"),
            Share.REJECTED: self.tr("Rejected"),
        }

    def _choice(self, words: str, act: Callable[[], None]) -> FittingButton:
        made = FittingButton(words)
        made.setAccessibleName(words)
        made.setObjectName("row")
        made.setCheckable(True)
        made.clicked.connect(act)
        return made

    def _lay_out(self) -> None:
        main = QWidget()
        self._room = QVBoxLayout(main)
        self._room.setContentsMargins(t.SPACE_4, t.SPACE_4, t.SPACE_4, 0)
        self._room.addWidget(self.table, 1)
        panel, lines = side_panel()
        area, self._column = scrolled()
        self._column.addWidget(label(self.tr("Figures and quality"), "title"))
        self._column.addWidget(self.said)
        self._column.addWidget(label(self.tr("Which share"), "muted"))
        for button in (*self.shares.values(), *self.spans.values()):
            self._column.addWidget(button)
        self._column.addWidget(label(self.tr("Of which device and detector"), "muted"))
        self._column.addStretch(1)
        lines.addWidget(area)
        beside(self, ScrollColumn(main), panel)

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Count anew."""
        super().showEvent(a0)
        self.said.setText(self.tr("Counting"))
        first = self.flow.parts.clock.now().astimezone().date() - timedelta(weeks=_WEEKS)
        self._runner.submit(
            Lane.MACHINE, lambda: self._figures.since(first), self._found, self._on_error
        )

    def _found(self, found: Gathered) -> None:
        self._gathered = found
        self._offer_places(sorted({(p.device, p.detector) for p in found.pictures}))
        self._show()
        self.changed.emit()

    def _offer_places(self, found: Iterable[tuple[str, str]]) -> None:
        for button in self.places.values():
            button.setParent(None)
            button.deleteLater()
        self.places = {_EVERYTHING: self._choice(self.tr("All"), self._of_choice(_EVERYTHING))}
        for place in found:
            device, detector = place
            words = f"{isolated(device)}\n{detector or self.tr('No detector has looked')}"
            self.places[place] = self._choice(words, self._of_choice(place))
            own(self.places[place])
        for button in self.places.values():
            self._column.insertWidget(self._column.count() - 1, button)
        self._of = self._of if self._of in self.places else _EVERYTHING

    def _of_choice(self, place: tuple[str, str]) -> Callable[[], None]:
        return lambda: self._choose_place(place)

    def _choose_place(self, place: tuple[str, str]) -> None:
        self._of = place
        self._show()

    def _choose_share(self, share: Share) -> None:
        self._share = share
        self._show()

    def _choose_span(self, is_weekly: bool) -> None:  # noqa: FBT001  bound by `partial`
        self._is_weekly = is_weekly
        self._show()

    def _pictures(self) -> list[Picture]:
        every = self._gathered.pictures
        if self._of == _EVERYTHING:
            return list(every)
        return [p for p in every if (p.device, p.detector) == self._of]

    def _show(self) -> None:
        for choices, chosen in (
            (self.shares, self._share),
            (self.spans, self._is_weekly),
            (self.places, self._of),
        ):
            for key, button in choices.items():
                button.setChecked(key == chosen)
        pictures = self._pictures()
        found = periods(pictures, week_of if self._is_weekly else day_of)
        found = found[-(_WEEKS if self._is_weekly else _DAYS) :]
        chart = control_chart(found, self._share)
        self._draw(found, chart)
        self._fill(found, chart, pictures)
        self.said.setText(self._said(found, chart))

    def _draw(self, found: list[Period], chart: ControlChart | None) -> None:
        if self.curve is None:
            self.curve = ControlCurve(self.colours)
            words = self.tr("Chart of the share in percent; the table below says the same")
            self.curve.setAccessibleName(words)
            self._room.insertWidget(0, self.curve, 1)
        self.curve.show_share(found, self._share, chart)

    def _said(self, found: list[Period], chart: ControlChart | None) -> str:
        if not found:
            return self.tr("No picture was taken in this time.")
        lines = []
        if chart is None:
            words = self.tr("Limits need {0} points that are not all alike.")
            lines.append(words.format(number_words(FEWEST_DAYS)))
        else:
            outside = sum(p.is_outside for p in chart.points)
            lines.append(
                self.tr("Outside of the limits: {0}").format(number_words(outside))
                if outside
                else self.tr("All within the limits of chance.")
            )
        lines.append(self.tr("Pictures that were retaken are not counted."))
        if self._gathered.unread:
            words = self.tr("Studies that could not be read: {0}")
            lines.append(words.format(number_words(self._gathered.unread)))
        if not self._gathered.is_whole:
            lines.append(self.tr("Older studies are left out: there are too many."))
        return "\n".join(lines)

    def _fill(
        self, found: list[Period], chart: ControlChart | None, pictures: list[Picture]
    ) -> None:
        self.table.begin()
        heads = [self.tr("Begins"), self.tr("Studies"), self.tr("Pictures")]
        heads += [*self._share_words().values(), self.tr("Limits")]
        limits = {p.begins: p for p in chart.points} if chart else {}
        rows = [heads]
        for period in reversed(found):
            point = limits.get(period.begins)
            said = self._range(point.low, point.high) if point else ""
            if point and point.is_outside:
                said = self.tr("{0}: outside").format(said)
            counts = [number_words(period.studies), number_words(period.pictures)]
            shares = [_share_of(*period.part(share)) for share in Share]
            rows.append([day_words(period.begins), *counts, *shares, said])
        self.table.add("", "", rows)
        issues = [[wrong_words(issue), number_words(n)] for issue, n in reasons(pictures)]
        if issues:
            heads = [self.tr("Why a picture was poor"), self.tr("Pictures")]
            self.table.add("", "", [heads, *issues])
        self.table.end()

    def _range(self, low: float, high: float) -> str:
        words = self.tr("{0} to {1} %")
        return words.format(number_words(100 * low, 1), number_words(100 * high, 1))

    def primary(self) -> Primary:
        """Back to the work."""
        return Primary(self.tr("Done"), Icon.ACCEPT, is_enabled=True)

    def act(self) -> None:
        """Leave the page."""
        self.left.emit()

    def refresh(self) -> None:
        """Do nothing: it counts by itself when it is shown."""


def _share_of(part: int, whole: int) -> str:
    if not whole:
        return ""
    return f"{number_words(part)} ({number_words(100 * part / whole, 1)} %)"
