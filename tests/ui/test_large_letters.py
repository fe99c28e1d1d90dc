"""Letters of twice the size, and a window from right to left."""

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QPushButton, QScrollArea, QVBoxLayout, QWidget

from edge_app.domain.patient import PatientRef
from edge_app.ui import tokens
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, pixmap_of
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.look import USUAL, Look
from edge_app.ui.parts import KioskParts
from tests.fakes import FakeClock, FakeDetector, FakeOutbox, FakeScanner, FakeStore

TWICE = Look(percent=200)


@pytest.fixture
def kiosk(qtbot, tmp_path):
    """Return what builds a window on a screen of 1280 by 800 pixels."""

    def builds(look=USUAL):
        clock = FakeClock()
        parts = KioskParts(
            [FakeScanner(clock)], FakeDetector([]), "CPU, int8", FakeStore(), FakeOutbox(), clock,
            card="# A card\n\nOf `a-detector`.",
        )  # fmt: skip
        window = KioskWindow(parts, look)
        qtbot.addWidget(window)
        window.resize(1280, 800)
        window.show()
        qtbot.waitExposed(window)
        return window

    return builds


@pytest.mark.parametrize("direction", list(Qt.LayoutDirection)[:2])
def test_letters_of_twice_the_size_push_nothing_off_a_small_screen(kiosk, qtbot, direction):
    before = QGuiApplication.layoutDirection()
    QGuiApplication.setLayoutDirection(direction)
    try:
        window = kiosk(TWICE)
        aside = (window.devices_page, window.card_page, window.calibration_page)
        for page in (*aside, window.history_page, window.leaving_page):
            window._step_aside(page)
            qtbot.wait(50)
            areas = [a for a in page.findChildren(QScrollArea) if a.isVisible()]

            assert areas
            for area in areas:
                assert area.widget().width() <= area.viewport().width()
                if direction is Qt.LayoutDirection.RightToLeft:  # the bar comes on the left
                    column = area.widget().children()
                    shown = [w.x() for w in column if isinstance(w, QWidget) and w.isVisible()]
                    assert min(shown, default=tokens.SPACE_2) >= tokens.SPACE_2
        assert window.width() == 1280
        assert window.banner.height() >= window.banner.fontMetrics().height()
    finally:
        QGuiApplication.setLayoutDirection(before)


def test_at_the_usual_size_no_word_of_the_window_is_shortened(kiosk):
    window = kiosk()
    shown = [b for b in window.findChildren(FittingButton) if b.isVisible()]

    assert len(shown) > 8
    assert [b.text() for b in shown if b.toolTip()] == []


def test_an_arrow_back_points_to_where_the_script_begins(qapp):
    left = pixmap_of(Icon.BACK, "#FFFFFF").toImage()
    before = QGuiApplication.layoutDirection()
    QGuiApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        right = pixmap_of(Icon.BACK, "#FFFFFF").toImage()
        scanner = pixmap_of(Icon.SCANNER, "#FFFFFF").toImage()
    finally:
        QGuiApplication.setLayoutDirection(before)

    assert left != right
    assert left == right.mirrored(horizontal=True, vertical=False)
    assert scanner == pixmap_of(Icon.SCANNER, "#FFFFFF").toImage()


def test_names_in_typewriter_letters_on_the_card_are_as_large_as_the_text(kiosk):
    window: KioskWindow = kiosk()
    found = window.card_page.card.document().find("a-detector")

    assert found.charFormat().fontFixedPitch()
    assert found.charFormat().font().pixelSize() == tokens.BODY_PX


@pytest.mark.parametrize("look", [USUAL, TWICE], ids=["usual", "twice"])
def test_every_word_of_a_patients_name_has_room_in_the_header(kiosk, qtbot, look):
    window = kiosk(look)
    window.flow.begin(PatientRef("P-1", "Bartholomew Featherstonehaugh Ananthakrishnan"))
    window.refresh()
    qtbot.wait(50)
    shown, metrics = window.header.patient, window.header.patient.fontMetrics()

    assert "Featherstonehaugh" in shown.text()
    widest = max(map(metrics.horizontalAdvance, shown.text().split()))
    assert shown.width() >= widest
    assert shown.height() >= shown.heightForWidth(shown.width())


def test_words_without_a_comma_are_broken_between_two_words_and_the_button_grows(qtbot):
    button = FittingButton("Passphrase lost: use the recovery key")
    room = QWidget()
    lines = QVBoxLayout(room)
    lines.addWidget(button)
    lines.addStretch(1)
    qtbot.addWidget(room)
    room.resize(button.sizeHint().width() + 100, 300)
    room.show()
    qtbot.waitExposed(room)
    high = button.height()
    room.resize(button.sizeHint().width() // 2 + 60, 300)
    qtbot.wait(50)

    first, rest = QPushButton.text(button).split("\n")
    assert f"{first} {rest}" == "Passphrase lost: use the recovery key"
    assert button.text() == "Passphrase lost: use the recovery key"
    assert button.height() > high
    assert not button.toolTip()


def test_an_arabic_comma_breaks_a_line_as_another_does(qtbot):
    button = FittingButton(
        "3 \u0635\u0641\u064a\u062d\u0629\u060c 3 \u0645\u0641\u062a\u0648\u062d"
    )
    qtbot.addWidget(button)
    button.show()
    button.resize(button.sizeHint().width() - 20, 48)

    assert QPushButton.text(button).count("\n") == 1
    assert "\u060c" not in QPushButton.text(button)
