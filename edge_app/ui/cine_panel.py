"""Plays the pictures of a study one after another, each with its own findings."""

from collections.abc import Sequence

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QHBoxLayout, QWidget

from edge_app.ui import tokens as t
from edge_app.ui.class_style import style_of
from edge_app.ui.finding_rows import looked_for, rows_of
from edge_app.ui.icons import Icon
from edge_app.ui.image_view import ImageView
from edge_app.ui.in_words import number_words
from edge_app.ui.overlay import Mark
from edge_app.ui.page import clear_margins, label
from edge_app.ui.reading_view import ReadingView
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.tokens import Palette
from edge_app.ui.tool_panels import ToolPanel

_RATES_HZ = (1, 2, 4, 8, 15, 25)
_USUAL = _RATES_HZ.index(8)
_SECOND_MS = 1000


class CinePanel(ToolPanel):
    """What plays is a view of its own, so that no answer stands beside another picture.

    Attributes:
        player: That view; hidden while nothing plays.
    """

    def __init__(self, view: ReadingView, flow: StudyFlow, palette: Palette) -> None:
        super().__init__(view, palette, self.tr("Play the pictures"))
        self._flow = flow
        self.player = ImageView(palette)
        self.player.setAccessibleName(self.tr("Pictures in a row"))
        self.player.hide()
        self.rate = label("", "large")
        self.slower = self._button(self.tr("Slower"), Icon.MINUS)
        self.slower.clicked.connect(lambda: self._change_rate(-1))
        self.faster = self._button(self.tr("Faster"), Icon.PLUS)
        self.faster.clicked.connect(lambda: self._change_rate(1))
        self.leave.setText(self.tr("Stop at this picture"))
        self.leave.setAccessibleName(self.leave.text())
        rates = QWidget()
        row = QHBoxLayout(rates)
        clear_margins(row)
        row.setSpacing(t.SPACE_2)
        row.addWidget(self.slower)
        row.addWidget(self.faster)
        self._add(self.rate)
        self._add(rates)
        self._rate = _USUAL
        self._place = 0
        self._ids: list[str] = []
        self._beat = QTimer(self)
        self._beat.timeout.connect(self._next)

    @property
    def image_id(self) -> str:
        """The picture that is shown now; empty while nothing plays."""
        return self._ids[self._place] if self._ids else ""

    def begin(self) -> None:
        """Play from the picture that is shown."""
        study = self._flow.study
        self._ids = [i.image_id for i in study.images] if study else []
        if self._flow.image_id not in self._ids:
            self._ids = []
            return
        self._place = self._ids.index(self._flow.image_id)
        self._view.hide()
        self.player.show()
        self._change_rate(0)
        self._show()

    def _change_rate(self, by: int) -> None:
        self._rate = min(max(self._rate + by, 0), len(_RATES_HZ) - 1)
        rate = _RATES_HZ[self._rate]
        self._beat.start(_SECOND_MS // rate)
        self.rate.setText(self.tr("Pictures a second: {0}").format(number_words(rate)))
        self.slower.setEnabled(self._rate > 0)
        self.faster.setEnabled(self._rate < len(_RATES_HZ) - 1)

    def _next(self) -> None:
        self._place = (self._place + 1) % len(self._ids)
        self._show()

    def _show(self) -> None:
        place, all_ = number_words(self._place + 1), number_words(len(self._ids))
        self.player.caption = self.tr("PLAYING: picture {0} of {1}").format(place, all_)
        self.said.setText(self.player.caption)
        self.player.show_image(self._flow.images.get(self.image_id))
        self.player.show_marks(self._marks(), None)

    def _marks(self) -> Sequence[Mark]:
        study, detector = self._flow.study, self._flow.parts.detector
        if study is None:
            return ()
        manifest = detector.manifest if detector else None
        return [
            Mark(r.index, r.number, style_of(r.label, looked_for(manifest)), r.box, r.verdict,
                 r.is_drawn)
            for r in rows_of(study, self.image_id, manifest)
        ]  # fmt: skip

    def stop(self) -> None:
        """Show the picture that had come, with what was said of it."""
        if not self._ids:
            return
        image_id = self.image_id
        self.forget()
        if image_id in self._flow.images:
            self._flow.show_image(image_id)

    def forget(self) -> None:
        """Play nothing, and keep no picture."""
        self._beat.stop()
        self._ids = []
        self.player.show_marks((), None)
        self.player.show_image(None)
        self.player.caption = ""
        self.said.clear()
        self.player.hide()
        self._view.show()
