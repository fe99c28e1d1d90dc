"""A form of the way in: a title, what is asked, what was said, and one primary action."""

from collections.abc import Callable
from typing import TypeVar

from PyQt6.QtWidgets import (
    QLineEdit,
    QMainWindow,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from edge_app.ui import tokens as t
from edge_app.ui.error_sheet import notice_of
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.lanes import Lane, Runner
from edge_app.ui.page import centred, clear_margins, label, own, research_banner
from edge_app.ui.pin_pad import PinPad

_Answer = TypeVar("_Answer")


class EntryForm(QMainWindow):
    """Asks for as little as it can; each form is built anew, so nothing that was typed stays.

    Attributes:
        said: What happened last, under the fields.
        primary: The one thing to do.
        others: What else can be done.
        pad: Where a PIN is typed, if one is asked for.
    """

    def __init__(self, runner: Runner) -> None:
        super().__init__()
        self._runner = runner
        self._is_busy = False
        self._lines = QVBoxLayout()
        self._fields: list[QLineEdit] = []
        self.pad: PinPad | None = None

    def _refresh(self) -> None:
        raise NotImplementedError

    def _act(self) -> None:
        raise NotImplementedError

    def _refused(self, error: Exception) -> None:
        raise NotImplementedError

    def _mount(self, column: QWidget) -> None:
        root = QWidget()
        root.setObjectName("kiosk")
        around = QVBoxLayout(root)
        clear_margins(around)
        around.addWidget(research_banner())
        around.addWidget(centred(column, t.COLUMN_PX), 1)
        self.setCentralWidget(root)

    def _start(self, title: str, explained: str) -> None:
        self._fields = []
        self.pad = None
        self.primary: QPushButton = FittingButton()
        self._lines.addWidget(label(title, "title"))
        self._lines.addWidget(label(explained, "muted"))
        self._lines.addSpacing(t.SPACE_4)

    def _field(self, words: str, *, is_secret: bool) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(words)
        field.setMaxLength(256)
        if is_secret:
            field.setEchoMode(QLineEdit.EchoMode.Password)
        field.textChanged.connect(self._refresh)
        field.returnPressed.connect(self._act)
        self._lines.addWidget(label(words))
        self._lines.addWidget(field)
        self._fields.append(field)
        return field

    def _end(self, words: str, act: Callable[[], None], *others: QPushButton) -> None:
        self.said = label("")
        self.said.setAccessibleName(self.tr("What happened"))
        self.primary.setText(words)
        self.primary.setObjectName("primary")
        self.primary.setAccessibleName(words)
        self._primary_act = act
        self.primary.clicked.connect(self._act)
        self._lines.addSpacing(t.SPACE_4)
        self._lines.addWidget(self.said)
        self._lines.addWidget(self.primary)
        self.others = others
        for other in others:
            self._lines.addWidget(other)
        self._refresh()

    def _other(self, words: str, act: Callable[[], None]) -> QPushButton:
        button = FittingButton(words)
        button.setAccessibleName(words)
        button.clicked.connect(act)
        return button

    def _ask(self, work: Callable[[], _Answer], done: Callable[[_Answer], None]) -> None:
        self._is_busy = True
        self.said.setText(self.tr("One moment"))
        self._refresh()
        self._runner.submit(
            Lane.STORE, work, lambda answer: self._answered(answer, done), self._refused
        )

    def _answered(self, answer: _Answer, done: Callable[[_Answer], None]) -> None:
        self._is_busy = False
        done(answer)

    def say(self, error: Exception) -> None:
        """Say under the fields what went wrong."""
        notice = notice_of(error)
        self.said.setText(" ".join(filter(None, (notice.what, notice.safe, notice.remedy))))

    def _done(self, act: Callable[[], None]) -> str:
        act()
        return ""

    def _add_key(self, called: str, key: str, act: Callable[[], None]) -> None:
        """Show a key for paper, and go on when two groups of it were read back."""
        self.shown_key = label(key, "value")
        own(self.shown_key)
        self.shown_key.setAccessibleName(called)
        self._lines.addWidget(self.shown_key)
        self._lines.addSpacing(t.SPACE_3)
        self.third = self._field(self.tr("Read back: its third group"), is_secret=False)
        self.last = self._field(self.tr("Read back: its last group"), is_secret=False)
        self._end(self.tr("It is written down"), act)

    def _add_pad(self) -> PinPad:
        self.pad = pad = PinPad()
        pad.changed.connect(self._refresh)
        pad.entered.connect(self._act)
        self._lines.addWidget(pad)
        return pad
