"""What was counted in the open study's patient over time, drawn and in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PyQt6.QtCore import QCoreApplication, pyqtSignal
from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from edge_app.domain.study import Study
from edge_app.domain.trend import Crossing, Direction, Line, Visit, change, line, visits
from edge_app.ui import tokens as t
from edge_app.ui.curve import Curve
from edge_app.ui.finding_rows import label_words
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon
from edge_app.ui.in_words import day_words, number_words
from edge_app.ui.lanes import Lane, Runner, Ticket
from edge_app.ui.number_pad import Asked, NumberPad
from edge_app.ui.page import Page, Primary, beside, label, side_panel
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.tokens import Palette
from edge_app.workflow.follow import labels_of, studies_of_the_same_patient

_FEWEST = 2
_TITLE = 1  # line above the choices
_LISTED = 5  # the curve shows them all
_MOST_THRESHOLD = 100_000.0


@dataclass(frozen=True, slots=True)
class _Counted:
    """One label's visits and the line through them."""

    label: str
    seen: tuple[Visit, ...]
    through: Line | None


class HistoryPage(Page):
    """A curve of one label at a time; what it shows is gone as soon as it is left."""

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
        self._counted: list[_Counted] = []
        self._chosen = 0
        self.curve: Curve | None = None
        self.choices: list[QPushButton] = []
        self.said = label("", "said")
        self.threshold = NumberPad(
            palette,
            [Asked(self.tr("Threshold"), self.tr("a picture"), 0.01, _MOST_THRESHOLD)],
        )
        self.threshold.changed.connect(self._show)
        self._lay_out()

    def _lay_out(self) -> None:
        main = QWidget()
        self._room = QVBoxLayout(main)
        self._room.setContentsMargins(t.SPACE_4, t.SPACE_4, t.SPACE_4, t.SPACE_4)
        panel, self._column = side_panel()
        self._column.addWidget(label(self.tr("Counts over time"), "title"))
        for widget in (self.said, self.threshold):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        beside(self, main, panel)

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Look for the patient's studies."""
        super().showEvent(a0)
        study, store = self.flow.study, self.flow.parts.store
        if study:
            self.said.setText(self.tr("Looking"))
            self._ticket = self._runner.submit(
                Lane.STORE,
                lambda: studies_of_the_same_patient(store, study.study_id),
                self._found,
                self._on_error,
            )

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Show nothing of the patient any more."""
        super().hideEvent(a0)
        self.forget()

    def _found(self, studies: list[Study]) -> None:
        for name in labels_of(studies):
            seen = visits(studies, name)
            self._counted.append(_Counted(name, seen, line(seen)))
        for place, each in enumerate(self._counted):
            choice = FittingButton(label_words(each.label))
            choice.setAccessibleName(choice.text())
            choice.setObjectName("row")
            choice.setCheckable(True)
            choice.clicked.connect(partial(self._choose, place))
            self.choices.append(choice)
            self._column.insertWidget(_TITLE + place, choice)
        self._show()

    def _choose(self, place: int) -> None:
        self._chosen = place
        self._show()

    def _show(self) -> None:
        for place, choice in enumerate(self.choices):
            choice.setChecked(place == self._chosen)
        counted = self._counted[self._chosen] if self._counted else None
        if counted is None or len(counted.seen) < _FEWEST:
            self.said.setText(self.tr("A curve needs two signed studies of this patient."))
            self.threshold.setVisible(False)
            return
        threshold = self.threshold.value() or None
        self._draw(counted, threshold)
        self.threshold.setVisible(counted.through is not None)
        self.said.setText("\n\n".join(_sentences(counted, threshold)))
        self.changed.emit()

    def _draw(self, counted: _Counted, threshold: float | None) -> None:
        if self.curve is None:
            self.curve = Curve(self.colours)
            self.curve.setAccessibleName(
                self.tr("Curve of the counts; the words beside it say the same")
            )
            self._room.addWidget(self.curve)
        self.curve.show_visits(counted.seen, counted.through, threshold)

    def primary(self) -> Primary:
        """Back to the study."""
        return Primary(self.tr("Done"), Icon.ACCEPT, is_enabled=True)

    def act(self) -> None:
        """Leave the page."""
        self.left.emit()

    def refresh(self) -> None:
        """The page looks by itself when it is shown."""

    def forget(self) -> None:
        """Keep no count and no curve."""
        if self._ticket:
            self._ticket.drop()
        self._counted.clear()
        self._chosen = 0
        for widget in (*self.choices, *([self.curve] if self.curve else [])):
            widget.setParent(None)
            widget.deleteLater()
        self.choices.clear()
        self.curve = None
        self.said.clear()
        self.threshold.clear()


def _sentences(counted: _Counted, threshold: float | None) -> Sequence[str]:
    translate = QCoreApplication.translate
    said = [
        "\n".join(
            translate("History", "{0}: {1} in {2} pictures").format(
                day_words(v.at.date()), number_words(v.count), number_words(v.n_images)
            )
            for v in counted.seen[-_LISTED:]
        )
    ]
    said.append(
        {
            Direction.MORE: translate("History", "More than at the visit before."),
            Direction.LESS: translate("History", "Less than at the visit before."),
            Direction.WITHIN_ERROR: translate(
                "History", "No change that counting could tell from chance."
            ),
        }[change(counted.seen[-2], counted.seen[-1]).direction]
    )
    if counted.through is None:
        said.append(translate("History", "A line needs three visits."))
    elif threshold is not None:
        said.append(_crossing_words(counted.through.crossing(threshold)))
    return said


def _crossing_words(crossing: Crossing | None) -> str:
    translate = QCoreApplication.translate
    if crossing is None:
        return translate(
            "History", "The straight line does not reach the threshold within ten years."
        )
    at = day_words(crossing.at.date())
    if crossing.earliest and crossing.latest:
        ends = (day_words(crossing.earliest.date()), day_words(crossing.latest.date()))
        words = translate(
            "History",
            "If it went on in a straight line, the threshold is reached on {0}, or between {1} and"
            " {2}. It knows nothing of the disease.",
        )
        return words.format(at, *ends)
    words = translate(
        "History",
        "If it went on in a straight line, the threshold is reached on {0}; how sure that is, the"
        " visits do not tell. It knows nothing of the disease.",
    )
    return words.format(at)
