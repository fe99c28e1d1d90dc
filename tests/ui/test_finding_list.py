"""Long names give way; the buttons beside them do not."""

import pytest
from PyQt6.QtCore import QPoint, QRect
from PyQt6.QtWidgets import QPushButton

from edge_app.domain.geometry import Box
from edge_app.domain.study import Verdict
from edge_app.ui.finding_list import FindingList
from edge_app.ui.finding_rows import FindingRow
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.tokens import DARK

LONG = "circumferential-subconjunctival_haemorrhage"


def a_row(number):
    box = Box(0, 0, 9, 9)
    return FindingRow(number, number, LONG, 0.5, False, Verdict.UNREVIEWED, box)  # noqa: FBT003


@pytest.mark.parametrize("width", [240, 368])
def test_accept_and_reject_stay_in_sight_beside_a_long_name(qtbot, width):
    shown = FindingList(DARK)
    qtbot.addWidget(shown)
    shown.resize(width, 200)
    shown.show_rows([a_row(n) for n in range(9)], [LONG], None)
    shown.show()
    qtbot.waitExposed(shown)

    port = shown.viewport()
    for line in shown.lines[:3]:
        for button in (line.accept, line.reject):
            at = QRect(button.mapTo(port, QPoint(0, 0)), button.size())
            assert port.rect().left() <= at.left()
            assert at.right() <= port.rect().right()


def test_words_break_before_the_state_and_are_told_whole(qtbot):
    button = FittingButton()
    qtbot.addWidget(button)
    button.setText("3  hard exudates, possible")
    button.show()
    button.resize(500, 50)
    wide = QPushButton.text(button)
    button.resize(170, 50)
    narrow = QPushButton.text(button)

    assert wide == "3  hard exudates, possible"
    assert narrow == "3  hard exudates\npossible"
    assert button.text() == wide
