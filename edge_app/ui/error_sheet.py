"""A sheet over the window: what happened, what is safe, what to do now, code."""

from collections import deque
from dataclasses import dataclass

from PyQt6.QtCore import QCoreApplication, QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from edge_app.domain.error import EdgeAppError
from edge_app.ui import tokens as t
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, pixmap_of
from edge_app.ui.in_words import in_words
from edge_app.ui.page import centred, clear_margins, label
from edge_app.ui.tokens import Palette

BUG_CODE = "EDGE-999"


@dataclass(frozen=True, slots=True)
class Notice:
    """What a sheet says; empty parts are left out."""

    what: str
    safe: str = ""
    remedy: str = ""
    code: str = ""


def notice_of(error: BaseException) -> Notice:
    """Return the words for an error; one that nobody expected has a code and no details."""
    if isinstance(error, EdgeAppError):
        what, safe, remedy = map(in_words, (error.what, error.safe, error.remedy))
        return Notice(what, safe, remedy, error.code)
    translate = QCoreApplication.translate
    return Notice(
        translate("Error", "Something went wrong inside the program."),
        translate("Error", "Everything that was shown as saved is safe."),
        translate("Error", "Go on. If it comes again, tell the technician the code and the time."),
        BUG_CODE,
    )


class ErrorSheet(QWidget):
    """Covers its parent until it is closed; further notices wait behind the first."""

    opened = pyqtSignal()
    closed = pyqtSignal()

    def __init__(self, palette: Palette, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("scrim")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.waiting: deque[Notice] = deque()
        self.what = label("", "title")
        self.safe = label()
        self.remedy = label()
        self.code = label("", "muted")
        self._safe_title = label(self.tr("What is safe"), "muted")
        self._remedy_title = label(self.tr("What to do now"), "muted")
        self.close_button = FittingButton(self.tr("Close"))
        self.close_button.setObjectName("primary")
        self.close_button.setAccessibleName(self.tr("Close"))
        self.close_button.clicked.connect(self.next)
        self._icon = QLabel()
        self._icon.setPixmap(pixmap_of(Icon.WARNING, palette.text, 40))
        self._lay_out()
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.activated.connect(self.next)
        parent.installEventFilter(self)
        self.hide()

    def _lay_out(self) -> None:
        card = QFrame()
        card.setObjectName("card")
        lines = QVBoxLayout(card)
        lines.setContentsMargins(t.SPACE_6, t.SPACE_6, t.SPACE_6, t.SPACE_6)
        lines.setSpacing(t.SPACE_2)
        top = QHBoxLayout()
        top.setSpacing(t.SPACE_4)
        top.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.what, 1)
        lines.addLayout(top)
        lines.addSpacing(t.SPACE_3)
        lines.addWidget(self._safe_title)
        lines.addWidget(self.safe)
        lines.addSpacing(t.SPACE_3)
        lines.addWidget(self._remedy_title)
        lines.addWidget(self.remedy)
        lines.addSpacing(t.SPACE_4)
        bottom = QHBoxLayout()
        bottom.addWidget(self.code, 1)
        bottom.addWidget(self.close_button)
        lines.addLayout(bottom)
        column = QWidget()
        above = QVBoxLayout(column)
        above.addStretch(1)
        above.addWidget(card)
        above.addStretch(1)
        around = QVBoxLayout(self)
        clear_margins(around)
        around.addWidget(centred(column, t.COLUMN_PX))

    def say(self, notice: Notice) -> None:
        """Show `notice` now, or after those before it; one that already waits is not doubled."""
        if notice in self.waiting:
            return
        self.waiting.append(notice)
        if len(self.waiting) == 1:
            self._show_first()

    def next(self) -> None:
        """Close the shown notice and show the one behind it."""
        if self.waiting:
            self.waiting.popleft()
        if self.waiting:
            self._show_first()
        else:
            self.hide()
            self.closed.emit()

    def _show_first(self) -> None:
        notice = self.waiting[0]
        self.what.setText(notice.what)
        self.code.setText(self.tr("Code {0}").format(notice.code) if notice.code else "")
        for title, words, said in (
            (self._safe_title, self.safe, notice.safe),
            (self._remedy_title, self.remedy, notice.remedy),
        ):
            words.setText(said)
            words.setVisible(bool(said))
            title.setVisible(bool(said))
        self._icon.setVisible(bool(notice.code))
        self.opened.emit()
        self._cover_parent()
        self.show()
        self.raise_()
        self.close_button.setFocus()

    def _cover_parent(self) -> None:
        parent = self.parentWidget()
        if parent:
            self.setGeometry(parent.rect())

    def eventFilter(self, a0: QObject | None, a1: QEvent | None) -> bool:
        """Stay as large as the parent."""
        if a1 and a1.type() == QEvent.Type.Resize and self.isVisible():
            self._cover_parent()
        return super().eventFilter(a0, a1)
