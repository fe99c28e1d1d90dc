"""The devices of this site: what each is doing, its live picture, its knobs, and a test shot."""

from datetime import date
from functools import partial

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import QLabel, QPushButton

from edge_app.domain.image import CapturedImage
from edge_app.ports import DeviceState
from edge_app.ui.calibration_offer import CalibrationOffer
from edge_app.ui.control_panel import ControlPanel
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.image_view import ImageView
from edge_app.ui.in_words import day_words, number_words
from edge_app.ui.known_devices import Known, KnownDevices
from edge_app.ui.live_feed import LiveFeed
from edge_app.ui.page import Page, Primary, beside, label, side_panel
from edge_app.ui.scanner_words import scanner_words
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.tokens import Palette

_TICK_MS = 33


class DevicesPage(Page):
    """For whoever sets a device up; nothing that is shown here is saved, or is of any patient."""

    left = pyqtSignal()

    def __init__(
        self,
        flow: StudyFlow,
        feed: LiveFeed,
        devices: KnownDevices,
        offer: CalibrationOffer,
        palette: Palette,
    ) -> None:
        super().__init__(flow, palette)
        self.offer = offer
        self._feed, self._devices = feed, devices
        self.shot: CapturedImage | None = None
        self.view = ImageView(palette)
        self.view.setAccessibleName(self.tr("Live picture"))
        self.problem = label()
        self.details = label("", "muted")
        self.kept = label("", "large")
        self.controls = ControlPanel(palette, feed.turn)
        self.test_shot = self.button(self.tr("Test shot"), Icon.CAMERA)
        self.test_shot.clicked.connect(self._shoot)
        self.again = self.button(self.tr("Look again"), Icon.REPEAT)
        self.again.clicked.connect(self._look)
        self.rows = [self._row(place) for place in range(len(devices.all))]
        self._lay_out()
        self._say(self.kept, "")
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.tick)

    def _row(self, place: int) -> QPushButton:
        row = FittingButton(self._devices.name_of(place))
        row.setAccessibleName(row.text())
        row.setObjectName("row")
        row.setCheckable(True)
        row.clicked.connect(partial(self._choose, place))
        return row

    def _lay_out(self) -> None:
        panel, lines = side_panel()
        lines.addWidget(label(self.tr("Devices"), "title"))
        for widget in (
            *self.rows,
            self.problem,
            self.kept,
            self.details,
            self.offer,
            self.again,
        ):
            lines.addWidget(widget)
        lines.addWidget(self.controls)
        lines.addStretch(1)
        lines.addWidget(self.test_shot)
        lines.addWidget(label(self.tr("A test shot is not saved and is of nobody."), "muted"))
        beside(self, self.view, panel)

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Ask the devices what they are, and the chosen one for frames."""
        super().showEvent(a0)
        self._devices.on_answer = self.refresh
        self._look()
        self._timer.start()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Leave the devices alone, and keep no picture."""
        super().hideEvent(a0)
        self._timer.stop()
        self.offer.drop()
        self.forget()

    def say_kept(self) -> None:
        """Say that what was measured of the chosen device stands in its profile."""
        self._say(self.kept, self.tr("Kept. Every picture carries it from now on."))

    def tick(self) -> None:
        """Ask for the next frame, and show what is live, or the test shot."""
        self._feed.tick()
        picture = self.shot or self._picture()
        cover = "" if picture else self._cover_words()
        if picture is not self.view.image or cover != self.view.cover:
            self.view.show_image(picture, cover)
        self.refresh()
        self.changed.emit()

    def _picture(self) -> CapturedImage | None:
        """Return the live picture; what names its patient is no business of this page."""
        return None if self._feed.habits.names_patients else self._feed.picture()

    def _cover_words(self) -> str:
        if self._feed.habits.names_patients:
            return self.tr("Its pictures are shown in their patients' studies only")
        return self.tr("No picture from the scanner")

    def _look(self) -> None:
        self._devices.look()
        self.offer.ask()
        self.refresh()

    def _choose(self, place: int) -> None:
        self.shot = None
        self._say(self.kept, "")
        if place != self._feed.chosen:
            self.flow.whose.device_changed()
            self._feed.choose(place)
            self.offer.ask()
        self.refresh()

    def _shoot(self) -> None:
        self.shot = None if self.shot else self._picture()
        self.refresh()

    def primary(self) -> Primary:
        """Back to the work."""
        return Primary(self.tr("Done"), Icon.ACCEPT, is_enabled=True)

    def act(self) -> None:
        """Leave the page."""
        self.left.emit()

    def refresh(self) -> None:
        """Show what is known of each device and of the chosen one's picture."""
        for place, (row, known) in enumerate(zip(self.rows, self._devices.all, strict=True)):
            self._show_row(row, place, known)
        self.offer.refresh()
        self.again.setEnabled(not self._devices.is_looking)
        self._say(self.problem, self._feed.problem or self._feed.waiting)
        self._say(self.details, self._detail_words())
        self.controls.show_controls(self._feed.controls)
        picture = self._picture()
        self.test_shot.setEnabled(bool(self.shot or picture))
        words = self.tr("Live picture again") if self.shot else self.tr("Test shot")
        if self.test_shot.text() != words:
            self.test_shot.setText(words)
            self.test_shot.setAccessibleName(words)

    def _show_row(self, row: QPushButton, place: int, known: Known) -> None:
        is_here = place == self._feed.chosen
        said = scanner_words(self._feed) if is_here else self._state_words(known)
        words = f"{self._devices.name_of(place)}\n{said}"
        row.setChecked(is_here)
        if row.text() != words:
            row.setText(words)
            row.setAccessibleName(words.replace("\n", ": "))
            row.setToolTip(known.problem)
            is_well = not known.problem and (known.info is None or _is_usable(known))
            icon = Icon.SCANNER if is_well else Icon.WARNING
            row.setIcon(icon_of(icon, self.colours.text, self.colours.disabled))

    def _state_words(self, known: Known) -> str:
        if known.problem:
            return self.tr("Says nothing")
        if known.info is None:
            return self.tr("Being asked")
        return {
            DeviceState.READY: self.tr("Ready"),
            DeviceState.BUSY: self.tr("In use"),
            DeviceState.ABSENT: self.tr("Not there"),
        }[known.info.state]

    def _say(self, place: QLabel, words: str) -> None:
        if place.text() != words:
            place.setText(words)
        place.setVisible(bool(words))

    def _detail_words(self) -> str:
        picture = self.shot or self._picture()
        if picture is None:
            return ""
        size = self.tr("{0} x {1} pixels").format(
            number_words(picture.width), number_words(picture.height)
        )
        lines = [self.tr("Test shot, {0}").format(size) if self.shot else size]
        lines += [self._scale_words(picture), self._light_words(picture)]
        if picture.dropped:
            lines.append(
                self.tr("Frames lost since it was opened: {0}").format(
                    number_words(picture.dropped)
                )
            )
        return "\n".join(lines)

    def _scale_words(self, picture: CapturedImage) -> str:
        if picture.spacing_mm is None:
            return self.tr("Scale: not known")
        um = picture.spacing_mm[1] * 1000
        words = self.tr("Scale: {0} \u00b5m a pixel").format(f"{um:.4g}")
        on = picture.calibration.spacing
        return words + (self.tr(", measured {0}").format(_day(on)) if on else "")

    def _light_words(self, picture: CapturedImage) -> str:
        on = picture.calibration.light
        if on is None:
            return self.tr("Light: not measured")
        return self.tr("Light: evened out, measured {0}").format(_day(on))

    def forget(self) -> None:
        """Keep no picture."""
        self.shot = None
        self._say(self.kept, "")
        self.view.show_image(None, self.tr("No picture from the scanner"))


def _is_usable(known: Known) -> bool:
    return known.info is not None and known.info.state is not DeviceState.ABSENT


def _day(on: date) -> str:
    return day_words(on)
