"""The live picture, the knobs, and the shutter."""

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PyQt6.QtWidgets import QComboBox

from edge_app.ui.control_panel import ControlPanel
from edge_app.ui.icons import Icon
from edge_app.ui.image_view import ImageView
from edge_app.ui.live_feed import FeedState, LiveFeed
from edge_app.ui.page import Page, Primary, beside, label, side_panel
from edge_app.ui.study_flow import Activity, StudyFlow
from edge_app.ui.tokens import Palette

_TICK_MS = 33


class CapturePage(Page):
    """Draws the newest frame 30 times a second; covers it as soon as it is no longer live."""

    def __init__(self, flow: StudyFlow, feed: LiveFeed, palette: Palette) -> None:
        super().__init__(flow, palette)
        self.feed = feed
        self.n_ticks = 0
        self.view = ImageView(palette)
        self.view.setAccessibleName(self.tr("Live picture"))
        self.coach = label("", "large")
        self.scanner_words = label("", "muted")
        self.controls = ControlPanel(palette, feed.turn)
        self.reconnect = self.button(self.tr("Connect again"), Icon.REPEAT)
        self.reconnect.clicked.connect(feed.reconnect)
        self.chooser = QComboBox()
        self.chooser.setAccessibleName(self.tr("Scanner"))
        self.chooser.addItems(feed.names)
        self.chooser.setVisible(len(feed.scanners) > 1)
        self.chooser.activated.connect(feed.choose)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.tick)
        self._shutter = QShortcut(QKeySequence(Qt.Key.Key_Space), self)
        self._shutter.setContext(Qt.ShortcutContext.WindowShortcut)
        self._shutter.setAutoRepeat(False)
        self._shutter.activated.connect(self.act)
        self._was = (feed.state, False, False, False)

    def _lay_out(self) -> None:
        panel, lines = side_panel()
        lines.addWidget(self.coach)
        lines.addWidget(self.reconnect)
        lines.addWidget(self.chooser)
        lines.addWidget(self.scanner_words)
        lines.addWidget(self.controls)
        lines.addStretch(1)
        lines.addWidget(label(self.tr("Space bar takes the picture."), "muted"))
        beside(self, self.view, panel)

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Ask for frames."""
        super().showEvent(a0)
        self._timer.start()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Leave the scanner alone while nobody looks."""
        super().hideEvent(a0)
        self._timer.stop()

    def tick(self) -> None:
        """Draw the newest frame and ask for the next."""
        self.n_ticks += 1
        self.feed.tick()
        picture = self.feed.picture()
        self.view.show_image(picture, "" if picture else self._cover_words())
        feed = self.feed
        now = (feed.state, picture is not None, feed.is_first_frame_due, feed.is_stalled)
        if now != self._was:
            self._was = now
            self.refresh()
            self.changed.emit()

    def _cover_words(self) -> str:
        if self.feed.state is FeedState.STARTING or self.feed.is_first_frame_due:
            return self.tr("Starting the scanner")
        return self.tr("No picture from the scanner")

    def _coach_words(self) -> str:
        if self.feed.is_first_frame_due:
            return self.tr("The scanner is being started.")
        if self.feed.picture():
            return self.tr("Move to a field with cells, turn the focus, then capture.")
        return {
            FeedState.NO_SCANNER: self.tr("No scanner is connected. Connect one, start again."),
            FeedState.STARTING: self.tr("The scanner is being started."),
            FeedState.LIVE: self.tr("The scanner does not answer. Check its cable and its light."),
            FeedState.LOST: self.feed.problem,
            FeedState.ENDED: self.tr("The scanner has no more pictures to give."),
        }[self.feed.state]

    def primary(self) -> Primary:
        """Capture, as soon as there is a live picture."""
        is_ready = self.flow.can_capture and self.feed.picture() is not None
        return Primary(self.tr("Capture"), Icon.CAMERA, is_ready)

    def act(self) -> None:
        """Keep the frame that is on the screen."""
        picture = self.feed.picture()
        if picture and self.flow.can_capture:
            self.flow.capture(picture)

    def refresh(self) -> None:
        """Say what the scanner is doing and what to do."""
        self.coach.setText(self._coach_words())
        is_waiting = self.feed.state in (FeedState.LOST, FeedState.ENDED, FeedState.LIVE)
        has_failed = is_waiting and not self.feed.is_first_frame_due
        self.reconnect.setVisible(has_failed and self.feed.picture() is None)
        self.scanner_words.setText(self.feed.info.name if self.feed.info else "")
        for place, name in enumerate(self.feed.names):
            self.chooser.setItemText(place, name)
        self.controls.show_controls(self.feed.controls)
        if self.flow.activity is Activity.READING:
            self.coach.setText(self.tr("The last picture is still being read. You can go on."))

    def forget(self) -> None:
        """Take the last frame off the screen."""
        self.view.show_image(None, self._cover_words())
