"""A reader that types like a keyboard, at the real window: its text is a badge and in no field."""

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel, QLineEdit, QMainWindow, QVBoxLayout, QWidget

from edge_app.domain.badge import LENGTH, MARK
from edge_app.storage.badges import new_badge_text
from edge_app.ui.badge_reader import BadgeReader

TEXT, CARD, PREFIX = new_badge_text("Amina"), "04A3B2C1", "~"


class Desk:
    """A window with a field, a reader beside it, and what Enter did in the field."""

    def __init__(self, qtbot, prefix: str = "") -> None:
        self.window = QMainWindow()
        qtbot.addWidget(self.window)
        self.field, self.entered, self.read = QLineEdit(), [], []
        self.field.returnPressed.connect(lambda: self.entered.append(self.field.text()))
        column = QWidget()
        lines = QVBoxLayout(column)
        lines.addWidget(self.field)
        lines.addWidget(QLabel())
        self.window.setCentralWidget(column)
        self.seen = set()
        self.field.textChanged.connect(self.seen.add)
        BadgeReader(self.window, prefix).read.connect(self.read.append)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitActive(self.window)
        self.field.setFocus()

    def type(self, text: str, *, enter: bool = False) -> None:
        type_at(self.window, text, enter=enter)


def type_at(window, text: str, *, enter: bool = False) -> None:
    """Type as a keyboard does: to the window, which hands it to whatever has the focus."""
    for letter in text:
        QTest.keyClick(window.windowHandle(), letter)
    if enter:
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_Return)


@pytest.fixture
def desk(qtbot):
    return Desk(qtbot)


@pytest.fixture
def desk_with_cards(qtbot):
    return Desk(qtbot, PREFIX)


def test_a_badge_is_told_and_stands_in_no_field_at_any_moment(desk):
    desk.type(TEXT, enter=True)

    assert desk.read == [TEXT]
    assert desk.field.text() == ""
    assert max(map(len, desk.seen)) <= len(MARK)
    assert desk.entered == []


def test_what_was_typed_before_the_badge_stays(desk):
    desk.type("four plain w")
    desk.type(TEXT, enter=True)
    desk.type("ords", enter=True)

    assert desk.read == [TEXT]
    assert desk.entered == ["four plain words"]


def test_a_reader_that_sends_no_enter_is_enough_and_the_next_enter_is_a_persons(desk):
    desk.type(TEXT)
    desk.type("words", enter=True)

    assert desk.read == [TEXT]
    assert desk.entered == ["words"]


def test_a_reader_with_caps_lock_is_understood(desk):
    desk.type(TEXT.lower(), enter=True)

    assert desk.read == [TEXT]


@pytest.mark.parametrize(
    "words",
    [
        "correct horse battery", "edge idea knowledgeidea", "edgeid", "EDGEIDEDGEID then more",
        "edgeidedgeidea", TEXT[:-1], TEXT[1:], f"{TEXT[:30]}a{TEXT[30:]}", "280573",
    ],
    ids=range(9),
)  # fmt: skip
def test_what_a_person_types_goes_into_the_field_letter_by_letter(desk, words):
    desk.type(words, enter=True)

    assert desk.entered == [words]
    assert desk.read == []


def test_two_badges_in_a_row_are_two(desk):
    other = new_badge_text("Baraka")
    desk.type(TEXT, enter=True)
    desk.type(other, enter=True)

    assert desk.read == [TEXT, other]
    assert len(TEXT) == LENGTH


def test_a_card_is_known_by_what_the_sites_reader_types_before_it(desk_with_cards):
    desk_with_cards.type(f"{PREFIX}{CARD}", enter=True)

    assert desk_with_cards.read == [CARD]
    assert desk_with_cards.field.text() == ""
    assert desk_with_cards.seen <= {"", PREFIX}
    assert desk_with_cards.entered == []


@pytest.mark.parametrize("typed", [TEXT, TEXT.lower()], ids=["large letters", "small letters"])
def test_a_drawn_badge_is_read_behind_the_sites_prefix_too(desk_with_cards, typed):
    desk_with_cards.type(f"{PREFIX}{typed}", enter=True)

    assert desk_with_cards.read == [TEXT]
    assert desk_with_cards.field.text() == ""


def test_without_a_prefix_digits_are_digits(desk):
    desk.type("0004711815", enter=True)

    assert desk.read == []
    assert desk.entered == ["0004711815"]
