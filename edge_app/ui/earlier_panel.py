"""An earlier picture of the same patient beside the present one."""

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QPushButton

from edge_app.domain.image import CapturedImage
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study, StudyImage, Verdict
from edge_app.ui.class_style import style_of
from edge_app.ui.finding_rows import looked_for, rows_of
from edge_app.ui.image_view import ImageView
from edge_app.ui.in_words import day_words, number_words
from edge_app.ui.lanes import Lane, Runner, Ticket
from edge_app.ui.overlay import Mark
from edge_app.ui.reading_view import ReadingView
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.tokens import Palette
from edge_app.ui.tool_panels import ToolPanel
from edge_app.ui.words import outcome_words
from edge_app.workflow.follow import earlier_of_the_same_patient

_MOST = 40


class EarlierPanel(ToolPanel):
    """Lists the pictures of earlier studies, and shows one of them in a view of its own.

    Attributes:
        earlier: The view; hidden while nothing is compared.
        choices: One button a picture, the last study first.
    """

    compared = pyqtSignal()

    def __init__(
        self,
        view: ReadingView,
        flow: StudyFlow,
        runner: Runner,
        on_error: Callable[[Exception], None],
        palette: Palette,
    ) -> None:
        super().__init__(view, palette, self.tr("Earlier pictures of this patient"))
        self._flow, self._runner, self._on_error = flow, runner, on_error
        self._ticket: Ticket | None = None
        self._of: PatientRef | None = None
        self.earlier = ImageView(palette)
        self.earlier.setAccessibleName(self.tr("Earlier picture"))
        self.earlier.hide()
        self.leave.setText(self.tr("Back to the findings"))
        self.leave.setAccessibleName(self.leave.text())
        self.choices: list[QPushButton] = []

    @property
    def is_comparing(self) -> bool:
        """Whether an earlier picture stands beside the present one."""
        return not self.earlier.isHidden()

    def begin(self) -> None:
        """Look for earlier pictures."""
        self.forget()
        study, store = self._flow.study, self._flow.parts.store
        if study is None:
            return
        self._of = study.patient
        self.said.setText(self.tr("Looking"))
        self._ticket = self._runner.submit(
            Lane.STORE,
            lambda: earlier_of_the_same_patient(store, study.study_id),
            self._found,
            self._failed,
        )

    def _failed(self, error: Exception) -> None:
        self.said.setText(self.tr("The earlier pictures could not be read."))
        self._on_error(error)

    def _found(self, studies: list[Study]) -> None:
        pictures = [(study, image) for study in studies for image in study.images][:_MOST]
        for study, image in pictures:
            choice = self._button(self._words(study, image))
            choice.setObjectName("study")
            choice.setAccessibleName(choice.text().replace("\n", ": "))
            choice.setCheckable(True)
            choice.clicked.connect(partial(self._choose, choice, study, image))
            self.choices.append(choice)
            self._add(choice)
        self.said.setText(
            self.tr("Touch one: it is shown beside the present picture.")
            if pictures
            else self.tr("There is no earlier picture of this patient.")
        )

    def _words(self, study: Study, image: StudyImage) -> str:
        place = [i.image_id for i in study.images].index(image.image_id) + 1
        first = self.tr("{0}, picture {1} of {2}").format(
            day_words(study.started_at.date()), number_words(place), number_words(len(study.images))
        )
        said = outcome_words(study.readings.get(image.image_id), self._labels).headline
        here = [d for d in study.drawn if d.image_id == image.image_id]
        n_drawn = sum(d.verdict is Verdict.ACCEPTED for d in here)
        if n_drawn:
            said = f"{said} {self.tr('Drawn by a person: {0}.').format(number_words(n_drawn))}"
        return f"{first}\n{said}"

    @property
    def _labels(self) -> tuple[str, ...]:
        detector = self._flow.parts.detector
        return looked_for(detector.manifest if detector else None)

    def _choose(self, chosen: QPushButton, study: Study, image: StudyImage) -> None:
        for choice in self.choices:
            choice.setChecked(choice is chosen)
        if self._ticket:
            self._ticket.drop()
        store = self._flow.parts.store
        self._ticket = self._runner.submit(
            Lane.STORE,
            lambda: store.pixels(study, image.image_id),
            partial(self._show, study, image),
            self._failed,
        )

    def _show(self, study: Study, record: StudyImage, image: CapturedImage) -> None:
        caption = (
            self.tr("EARLIER: {0}") if study.signature else self.tr("EARLIER, not signed: {0}")
        )
        self.earlier.caption = caption.format(day_words(study.started_at.date()))
        self._view.caption = self.tr("PRESENT")
        self.earlier.show_image(image)
        detector = self._flow.parts.detector
        rows = rows_of(study, record.image_id, detector.manifest if detector else None)
        marks = [
            Mark(r.index, r.number, style_of(r.label, self._labels), r.box, r.verdict, r.is_drawn)
            for r in rows
            if r.verdict is not Verdict.REJECTED
        ]
        self.earlier.show_marks(marks, None)
        self.earlier.show()
        self._view.update()
        self.compared.emit()

    def refresh(self) -> None:
        """Compare no more where the study turned out to be of another patient."""
        study = self._flow.study
        if self._of and (study is None or study.patient != self._of):
            self.forget()

    def forget(self) -> None:
        """Keep no earlier picture and no list of them."""
        if self._ticket:
            self._ticket.drop()
        self._of = None
        for choice in self.choices:
            choice.setParent(None)
            choice.deleteLater()
        self.choices.clear()
        self.said.clear()
        self.earlier.show_marks((), None)
        self.earlier.show_image(None)
        self.earlier.caption = self._view.caption = ""
        self.earlier.hide()
        self._view.update()
        self.compared.emit()
