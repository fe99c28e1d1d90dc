"""Keys for numbers, for gloved hands and for a keyboard."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PyQt6.QtCore import QLocale, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from edge_app.ui import tokens as t
from edge_app.ui.digit_keys import ENTER, ERASE, DigitKeys
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.page import label
from edge_app.ui.tokens import Palette

_POINT = "."
_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", _POINT, "0", ERASE)
_LONGEST = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """One number that is asked for, from `low` to `high`; whole where it has no unit."""

    words: str
    unit: str
    low: float
    high: float


class NumberPad(QWidget):
    """The numbers that are asked for, and the keys that type the one that is chosen."""

    changed = pyqtSignal()
    entered = pyqtSignal()

    def __init__(self, palette: Palette, asked: Sequence[Asked]) -> None:
        super().__init__()
        self._colours = palette
        self._asked = tuple(asked)
        self._typed = ["" for _ in asked]
        self._chosen = 0
        self.fields = [self._field(place) for place in range(len(asked))]
        self._keys = DigitKeys(_KEYS, t.TOUCH_PX)
        self.keys = self._keys.keys
        self._name_keys()
        self._range = label("", "muted")
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(t.SPACE_2)
        row = QHBoxLayout()
        row.setSpacing(t.SPACE_2)
        for field in self.fields:
            row.addWidget(field, 1)
        lines.addLayout(row)
        lines.addWidget(self._range)
        lines.addWidget(self._keys)
        self._show()

    def _field(self, place: int) -> FittingButton:
        field = FittingButton()
        field.setObjectName("row")
        field.setCheckable(True)
        field.clicked.connect(partial(self._choose, place))
        return field

    def _name_keys(self) -> None:
        self._keys.pressed.connect(self.type)
        for key in self.keys.values():
            key.setObjectName("key")
        point, erase = self.keys[_POINT], self.keys[ERASE]
        point.setText(QLocale().decimalPoint())
        point.setAccessibleName(self.tr("Decimal point"))
        erase.setText("")
        erase.setIcon(icon_of(Icon.ERASE, self._colours.text, self._colours.disabled))
        erase.setAccessibleName(self.tr("Erase the last digit"))

    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Take digits, the point, Backspace and Enter from a keyboard too."""
        name = self._keys.name_of(a0) if a0 else ""
        if name == ENTER:
            self.entered.emit()
        elif name:
            self.type(name)
        else:
            super().keyPressEvent(a0)

    def type(self, name: str) -> None:
        """Type one key, by its name, into the chosen number."""
        before = self._typed[self._chosen]
        is_full = len(before) >= _LONGEST
        if name == ERASE:
            self._typed[self._chosen] = before[:-1]
        elif not is_full and not (name == _POINT and (_POINT in before or self._is_whole())):
            self._typed[self._chosen] = before + name
        self._show()
        self.changed.emit()

    def _is_whole(self) -> bool:
        return not self._asked[self._chosen].unit

    def value(self, place: int = 0) -> float | None:
        """Return a number, or None where it is not typed yet or beyond its range."""
        asked, typed = self._asked[place], self._typed[place].strip(_POINT)
        number = float(typed) if typed else 0.0
        return number if asked.low <= number <= asked.high else None

    def clear(self) -> None:
        """Forget what was typed."""
        self._typed = ["" for _ in self._asked]
        self._choose(0)

    def _choose(self, place: int) -> None:
        self._chosen = place
        self._show()

    def _show(self) -> None:
        for place, (field, asked, typed) in enumerate(
            zip(self.fields, self._asked, self._typed, strict=True)
        ):
            shown = typed.replace(_POINT, QLocale().decimalPoint()) or "\u2013"
            words = f"{asked.words}\n{shown} {asked.unit}".rstrip()
            field.setText(words)
            field.setAccessibleName(words.replace("\n", ": "))
            field.setChecked(place == self._chosen)
        self.keys[_POINT].setEnabled(not self._is_whole())
        asked, typed = self._asked[self._chosen], self._typed[self._chosen]
        is_beyond = bool(typed.strip("0" + _POINT)) and self.value(self._chosen) is None
        limits = self.tr("From {0} to {1}").format(_number(asked.low), _number(asked.high))
        self._range.setText(f"{limits} {asked.unit}".rstrip())
        self._range.setVisible(is_beyond)


def _number(value: float) -> str:
    return f"{value:.5f}".rstrip("0").rstrip(".").replace(".", QLocale().decimalPoint())
