"""Chooses the language: each stands there by its own name, with who looked at its words."""

from collections.abc import Callable

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from edge_app.languages.catalogue import catalogue, codes
from edge_app.languages.choice import Tongue
from edge_app.ui import tokens as t
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.page import label, own

_A_ROW = 2
_WESTERN, _ARABIC = "123", "\u0661\u0662\u0663"


def review_words() -> str:
    """Return who translated and who has not looked at it, in the language of the window."""
    return QCoreApplication.translate(
        "Language",
        "The program is written in English. The other languages were translated by a machine; no"
        " clinician who speaks them has reviewed them.",
    )


class LanguagePanel(QWidget):
    """A button for each language; in Arabic also the two kinds of digits."""

    def __init__(self, spoken: Tongue, choose: Callable[[Tongue], None]) -> None:
        super().__init__()
        self._spoken, self._choose = spoken, choose
        self.buttons: dict[str, QPushButton] = {}
        grid = QGridLayout()
        grid.setSpacing(t.SPACE_2)
        for place, code in enumerate(codes()):
            grid.addWidget(self._button(code), *divmod(place, _A_ROW))
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(t.SPACE_3)
        lines.addLayout(grid)
        if spoken.catalogue.is_right_to_left:
            lines.addWidget(self._digits())
        lines.addWidget(label(review_words(), "muted"))

    def _button(self, code: str) -> QPushButton:
        name = catalogue(code).own_name
        made = QPushButton(name)
        own(made)
        made.setCheckable(True)
        made.setChecked(code == self._spoken.code)
        made.setAccessibleName(name)
        made.setMinimumHeight(t.PRIMARY_PX)
        made.clicked.connect(lambda: self._choose(Tongue(code)))
        self.buttons[code] = made
        return made

    def _digits(self) -> QPushButton:
        """Return the button that changes the digits."""
        is_own = self._spoken.has_own_digits
        words = QCoreApplication.translate("Language", "Digits: {0}")
        made = FittingButton(words.format(_ARABIC if is_own else _WESTERN))
        made.setAccessibleName(made.text())
        other = Tongue(self._spoken.code, has_own_digits=not is_own)
        made.clicked.connect(lambda: self._choose(other))
        self.digits = made
        return made
