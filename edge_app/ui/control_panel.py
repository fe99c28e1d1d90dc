"""Sliders for the knobs that a scanner has."""

from collections.abc import Callable, Sequence
from functools import partial

from PyQt6.QtCore import QCoreApplication, Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from edge_app.ports import Control
from edge_app.ui import tokens as t
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.in_words import number_words
from edge_app.ui.tokens import Palette

_STEPS = 200
_TOUCH_STEPS = 4


class ControlPanel(QWidget):
    """One slider a knob, with buttons for gloved hands at its ends."""

    def __init__(self, palette: Palette, turn: Callable[[str, float], None]) -> None:
        super().__init__()
        self._colours = palette
        self._turn = turn
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(t.SPACE_1)
        self._shown: tuple[Control, ...] = ()
        self.sliders: dict[str, QSlider] = {}

    def show_controls(self, controls: Sequence[Control]) -> None:
        """Show these knobs; the same ones again change nothing."""
        if tuple(controls) == self._shown:
            return
        self._shown = tuple(controls)
        self.sliders.clear()
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget:
                widget.hide()
                widget.deleteLater()
        for control in self._shown:
            self._lines.addWidget(self._line(control))

    def _line(self, control: Control) -> QWidget:
        line = QWidget()
        rows = QVBoxLayout(line)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        words = QLabel()
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, _STEPS)
        slider.setAccessibleName(_words(control.name))
        share = (control.value - control.low) / max(control.high - control.low, 1e-9)
        slider.setValue(round(share * _STEPS))
        words.setText(_value_words(control, control.value))
        slider.valueChanged.connect(partial(self._moved, control, words))
        row = QHBoxLayout()
        row.setSpacing(t.SPACE_2)
        row.addWidget(self._nudge(control, slider, Icon.MINUS, -_TOUCH_STEPS))
        row.addWidget(slider, 1)
        row.addWidget(self._nudge(control, slider, Icon.PLUS, _TOUCH_STEPS))
        rows.addWidget(words)
        rows.addLayout(row)
        self.sliders[control.name] = slider
        return line

    def _nudge(self, control: Control, slider: QSlider, icon: Icon, steps: int) -> QPushButton:
        button = QPushButton()
        button.setIcon(icon_of(icon, self._colours.text, self._colours.disabled))
        button.setObjectName("nudge")
        button.setAutoRepeat(True)
        translate = QCoreApplication.translate
        more, less = translate("Controls", "more {0}"), translate("Controls", "less {0}")
        words = more if steps > 0 else less
        button.setAccessibleName(words.format(_words(control.name)))
        button.clicked.connect(lambda: slider.setValue(slider.value() + steps))
        return button

    def _moved(self, control: Control, words: QLabel, place: int) -> None:
        value = control.low + (control.high - control.low) * place / _STEPS
        words.setText(_value_words(control, value))
        self._turn(control.name, value)


def _words(name: str) -> str:
    """Return what a knob is called; one that only a driver knows keeps the driver's word."""
    translate = QCoreApplication.translate
    plain = name.replace("_", " ").replace("-", " ")
    usual = {
        "brightness": translate("Controls", "brightness"),
        "contrast": translate("Controls", "contrast"),
        "depth": translate("Controls", "depth"),
        "exposure": translate("Controls", "exposure"),
        "focus": translate("Controls", "focus"),
        "gain": translate("Controls", "gain"),
        "lamp": translate("Controls", "lamp"),
        "resolution": translate("Controls", "resolution"),
        "saturation": translate("Controls", "saturation"),
        "stage x": translate("Controls", "stage x"),
        "stage y": translate("Controls", "stage y"),
        "white balance": translate("Controls", "white balance"),
    }
    return usual.get(plain, plain)


def _value_words(control: Control, value: float) -> str:
    unit = "\u00b5m" if control.unit in ("um", "micrometre") else control.unit
    digits = 0 if control.high - control.low >= 50 else 2
    name = _words(control.name)
    return f"{name[:1].upper()}{name[1:]}  {number_words(value, digits)} {unit}".rstrip()
