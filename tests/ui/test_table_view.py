"""A table reads from the side from which the language reads, and what is in a cell stays whole."""

import pytest
from PyQt6.QtCore import Qt

from edge_app.ui.table_view import TableView

ROWS = [["Setting", "Value"], ["Folder", "/data/edge-app."]]
LEFT, RIGHT = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft


def made(qtbot, direction) -> TableView:
    view = TableView("What is set")
    qtbot.addWidget(view)
    view.setLayoutDirection(direction)
    view.begin()
    view.add("This device", "", ROWS)
    view.end()
    return view


@pytest.mark.parametrize("direction", [LEFT, RIGHT])
def test_the_first_column_is_where_reading_begins(qtbot, direction) -> None:
    said = made(qtbot, direction).toPlainText()

    is_first = said.index("Setting") < said.index("Value")
    assert is_first is (direction is LEFT)


def test_a_path_keeps_its_own_order_among_words_from_right_to_left(qtbot) -> None:
    assert "\u2068/data/edge-app.\u2069" in made(qtbot, RIGHT).toPlainText()
    assert "\u2068" not in made(qtbot, LEFT).toPlainText()


def test_markup_in_a_cell_is_shown_and_never_read(qtbot) -> None:
    view = TableView("x")
    qtbot.addWidget(view)
    view.begin()
    view.add("<b>t</b>", "", [["<img src='http://a/b'>"]])

    assert "<img src='http://a/b'>" in view.toPlainText()
