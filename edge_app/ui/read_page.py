"""The picture on its way to the disk and through the detector, with words for where it is."""

from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QHideEvent, QShowEvent

from edge_app.ui.icons import Icon
from edge_app.ui.image_view import ImageView
from edge_app.ui.in_words import in_words, number_words
from edge_app.ui.page import Page, Primary, beside, label, side_panel
from edge_app.ui.study_flow import Activity, Step, StudyFlow
from edge_app.ui.tokens import Palette
from edge_app.ui.words import preparing_words

_TICK_MS = 200
_LONG_S = 10


class ReadPage(Page):
    """Says "Saved" only after the store did."""

    def __init__(self, flow: StudyFlow, palette: Palette) -> None:
        super().__init__(flow, palette)
        self.view = ImageView(palette)
        self.view.setAccessibleName(self.tr("Captured picture"))
        self.saving = label("", "large")
        self.progress = label("", "large")
        self.elapsed = label("", "muted")
        self.meanwhile = self.button(self.tr("Take another picture meanwhile"), Icon.CAMERA)
        self.meanwhile.clicked.connect(lambda: self.flow.go(Step.CAPTURE))
        self._reading = ""
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._show_elapsed)
        panel, lines = side_panel()
        for widget in (self.saving, self.progress, self.elapsed, self.meanwhile):
            lines.addWidget(widget)
        lines.addStretch(1)
        beside(self, self.view, panel)

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Count the seconds."""
        super().showEvent(a0)
        self._timer.start()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Stop counting."""
        super().hideEvent(a0)
        self._timer.stop()

    def _show_elapsed(self) -> None:
        if self.flow.activity is not Activity.READING:
            self.elapsed.clear()
            self.progress.clear()
            return
        preparation = self.flow.parts.preparation
        preparing = preparation.preparing if preparation else None
        self.progress.setText(preparing_words(preparing) if preparing else self._reading)
        passed = (self.flow.parts.clock.monotonic_ns() - self.flow.activity_since_ns) / 1e9
        words = self.tr("{0} s").format(number_words(passed))
        if passed > _LONG_S:
            words = self.tr("{0} s. You can go on; the answer comes back by itself.").format(
                number_words(passed)
            )
        self.elapsed.setText(words)

    def primary(self) -> Primary:
        """Review, which comes by itself."""
        return Primary(self.tr("Review"), Icon.FORWARD, self.flow.can_go(Step.REVIEW))

    def act(self) -> None:
        """Go on."""
        self.flow.go(Step.REVIEW)

    def refresh(self) -> None:
        """Show the picture and where it is."""
        self.view.show_image(self.flow.image)
        is_saved = self.flow.is_saved
        self.saving.setText(self.tr("Saved") if is_saved else self.tr("Keeping the picture"))
        detector = self.flow.parts.detector
        self._reading = self.tr("Reading the picture: {0}").format(
            in_words(detector.manifest.title) if detector else self.tr("no detector")
        )
        self.meanwhile.setVisible(self.flow.activity is Activity.READING)
        self._show_elapsed()

    def forget(self) -> None:
        """Take the picture off the screen."""
        self.view.show_image(None)
