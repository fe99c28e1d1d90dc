"""Who the study is of: an identifier and a name, or nobody yet."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from edge_app.domain.patient import PatientRef
from edge_app.ui import tokens as t
from edge_app.ui.icons import Icon
from edge_app.ui.page import Page, Primary, centred, clear_margins, label
from edge_app.ui.study_flow import Activity, StudyFlow
from edge_app.ui.tokens import Palette


class PatientPage(Page):
    """Two large fields; everything else can wait."""

    studies_wanted = pyqtSignal()
    more_wanted = pyqtSignal()

    def __init__(self, flow: StudyFlow, palette: Palette) -> None:
        super().__init__(flow, palette)
        self.identifier = self._field(self.tr("Patient identifier"))
        self.name = self._field(self.tr("Patient name"))
        self.later = self.button(self.tr("Add patient later"), Icon.PERSON)
        self.later.clicked.connect(self._begin_unnamed)
        self.aside = self.button(self.tr("Put this study aside, start another"), Icon.FORWARD)
        self.aside.clicked.connect(self.flow.next_patient)
        self.studies = self.button(self.tr("Studies that wait, and earlier ones"), Icon.EYE)
        self.studies.clicked.connect(self.studies_wanted)
        self.more = self.button(self.tr("More: what waits, service, about"), Icon.PLUS)
        self.more.clicked.connect(self.more_wanted)
        self.recovered = label("", "large")
        self._lay_out()
        self.setFocusProxy(self.identifier)

    def _field(self, words: str) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(words)
        field.textChanged.connect(self.changed)
        field.returnPressed.connect(self._entered)
        return field

    def _lay_out(self) -> None:
        column = QWidget()
        lines = QVBoxLayout(column)
        lines.setSpacing(t.SPACE_2)
        lines.addStretch(1)
        lines.addWidget(label(self.tr("Who is the patient?"), "title"))
        lines.addSpacing(t.SPACE_4)
        lines.addWidget(label(self.tr("Identifier (wristband, card or register)")))
        lines.addWidget(self.identifier)
        lines.addSpacing(t.SPACE_3)
        lines.addWidget(label(self.tr("Name")))
        lines.addWidget(self.name)
        lines.addSpacing(t.SPACE_6)
        lines.addWidget(self.later)
        lines.addWidget(self.aside)
        lines.addWidget(self.studies)
        lines.addWidget(self.more)
        lines.addWidget(self.recovered)
        lines.addStretch(2)
        around = QVBoxLayout(self)
        clear_margins(around)
        around.addWidget(centred(column, t.COLUMN_PX))

    def primary(self) -> Primary:
        """Start, or go on with the study that has begun."""
        words = self.tr("Continue") if self.flow.study else self.tr("Start")
        is_free = self.flow.activity not in (Activity.STARTING, Activity.OPENING)
        return Primary(words, Icon.FORWARD, bool(self._identified()) and is_free)

    def act(self) -> None:
        """Keep the patient and go on."""
        self.flow.begin(PatientRef(self._identified(), self.name.text().strip()))

    def _identified(self) -> str:
        """Return what was typed or scanned; a bar-code scanner is a keyboard with a prefix."""
        return self.identifier.text().strip().removeprefix(self.flow.parts.wedge)

    def _entered(self) -> None:
        if self.primary().is_enabled:
            self.act()

    def _begin_unnamed(self) -> None:
        self.flow.begin(PatientRef(""))

    def refresh(self) -> None:
        """Offer what fits a study that has or has not begun."""
        has_begun = self.flow.study is not None
        self.later.setVisible(not has_begun)
        self.studies.setVisible(not has_begun)
        n_recovered = 0 if has_begun else len(self.flow.recovered)
        self.recovered.setText(
            self.tr("Studies with a picture that was kept when the program stopped: {0}").format(
                n_recovered
            )
        )
        self.recovered.setVisible(bool(n_recovered))
        self.aside.setVisible(has_begun)

    def forget(self) -> None:
        """Empty both fields."""
        self.identifier.clear()
        self.name.clear()
        self.identifier.setFocus()
