"""The live picture, the knobs, and the shutter."""

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PyQt6.QtWidgets import QComboBox

from edge_app.domain.belonging import is_described_otherwise
from edge_app.domain.freshness import Freshness
from edge_app.domain.image import CapturedImage
from edge_app.domain.manifest import Status
from edge_app.domain.presence import Doubt
from edge_app.ui.control_panel import ControlPanel
from edge_app.ui.icons import Icon
from edge_app.ui.image_view import ImageView
from edge_app.ui.in_words import number_words
from edge_app.ui.known_devices import KnownDevices
from edge_app.ui.live_feed import FeedState, LiveFeed
from edge_app.ui.live_marks import LiveMarks
from edge_app.ui.live_panel import LivePanel, marks_of
from edge_app.ui.mismatch_words import MismatchWords, mismatch_words, otherwise_words
from edge_app.ui.page import Page, Primary, beside, label, side_panel
from edge_app.ui.study_flow import Activity, StudyFlow
from edge_app.ui.tokens import Palette
from edge_app.ui.whose import wanted
from edge_app.ui.words import isolated, patient_words, trouble_words

_TICK_MS = 33


class CapturePage(Page):
    """Draws each new frame as it comes; covers it as soon as it is no longer live."""

    def __init__(
        self,
        flow: StudyFlow,
        feed: LiveFeed,
        live: LiveMarks,
        devices: KnownDevices,
        palette: Palette,
    ) -> None:
        super().__init__(flow, palette)
        self.feed = feed
        self._devices = devices
        self.live = live
        self.n_ticks = 0
        self.view = ImageView(palette)
        self.view.setAccessibleName(self.tr("Live picture"))
        self.coach = label("", "large")
        self.detail = label()
        self.scanner_words = label("", "muted")
        self.controls = ControlPanel(palette, feed.turn)
        self.live_panel = self._made_live_panel()
        feed.on_frame = self._frame_came
        live.on_answer = self._draw_live
        self._make_buttons()
        self.chooser = self._made_chooser()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.tick)
        self._shutters = [self._made_shutter(key) for key in flow.parts.shutter]
        self._was: tuple[object, ...] = ()

    def _make_buttons(self) -> None:
        self.reconnect = self.button(self.tr("Connect again"), Icon.REPEAT)
        self.reconnect.clicked.connect(self._connect_again)
        self.leave_out = self.button(self.tr("Leave this picture out"), Icon.REJECT)
        self.leave_out.clicked.connect(self.feed.leave_out)
        self.leave_for_later = self.button(self.tr("Leave it for its own study"), Icon.FORWARD)
        self.leave_for_later.clicked.connect(self.feed.leave_for_later)
        self.same_patient = self.button(self.tr("Yes, same patient"), Icon.ACCEPT)
        self.same_patient.clicked.connect(self.flow.whose.same_patient)
        self.next_patient = self.button(self.tr("No, next patient"), Icon.FORWARD)
        self.next_patient.clicked.connect(self.flow.next_patient)

    def _made_shutter(self, key: str) -> QShortcut:
        shutter = QShortcut(QKeySequence(key), self)
        shutter.setContext(Qt.ShortcutContext.WindowShortcut)
        shutter.setAutoRepeat(False)
        shutter.activated.connect(self.act)
        return shutter

    def _made_chooser(self) -> QComboBox:
        chooser = QComboBox()
        chooser.setAccessibleName(self.tr("Scanner"))
        chooser.addItems([self._devices.name_of(n) for n in range(len(self.feed.scanners))])
        chooser.setVisible(len(self.feed.scanners) > 1)
        chooser.activated.connect(self._choose)
        return chooser

    def _made_live_panel(self) -> LivePanel:
        detector = self.live.detector
        self._labels = [x.name for x in detector.manifest.labels] if detector else []
        status = detector.manifest.status if detector else Status.VALIDATED
        is_experimental = status is Status.EXPERIMENTAL
        panel = LivePanel(self._labels, self.colours, is_experimental=is_experimental)
        panel.switch.setChecked(self.live.is_on)
        panel.switch.setEnabled(detector is not None)
        panel.turned.connect(self._turn_live)
        return panel

    def _lay_out(self) -> None:
        panel, lines = side_panel()
        lines.addWidget(self.coach)
        lines.addWidget(self.detail)
        lines.addWidget(self.reconnect)
        lines.addWidget(self.leave_out)
        lines.addWidget(self.leave_for_later)
        lines.addWidget(self.same_patient)
        lines.addWidget(self.next_patient)
        lines.addWidget(self.chooser)
        lines.addWidget(self.scanner_words)
        lines.addWidget(self.controls)
        lines.addWidget(self.live_panel)  # below: its words must not push a knob from the hand
        lines.addStretch(1)
        names = [self.tr("Space bar") if k == "Space" else k for k in self.flow.parts.shutter]
        words = self.tr("{0} takes the picture.").format(" / ".join(names)) if names else ""
        self.shutter_words = label(words, "muted")
        lines.addWidget(self.shutter_words)
        beside(self, self.view, panel)

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Ask for frames."""
        super().showEvent(a0)
        self._timer.start()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Leave the scanner and the detector alone while nobody looks."""
        super().hideEvent(a0)
        self._timer.stop()
        self._forget_live()

    def tick(self) -> None:
        """Ask for the next frame; cover the last one where it is no longer live."""
        self.n_ticks += 1
        if self.flow.study:
            self.feed.serve(wanted(self.flow.study, self.flow.images))
        self.feed.tick()
        self.let_go_of_kept()
        picture = self._own_picture()
        cover = "" if picture else self._cover_words()
        if picture is not self.view.image or cover != self.view.cover:
            self.view.show_image(picture, cover)
        self._draw_live()
        feed = self.feed
        is_there = picture is not None
        said = (feed.trouble, feed.waiting, feed.is_busy, feed.picture() and feed.mismatch)
        live = (feed.state, is_there, feed.is_first_frame_due, feed.is_stalled)
        now = (*live, said, self.flow.doubt)
        if now != self._was:
            self._was = now
            self.refresh()
            self.changed.emit()

    def let_go_of_kept(self) -> None:
        """Have a picture that is safe in the study not given again."""
        picture = self.feed.picture()
        if picture and self.flow.has_kept(picture):
            self.feed.let_go_of_kept()

    def _own_picture(self) -> CapturedImage | None:
        """Return the picture on the screen; one that is not of the patient is never shown."""
        return None if self.feed.mismatch else self.feed.picture()

    def _frame_came(self, frame: CapturedImage) -> None:
        self.flow.whose.heed(frame, self.flow.images)
        if self.isVisible() and not self.feed.mismatch:
            self.view.show_image(frame)
            self._draw_live()
            self.live.offer(frame)

    def _draw_live(self) -> None:
        """Draw the preview that belongs to the frame on the screen, or say why there is none."""
        view = self.live.view(self.view.image) if self.live.is_on else None
        self.live_panel.say(view)
        self.view.show_live_marks(marks_of(view, self._labels) if view else ())

    def _turn_live(self, on: bool) -> None:  # noqa: FBT001  Qt's signal
        self.live.turn(on)
        self._draw_live()

    def _forget_live(self) -> None:
        self.live.reading.forget()
        self.view.show_live_marks(())

    def _choose(self, index: int) -> None:
        self._forget_live()
        if index != self.feed.chosen:
            self.flow.whose.device_changed()
        self.feed.choose(index)

    def _connect_again(self) -> None:
        if self.feed.trouble is Freshness.OTHER_DEVICE:
            self.flow.whose.device_changed()
        self.feed.reconnect()

    def _same_still_words(self) -> str:
        return self.tr(
            "The device sent the picture before once more. It is not taken as a new one."
        )

    def _trouble_words(self, trouble: Freshness) -> str:
        still = self.tr(
            "The picture stands still: the device repeats it. Put its cable in anew, then connect"
            " again."
        )
        return {
            Freshness.FRESH: "",
            Freshness.REPEATED: still,
            Freshness.STUCK: still,
            Freshness.OLD: self.tr("The device sends old pictures. Connect again."),
            Freshness.RESIZED: self.tr(
                "The device changed the size of its picture. Check its settings, connect again."
            ),
            Freshness.OTHER_DEVICE: self.tr(
                "Another device answers than before. If that is on purpose, connect again."
            ),
        }[trouble]

    def _cover_words(self) -> str:
        if self.feed.trouble:
            return trouble_words(self.feed.trouble)
        strange = self._strange()
        if strange:
            return strange.cover
        if self.feed.is_waiting:
            return self.tr("No new picture yet")
        if self.feed.state is FeedState.STARTING or self.feed.is_first_frame_due:
            return self.tr("Starting the scanner")
        return self.tr("No picture from the scanner")

    def _doubt_words(self, doubt: Doubt) -> str:
        study = self.flow.study
        who = patient_words(study.patient) if study else ""
        why = {
            Doubt.IDLE: self.tr("Nobody was here for five minutes."),
            Doubt.OTHER_DEVICE: self.tr("The device was changed."),
        }[doubt]
        return self.tr("{0} Is this still the same patient: {1}?").format(why, isolated(who))

    def _coach_words(self) -> str:
        doubt = self.flow.doubt
        if doubt:
            return self._doubt_words(doubt)
        trouble = self.feed.trouble
        if trouble:
            same = trouble is Freshness.REPEATED and self.feed.habits.stills
            return self._same_still_words() if same else self._trouble_words(trouble)
        picture = self.feed.picture()
        if picture:
            return self._picture_words(picture)
        if self.feed.is_waiting or self.feed.is_busy:
            return self._waiting_words()
        if self.feed.is_first_frame_due:
            return self.tr("The scanner is being started.")
        return {
            FeedState.NO_SCANNER: self.tr("No scanner is connected. Connect one, start again."),
            FeedState.STARTING: self.tr("The scanner is being started."),
            FeedState.LIVE: self.tr("The scanner does not answer. Check its cable and its light."),
            FeedState.LOST: self.feed.problem,
            FeedState.ENDED: self.tr("The scanner has no more pictures to give."),
        }[self.feed.state]

    def _strange(self) -> MismatchWords | None:
        """Return what there is to say of a picture that is not of the patient."""
        study, picture, mismatch = self.flow.study, self.feed.picture(), self.feed.mismatch
        if study and picture and picture.belongs and mismatch:
            return mismatch_words(mismatch, picture.belongs, study.patient)
        return None

    def _waiting_words(self) -> str:
        if self.feed.is_busy:
            return self.tr("The device is taking a picture. Wait for it.")
        return self.feed.waiting or self.tr("Take the picture at the device.")

    def _picture_words(self, picture: CapturedImage) -> str:
        strange = self._strange()
        if strange:
            return strange.headline
        study, said = self.flow.study, picture.belongs
        if study and said and is_described_otherwise(said.patient, study.patient):
            return otherwise_words(said.patient, study.patient)
        if self.feed.habits.stills:
            return self.tr("A new picture has come. Capture it, or leave it out.")
        return self.tr("Move to a field with cells, turn the focus, then capture.")

    def primary(self) -> Primary:
        """Capture, as soon as there is a live picture."""
        picture = self._own_picture()
        is_new = picture is not None and not self.flow.has_kept(picture)
        is_ready = self.flow.can_capture and is_new
        return Primary(self.tr("Capture"), Icon.CAMERA, is_ready)

    def act(self) -> None:
        """Keep the frame that is on the screen."""
        picture = self._own_picture()
        if picture and self.flow.can_capture:
            self.flow.capture(picture)

    def refresh(self) -> None:
        """Say what the scanner is doing and what to do."""
        self.coach.setText(self._coach_words())
        is_waiting = self.feed.state in (FeedState.LOST, FeedState.ENDED, FeedState.LIVE)
        has_failed = is_waiting and not self.feed.is_first_frame_due
        is_there = self.feed.picture() is not None
        self.reconnect.setVisible(has_failed and not is_there and not self.feed.is_waiting)
        is_doubtful = self.flow.doubt is not None
        strange = None if is_doubtful else self._strange()
        self.detail.setText(strange.detail if strange else "")
        self.detail.setVisible(strange is not None)
        self.leave_out.setVisible(is_there and self.feed.habits.stills and not self.feed.mismatch)
        if strange:
            self.leave_for_later.setText(strange.leave)
            self.leave_for_later.setAccessibleName(strange.leave)
        self.leave_for_later.setVisible(strange is not None)
        for button in (self.same_patient, self.next_patient):
            button.setVisible(is_doubtful)
        for other in (self.controls, self.live_panel, self.shutter_words):  # the question has room
            other.setVisible(not is_doubtful and not strange)
        self.scanner_words.setText(self._scanner_words())
        for place in range(len(self.feed.scanners)):
            self.chooser.setItemText(place, self._devices.name_of(place))
        self.chooser.setCurrentIndex(self.feed.chosen)
        self.controls.show_controls(self.feed.controls)
        if self.flow.activity is Activity.READING and not self.flow.doubt:
            self.coach.setText(self.tr("The last picture is still being read. You can go on."))

    def _scanner_words(self) -> str:
        name = isolated(self.feed.info.name) if self.feed.info else ""
        picture = self.feed.picture()
        if picture is None or not picture.dropped:
            return name
        return self.tr("{0}; frames lost: {1}").format(name, number_words(picture.dropped))

    def forget(self) -> None:
        """Take the last frame and its marks off the screen."""
        self._forget_live()
        for words in (self.coach, self.detail):
            words.clear()
        self.feed.leave_patient()
        self.view.show_image(None, self._cover_words())
