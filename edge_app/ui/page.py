"""What every page has: a primary action, drawn by the window at one place, and a refresh."""

from dataclasses import dataclass

from PyQt6.QtCore import QCoreApplication, Qt, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from edge_app.ui import tokens as t
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.scroll_column import ScrollColumn
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.tokens import Palette


@dataclass(frozen=True, slots=True)
class Primary:
    """The one obvious next step of a page."""

    words: str
    icon: Icon
    is_enabled: bool


class Page(QWidget):
    """One step of the path; it shows what `flow` says and keeps nothing of a patient itself."""

    changed = pyqtSignal()

    def __init__(self, flow: StudyFlow, palette: Palette) -> None:
        super().__init__()
        self.setObjectName("page")
        self.flow = flow
        self.colours = palette

    def primary(self) -> Primary:
        """Return the next step as it is now."""
        raise NotImplementedError

    def act(self) -> None:
        """Take the next step."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Show what the flow says now."""
        raise NotImplementedError

    def forget(self) -> None:
        """Leave no trace of the former patient."""

    def button(self, words: str, icon: Icon | None = None) -> QPushButton:
        """Return a secondary button."""
        made = FittingButton(words)
        made.setAccessibleName(words)
        if icon:
            made.setIcon(icon_of(icon, self.colours.text, self.colours.disabled))
        return made


def label(words: str = "", style: str = "") -> QLabel:
    """Return wrapping text in one of the sheet's styles; tags in a name are shown as they are."""
    made = QLabel(words)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(True)
    made.setObjectName(style)
    return made


def own(widget: QWidget) -> None:
    """Mark a widget whose text is a name, a key or an identifier: nobody translates it."""
    widget.setProperty("words", "own")


def research_banner() -> QLabel:
    """Return the line that stands above everything until the program is approved for more."""
    words = QCoreApplication.translate(
        "Banner", "Research and training use only. Not for diagnosis."
    )
    made = label(words, "banner")
    made.setMargin(t.SPACE_1)
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return made


def emergency_banner() -> QLabel:
    """Return the line that stands above everything while the emergency code has opened it."""
    words = QCoreApplication.translate(
        "Banner",
        "Emergency access. Everything is written down and told to the administrator.",
    )
    made = label(words, "alarm")
    made.setMargin(t.SPACE_4)
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return made


def side_panel() -> tuple[QFrame, QVBoxLayout]:
    """Return the column beside an image, and its layout; it scrolls where it is too long."""
    panel = QFrame()
    panel.setObjectName("panel")
    panel.setMaximumWidth(t.PANEL_MOST_PX)
    inner = QWidget()
    layout = QVBoxLayout(inner)
    layout.setContentsMargins(t.SPACE_4, t.SPACE_4, t.SPACE_4, t.SPACE_4)
    layout.setSpacing(t.SPACE_3)
    around = QVBoxLayout(panel)
    clear_margins(around)
    around.addWidget(ScrollColumn(inner, t.PANEL_PX))
    return panel, layout


def centred(column: QWidget, widest_px: int) -> ScrollColumn:
    """Return a column in the middle of its place; it scrolls where it is too long."""
    column.setMaximumWidth(widest_px)
    inner = QWidget()
    row = QHBoxLayout(inner)
    row.addStretch(1)
    row.addWidget(column, widest_px)
    row.addStretch(1)
    return ScrollColumn(inner)


def scrolled() -> tuple[ScrollColumn, QVBoxLayout]:
    """Return a column of a side panel that may be longer than the panel, and its layout."""
    inner = QWidget()
    column = QVBoxLayout(inner)
    is_mirrored = QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft
    left, right = (t.SPACE_2, 0) if is_mirrored else (0, t.SPACE_2)  # where the bar comes
    column.setContentsMargins(left, 0, right, 0)
    column.setSpacing(t.SPACE_2)
    return ScrollColumn(inner), column


def beside(page: Page, main: QWidget, panel: QFrame) -> None:
    """Lay the panel beside what the page is about, which gets two thirds and more."""
    row = QHBoxLayout(page)
    clear_margins(row)
    row.addWidget(main, 23)
    row.addWidget(panel, 10)


def clear_margins(layout: QBoxLayout) -> None:
    """Let the layout reach the edges."""
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
