"""The tools of the page of findings, beside the picture: each by touch, and by its key."""

from collections.abc import Callable
from enum import Enum

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QFrame, QVBoxLayout, QWidget

from edge_app.ui import tokens as t
from edge_app.ui.icons import Icon
from edge_app.ui.page import clear_margins
from edge_app.ui.reading_view import ReadingView, Tool
from edge_app.ui.scroll_column import ScrollColumn
from edge_app.ui.tokens import Palette
from edge_app.ui.tool_button import ToolButton

_STEP = 1.5


class Boxes(Enum):
    """How the boxes are drawn, by how much of them is seen."""

    FULL = 1.0
    FAINT = 0.35
    NONE = 0.0


_NEXT = {Boxes.FULL: Boxes.FAINT, Boxes.FAINT: Boxes.NONE, Boxes.NONE: Boxes.FULL}


class ToolColumn(QFrame):
    """Acts on `view`; says which tool somebody chose, and when they want a step undone."""

    chosen = pyqtSignal(Tool)
    undo_wanted = pyqtSignal()

    def __init__(self, view: ReadingView, palette: Palette) -> None:
        super().__init__()
        self.setObjectName("tools")
        self._view, self._colours = view, palette
        self.boxes = Boxes.FULL
        self.buttons: list[ToolButton] = []
        self._make()
        self._lay_out()

    def _make(self) -> None:
        view = self._view
        self.undo = self._tool(
            self.tr("Undo"),
            self.tr("Take back the last verdict, label or drawing"),
            Icon.UNDO,
            QKeySequence(QKeySequence.StandardKey.Undo),
            self.undo_wanted.emit,
        )
        self.draw = self._tool(
            self.tr("Draw"), self.tr("Draw a finding that was missed"), Icon.BOX, "D",
            lambda: self.chosen.emit(Tool.BOX),
        )  # fmt: skip
        self.measure = self._tool(
            self.tr("Measure"), self.tr("Measure a length"), Icon.RULER, "M",
            lambda: self.chosen.emit(Tool.LENGTH),
        )  # fmt: skip
        self.levels = self._tool(
            self.tr("Levels"), self.tr("Choose which levels are shown"), Icon.CONTRAST, "L",
            lambda: self.chosen.emit(Tool.LEVELS),
        )  # fmt: skip
        self.earlier = self._tool(
            self.tr("Earlier"), self.tr("An earlier picture of this patient beside it"),
            Icon.BESIDE, "E", lambda: self.chosen.emit(Tool.EARLIER),
        )  # fmt: skip
        self.larger = self._tool(
            self.tr("Larger"), self.tr("Show it larger"), Icon.LARGER, "+",
            lambda: view.zoom_by(_STEP),
        )  # fmt: skip
        self.smaller = self._tool(
            self.tr("Smaller"), self.tr("Show it smaller"), Icon.SMALLER, "-",
            lambda: view.zoom_by(1 / _STEP),
        )  # fmt: skip
        self.whole = self._tool(
            self.tr("Whole"), self.tr("The whole picture, or its full size"), Icon.WHOLE, "0",
            self._whole,
        )  # fmt: skip
        self.turn = self._tool(
            self.tr("Turn"), self.tr("Turn by a quarter, on the screen alone"), Icon.TURN, "T",
            view.turn,
        )  # fmt: skip
        self.mirror = self._tool(
            self.tr("Mirror"), self.tr("Change left and right, on the screen alone"), Icon.MIRROR,
            "F", view.mirror,
        )  # fmt: skip
        self.hide_boxes = self._tool(
            self.tr("Boxes"), self.tr("Boxes in full, faint, or none"), Icon.EYE, "B",
            lambda: self.show_boxes(_NEXT[self.boxes]),
        )  # fmt: skip
        self._tools = {Tool.BOX: self.draw, Tool.LENGTH: self.measure, Tool.LEVELS: self.levels}
        for button in (*self._tools.values(), self.earlier):
            button.setCheckable(True)

    def _tool(
        self, word: str, says: str, icon: Icon, key: str | QKeySequence, act: Callable[[], None]
    ) -> ToolButton:
        button = ToolButton(word, says, icon, QKeySequence(key), self._colours)
        button.clicked.connect(act)
        self.buttons.append(button)
        return button

    def add_keys(self, page: QWidget) -> None:
        """Let the keys do the same as the buttons, anywhere on a page."""
        for button in self.buttons:
            QShortcut(button.key, page).activated.connect(button.click)

    def _lay_out(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(t.SPACE_1, t.SPACE_1, t.SPACE_1, t.SPACE_1)
        column.setSpacing(t.SPACE_1 // 2)
        for button in self.buttons:
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        around = QVBoxLayout(self)
        clear_margins(around)
        around.addWidget(ScrollColumn(inner, is_steady=True))

    def _whole(self) -> None:
        if self._view.viewport.is_fitted:
            self._view.full_size()
        else:
            self._view.fit()

    def show_boxes(self, boxes: Boxes) -> None:
        """Draw the boxes so from now on."""
        self.boxes = boxes
        self._view.opacity = boxes.value
        self._view.update()
        words = {
            Boxes.FULL: self.tr("Boxes"),
            Boxes.FAINT: self.tr("Faint"),
            Boxes.NONE: self.tr("Hidden"),
        }
        self.hide_boxes.say(words[boxes])

    def show_state(
        self, in_use: Tool, *, can_undo: bool, is_locked: bool, is_comparing: bool
    ) -> None:
        """Show which tool is in use, and what can be done."""
        self.setEnabled(in_use is not Tool.CINE)
        for tool, button in self._tools.items():
            button.setChecked(tool is in_use)
        self.earlier.setChecked(is_comparing or in_use is Tool.EARLIER)
        self.undo.setEnabled(can_undo)
        self.draw.setEnabled(not is_locked)
