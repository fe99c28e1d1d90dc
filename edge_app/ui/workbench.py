"""The picture with its tools, an earlier picture beside it, and the panel of the tool in use."""

from collections.abc import Callable

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QWidget

from edge_app.domain.image import CapturedImage
from edge_app.ui import tokens as t
from edge_app.ui.earlier_panel import EarlierPanel
from edge_app.ui.lanes import Runner
from edge_app.ui.page import clear_margins
from edge_app.ui.reading_view import ReadingView
from edge_app.ui.side_tools import SideTools
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.tokens import Palette
from edge_app.ui.tool_column import Boxes, ToolColumn


class Workbench(QWidget):
    """Everything of the page of findings but the review itself.

    Attributes:
        view: The picture.
        earlier: What puts an earlier one beside it.
        side: The panel beside both: the review, or what the tool in use asks.
        tools: The column of tools.
    """

    changed = pyqtSignal()

    def __init__(
        self,
        flow: StudyFlow,
        runner: Runner,
        on_error: Callable[[Exception], None],
        review: QWidget,
        palette: Palette,
    ) -> None:
        super().__init__()
        self._flow = flow
        self.view = ReadingView(palette)
        self.earlier = EarlierPanel(self.view, flow, runner, on_error, palette)
        self.side = SideTools(flow, self.view, review, self.earlier, palette)
        self.side.changed.connect(self._tool_changed)
        self.tools = ToolColumn(self.view, palette)
        self.tools.chosen.connect(self.side.use)
        self.tools.undo_wanted.connect(flow.undo)
        row = QHBoxLayout(self)
        clear_margins(row)
        row.setSpacing(t.SPACE_1)
        row.addWidget(self.tools)
        row.addWidget(self.view, 1)
        row.addWidget(self.side.cine.player, 1)
        row.addWidget(self.earlier.earlier, 1)

    def _tool_changed(self) -> None:
        self.show_state()
        self.changed.emit()

    def show_image(self, image: CapturedImage | None) -> None:
        """Show a picture; of another one all boxes are shown, and no tool is in use."""
        if image is not self.view.image:
            self.tools.show_boxes(Boxes.FULL)
        self.view.show_image(image)
        self.side.refresh()
        self.show_state()

    def show_state(self) -> None:
        """Show which tool is in use, and what can be done."""
        self.tools.show_state(
            self.side.in_use,
            can_undo=self._flow.can_undo,
            is_locked=self._flow.is_signed,
            is_comparing=self.earlier.is_comparing,
        )

    def forget(self) -> None:
        """Keep nothing of the patient."""
        self.side.forget()
        self.tools.show_boxes(Boxes.FULL)
        self.view.show_marks((), None)
        self.view.show_image(None)
