"""Whose study this is, and the state of scanner, detector and storage, each in icon and word."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from edge_app.domain.error import EdgeAppError
from edge_app.domain.outbox import Problem
from edge_app.domain.preparing import minutes_words
from edge_app.ui import tokens as t
from edge_app.ui.detector_start import DetectorStart
from edge_app.ui.error_sheet import Notice
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.in_words import in_words, number_words
from edge_app.ui.live_feed import FeedState, LiveFeed
from edge_app.ui.outbox_words import kind_words, state_words
from edge_app.ui.page import label
from edge_app.ui.scanner_words import scanner_words
from edge_app.ui.selftest_run import SelftestRun
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.tokens import Palette
from edge_app.ui.words import isolated, patient_words, preparing_words, running_words


class Header(QFrame):
    """Always there; touching a state explains it.

    The scanner's leads to the devices, the detector's to its card. Where one line is too short for
    all words, the states have a line of their own.
    """

    explained = pyqtSignal(Notice)
    look_wanted = pyqtSignal()
    devices_wanted = pyqtSignal()
    card_wanted = pyqtSignal()
    lock_wanted = pyqtSignal()

    def __init__(
        self,
        flow: StudyFlow,
        feed: LiveFeed,
        start: DetectorStart,
        selftest: SelftestRun,
        palette: Palette,
    ) -> None:
        super().__init__()
        self.setObjectName("header")
        self._flow, self._feed, self._colours = flow, feed, palette
        self._start, self._selftest = start, selftest
        self.patient = label("", "title")
        self.details = label("", "muted")
        self.details.setWordWrap(False)
        self.scanner = self._chip()
        self.scanner.clicked.connect(self.devices_wanted)
        self.detector = self._chip()
        self.detector.clicked.connect(self._explain_detector)
        self.storage = self._chip()
        self.storage.clicked.connect(lambda: self.explained.emit(self._storage_notice()))
        self.look = self._chip()
        self._say(self.look, Icon.CONTRAST, self.tr("Display"))
        self.look.clicked.connect(self.look_wanted)
        self.lock = self._chip()
        self._say(self.lock, Icon.LOCK, self.tr("Lock"))
        self.lock.clicked.connect(self.lock_wanted)
        self._lay_out()

    def _lay_out(self) -> None:
        who = QVBoxLayout()
        who.setSpacing(0)
        who.addWidget(self.patient)
        who.addWidget(self.details)
        self._states = QWidget()
        row = QHBoxLayout(self._states)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(t.SPACE_1)
        for chip in (self.scanner, self.detector, self.storage, self.look, self.lock):
            row.addWidget(chip)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(t.SPACE_4, t.SPACE_2, t.SPACE_2, t.SPACE_2)
        self._grid.setSpacing(t.SPACE_1)
        self._grid.setColumnStretch(0, 1)
        self._grid.setRowMinimumHeight(0, t.HEADER_PX - 2 * t.SPACE_2)
        self._grid.addLayout(who, 0, 0)
        self._place_states()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Give the states a line of their own where they need one."""
        super().resizeEvent(a0)
        self._place_states()

    def _place_states(self) -> None:
        room = self.width() - t.SPACE_4 - t.SPACE_2
        name = self.patient.minimumSizeHint().width()
        if self._states.minimumSizeHint().width() + name <= room:
            self._grid.addWidget(self._states, 0, 1)
        else:
            self._grid.addWidget(self._states, 1, 0, 1, 2)

    def _chip(self) -> QPushButton:
        chip = FittingButton()
        chip.setObjectName("flat")
        return chip

    def _say(self, chip: QPushButton, icon: Icon, words: str) -> None:
        if chip.text() != words:
            chip.setText(words)
            chip.setAccessibleName(words)
            chip.setIcon(icon_of(icon, self._colours.text, self._colours.disabled))

    def refresh(self) -> None:
        """Show the present states."""
        study = self._flow.study
        who = patient_words(study.patient) if study else self.tr("No patient")
        self.patient.setText(who)  # a long name has more lines, and is whole
        identifier = study.patient.identifier if study else ""
        self.details.setText(isolated(identifier))
        self._place_states()  # before anything is shown: that widens the window at once
        self.details.setVisible(bool(identifier))
        feed = self._feed
        is_troubled = feed.state in _TROUBLE or feed.is_stalled or feed.trouble is not None
        icon = Icon.WARNING if is_troubled else Icon.SCANNER
        self._say(self.scanner, icon, scanner_words(self._feed))
        icon = Icon.DETECTOR if self._is_reading else Icon.WARNING
        self._say(self.detector, icon, self.detector_words())
        unsent = self._flow.outbox.troubled
        if not self._flow.is_store_ready:
            self._say(self.storage, Icon.WARNING, self.tr("Storage failed"))
        elif unsent:
            self._say(
                self.storage, Icon.WARNING, self.tr("Not sent: {0}").format(number_words(unsent))
            )
        else:
            self._say(self.storage, Icon.STORAGE, self.tr("Storage ready"))
        self._place_states()

    @property
    def _is_reading(self) -> bool:
        is_there = self._flow.parts.detector is not None and not self._is_refused
        return is_there and not self._flow.is_analysis_off

    @property
    def _is_refused(self) -> bool:
        """Whether it was refused; not where a later process of it has read after all."""
        reading = self._flow.reading
        return self._start.refusal is not None and not (reading and reading.certificate)

    def detector_words(self) -> str:
        """Return what the detector does now, in a few words."""
        detector = self._flow.parts.detector
        if detector is None or self._is_refused:
            return self.tr("No detector")
        if self._flow.is_analysis_off:
            return self.tr("Analysis off")
        if self._start.is_waiting:
            preparing = self._start.preparing
            so_far = minutes_words(preparing.so_far_s) if preparing else ""
            return self.tr("Preparing detector {0}").format(so_far).strip()
        if self._selftest.is_running:
            return self.tr("Testing detector")
        short = in_words(detector.manifest.title).partition(":")[0]
        return f"{short}: {self._provider_words()}"

    def _provider_words(self) -> str:
        reading = self._flow.reading
        if reading and reading.certificate:
            return running_words(reading.certificate)
        return self._selftest.provider_words

    def _explain_detector(self) -> None:
        notice = self._detector_notice()
        if notice:
            self.explained.emit(notice)
        else:
            self.card_wanted.emit()

    def _detector_notice(self) -> Notice | None:
        """Return what is wrong with the detector, or None where its card says all."""
        detector = self._flow.parts.detector
        if detector is None or self._is_refused:
            return Notice(
                " ".join(filter(None, (self.tr("No detector could be loaded."), self._why()))),
                self.tr("Pictures can still be captured and saved; they stay not analysed."),
                self.tr("Read by eye, and call the technician."),
            )
        if self._flow.is_analysis_off:
            return Notice(
                self.tr("The analysis is off: the detector's process failed too often."),
                self.tr("Pictures can still be captured and saved; they stay not analysed."),
                self.tr("Touch Start again beside a picture. If it goes off again, read by eye."),
            )
        if self._start.is_waiting:
            return Notice(
                preparing_words(self._start.preparing),
                self.tr("Pictures are captured and saved meanwhile, and read when it is ready."),
                self.tr("Go on working. This comes back by itself when it is done."),
            )
        if self._selftest.is_running:
            return Notice(
                self.tr("The detector is being tested on this machine."),
                self.tr("Pictures are captured, saved and read meanwhile."),
                self.tr("Go on working. This comes back by itself when it is done."),
            )
        return None

    def _why(self) -> str:
        refusal = self._start.refusal
        return refusal.what if isinstance(refusal, EdgeAppError) else ""

    def _storage_notice(self) -> Notice:
        unsent = [j for j in self._flow.outbox.unsent if j.problem is not Problem.NONE]
        if self._flow.is_store_ready and unsent:
            return Notice(
                self.tr("Not sent: {0}").format(number_words(len(unsent))),
                self.tr("Everything that was shown as saved is safe, and is tried again."),
                f"{kind_words(unsent[0])}: {state_words(unsent[0])}",
            )
        if self._flow.is_store_ready:
            return Notice(
                self.tr("Storage ready"),
                self.tr("Everything that is shown as saved is on this machine's disk."),
            )
        return Notice(
            self.tr("The last picture could not be saved."),
            self.tr("Everything that was shown as saved before is safe."),
            self.tr("Capture again. If it fails again, call the technician."),
        )


_TROUBLE = (FeedState.NO_SCANNER, FeedState.LOST, FeedState.ENDED)
