"""Beside the picture: the review, or for a while what the tool in use asks and says."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QStackedWidget, QWidget

from edge_app.domain.study import Called
from edge_app.ui.cine_panel import CinePanel
from edge_app.ui.earlier_panel import EarlierPanel
from edge_app.ui.finding_rows import FindingRow, looked_for
from edge_app.ui.in_words import number_words
from edge_app.ui.naming_panel import NamingPanel
from edge_app.ui.reading_view import ReadingView, Tool
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.tokens import Palette
from edge_app.ui.tool_panels import LengthPanel, LevelsPanel


class SideTools(QStackedWidget):
    """Draws, renames, measures; `changed` tells that another tool is in use."""

    changed = pyqtSignal()

    def __init__(
        self,
        flow: StudyFlow,
        view: ReadingView,
        review: QWidget,
        earlier: EarlierPanel,
        palette: Palette,
    ) -> None:
        super().__init__()
        self.earlier = earlier
        self._flow, self._view, self._review = flow, view, review
        self._renamed: int | None = None
        self.naming = NamingPanel(palette)
        self.length = LengthPanel(view, palette)
        self.levels = LevelsPanel(view, palette)
        self.cine = CinePanel(view, flow, palette)
        self._panels: dict[Tool, QWidget] = {
            Tool.LOOK: review,
            Tool.BOX: self.naming,
            Tool.NAME: self.naming,
            Tool.LENGTH: self.length,
            Tool.LEVELS: self.levels,
            Tool.EARLIER: earlier,
            Tool.CINE: self.cine,
        }
        for widget in dict.fromkeys(self._panels.values()):
            self.addWidget(widget)
        for panel in (self.naming, self.length, self.levels, earlier, self.cine):
            panel.left.connect(self.leave)
        earlier.compared.connect(self.changed)
        self.naming.named.connect(self._named)
        view.moved.connect(self._moved)
        view.escaped.connect(self.leave)

    @property
    def in_use(self) -> Tool:
        """The tool in use; LOOK while there is none."""
        return self._view.tool

    @property
    def is_unfinished(self) -> bool:
        """Whether something was begun: a box, another label, or pictures that play."""
        return self.in_use in (Tool.BOX, Tool.NAME, Tool.CINE)

    @property
    def _labels(self) -> tuple[str, ...]:
        detector = self._flow.parts.detector
        return looked_for(detector.manifest if detector else None)

    def use(self, tool: Tool) -> None:
        """Take a tool up, or put it down where it is in use already."""
        is_ended = tool is Tool.EARLIER and self.earlier.is_comparing
        if is_ended:
            self.earlier.forget()
        if is_ended or tool is self.in_use or (tool is Tool.BOX and self._flow.is_signed):
            self.leave()
            return
        self._take(tool)
        if tool is Tool.BOX:
            self.naming.ask(self.tr("Draw what was missed"), self._labels)
        elif tool is Tool.LEVELS:
            detector = self._flow.parts.detector
            self.levels.offer(detector.manifest.modality if detector else "")
        elif tool is Tool.EARLIER:
            self.earlier.begin()
        elif tool is Tool.CINE:
            self.cine.begin()
        self._moved()
        self._view.setFocus()

    def rename(self, row: FindingRow) -> None:
        """Ask what a finding is, other than the detector says."""
        if self._flow.is_signed:
            return
        self._take(Tool.NAME)
        self._renamed = row.index
        self.naming.ask(
            self.tr("What is number {0}?").format(number_words(row.number)), self._labels
        )
        self.naming.say("", is_ready=True)

    def _take(self, tool: Tool) -> None:
        self._renamed = None
        self._view.take(tool)
        self.setCurrentWidget(self._panels[tool])
        self.changed.emit()

    def _moved(self) -> None:
        if self.in_use is Tool.LENGTH:
            self.length.refresh()
        elif self.in_use is Tool.BOX:
            self.naming.say(self._box_words(), is_ready=self._view.box is not None)

    def _box_words(self) -> str:
        n_set = len(self._view.points)
        if n_set < 2:
            return self.tr("Touch one corner of it, then the opposite one. Set: {0} of {1}").format(
                number_words(n_set), number_words(2)
            )
        if self._view.box is None:
            return self.tr("The corners are too near each other: drag one away.")
        return self.tr("Then touch what it is. Drag a corner to put it right.")

    def _named(self, called: Called) -> None:
        """Keep the box, or the other label, that was asked for."""
        box, renamed = self._view.box, self._renamed
        image_id = self._flow.image_id
        self.leave()
        if renamed is not None:
            self._flow.reviewing.rename(renamed, called)
        elif box:
            self._flow.reviewing.draw(image_id, box, called)

    def leave(self) -> None:
        """Put down what is in use; a box that was not named is gone."""
        self.naming.forget()
        self._take(Tool.LOOK)
        self.cine.stop()

    def forget(self) -> None:
        """Keep nothing of the patient: no box, no words, no earlier picture, none that plays."""
        self.cine.forget()
        self.leave()
        self.earlier.forget()

    def refresh(self) -> None:
        """Put down a tool that the picture has put down: another picture is shown."""
        self.earlier.refresh()
        is_put_down = self.in_use is Tool.LOOK and self.currentWidget() is not self._review
        is_marking = self.in_use in (Tool.BOX, Tool.NAME)
        if is_put_down or (is_marking and self._flow.is_signed):
            self.leave()
