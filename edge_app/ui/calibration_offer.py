"""Whether the device on the devices page can be calibrated now, and why not."""

from functools import partial

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from edge_app.domain.error import EdgeAppError
from edge_app.ports import Calibrations, Calibrator
from edge_app.ui import tokens as t
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.lanes import Lane, Runner, Ticket
from edge_app.ui.live_feed import LiveFeed
from edge_app.ui.page import label
from edge_app.ui.study_flow import Activity, StudyFlow
from edge_app.ui.tokens import Palette


class CalibrationOffer(QWidget):
    """The button that leads to the calibration, or a sentence that says why there is none."""

    wanted = pyqtSignal(object)

    def __init__(self, flow: StudyFlow, feed: LiveFeed, runner: Runner, palette: Palette) -> None:
        super().__init__()
        self._flow, self._feed, self._runner = flow, feed, runner
        self._calibrations: Calibrations | None = flow.parts.calibrations
        self._calibrator: Calibrator | None = None
        self._refusal: EdgeAppError | None = None
        self._ticket: Ticket | None = None
        self.button = QPushButton(self.tr("Calibrate"))
        self.button.setAccessibleName(self.tr("Calibrate this device"))
        self.button.setIcon(icon_of(Icon.RULER, palette.text, palette.disabled))
        self.button.clicked.connect(self._touched)
        self.words = label()
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(t.SPACE_2)
        lines.addWidget(self.button)
        lines.addWidget(self.words)
        self._show()

    def ask(self) -> None:
        """Look, beside the window, whether what is measured of the chosen device could be kept."""
        self._calibrator = self._refusal = None
        if self._ticket:
            self._ticket.drop()
        self._show()
        if self._calibrations:
            look = partial(self._calibrations.of, self._feed.chosen)
            failed = partial(self._failed, self._feed.chosen)
            self._ticket = self._runner.submit(Lane.STORE, look, self._answered, failed)

    def refresh(self) -> None:
        """Say what has become known of the device meanwhile."""
        if self._feed.habits.names_patients and self._calibrator:
            self._calibrator = None
            self._say(
                self.tr("Cannot be calibrated: its pictures are its patients'."),
                self.tr("Measure at the device that makes them."),
            )
            self.button.hide()

    def _touched(self) -> None:
        why_not = self._why_not_now()
        self._say(why_not)
        if self._calibrator and not why_not:
            self.wanted.emit(self._calibrator)

    def _why_not_now(self) -> str:
        flow, feed = self._flow, self._feed
        is_busy = flow.activity in (Activity.STARTING, Activity.SAVING)
        if is_busy or flow.unsaved or not flow.is_settled:
            return self.tr("The study is still being saved. Wait for it, then calibrate.")
        if flow.study and not flow.is_signed and feed.habits.stills and feed.picture():
            return self.tr(
                "A new picture waits to be captured into the study. Capture it or leave it out,"
                " then calibrate."
            )
        return ""

    def _answered(self, calibrator: Calibrator) -> None:
        self._calibrator = calibrator
        self._show()

    def _failed(self, place: int, error: Exception) -> None:
        if not isinstance(error, EdgeAppError):
            raise error
        if place == self._feed.chosen:
            self._refusal = error
            self._show()

    def _show(self) -> None:
        self.button.setVisible(self._calibrator is not None)
        refusal = self._refusal
        cannot = self.tr("Cannot be calibrated: {0}")
        self._say(*((cannot.format(refusal.what), refusal.remedy) if refusal else ()))

    def _say(self, *sentences: str) -> None:
        self.words.setText(" ".join(sentences))
        self.words.setVisible(bool(self.words.text()))
