"""Whether the device on the devices page can be calibrated now, and why not."""

from collections.abc import Callable
from functools import partial

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from edge_app.domain.error import EdgeAppError
from edge_app.ports import Calibrations, Calibrator
from edge_app.ui import tokens as t
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.in_words import in_words
from edge_app.ui.lanes import Lane, Runner, Ticket
from edge_app.ui.live_feed import LiveFeed
from edge_app.ui.page import label
from edge_app.ui.study_flow import Activity, StudyFlow
from edge_app.ui.tokens import Palette


class CalibrationOffer(QWidget):
    """The button that leads to the calibration, or a sentence that says why there is none."""

    wanted = pyqtSignal(object)

    def __init__(
        self,
        flow: StudyFlow,
        feed: LiveFeed,
        runner: Runner,
        on_error: Callable[[Exception], None],
        palette: Palette,
    ) -> None:
        super().__init__()
        self._on_error = on_error
        self._flow, self._feed, self._runner = flow, feed, runner
        self._calibrations: Calibrations | None = flow.parts.calibrations
        self._calibrator: Calibrator | None = None
        self._refusal: EdgeAppError | None = None
        self._ticket: Ticket | None = None
        self.button = FittingButton(self.tr("Calibrate"))
        self.button.setAccessibleName(self.tr("Calibrate this device"))
        self.button.setIcon(icon_of(Icon.RULER, palette.text, palette.disabled))
        self.button.clicked.connect(self._touched)
        self.words = label()
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(t.SPACE_2)
        lines.addWidget(self.button)
        lines.addWidget(self.words)
        self.refresh()

    def ask(self) -> None:
        """Look, beside the window, whether what is measured of the chosen device could be kept."""
        self._calibrator = self._refusal = None
        self.drop()
        self.refresh()
        if self._calibrations:
            look = partial(self._calibrations.of, self._feed.chosen)
            failed = partial(self._failed, self._feed.chosen)
            self._ticket = self._runner.submit(Lane.STORE, look, self._answered, failed)

    def drop(self) -> None:
        """Wait for no answer any more."""
        if self._ticket:
            self._ticket.drop()

    def refresh(self) -> None:
        """Offer it, or say why not."""
        why_not = self._why_never() or self._why_not_now()
        self.button.setVisible(self._calibrator is not None and not self._why_never())
        self.button.setEnabled(not why_not)
        if self.words.text() != why_not:
            self.words.setText(why_not)
        self.words.setVisible(bool(why_not))

    def _touched(self) -> None:
        if self._calibrator and not self._why_not_now():
            self.wanted.emit(self._calibrator)

    def _why_never(self) -> str:
        refusal = self._refusal
        if refusal:
            return self.tr("Cannot be calibrated: {0} {1}").format(
                in_words(refusal.what), in_words(refusal.remedy)
            )
        if self._calibrator and self._feed.habits.names_patients:
            return self.tr(
                "Cannot be calibrated: its pictures are its patients'. Measure at the device that"
                " makes them."
            )
        return ""

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
        self.refresh()

    def _failed(self, place: int, error: Exception) -> None:
        if not isinstance(error, EdgeAppError):
            self._on_error(error)
        elif place == self._feed.chosen:
            self._refusal = error
            self.refresh()
