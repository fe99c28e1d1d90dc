"""The window in another language: its words, its numbers, its direction."""

import logging
from datetime import date, datetime, timezone

import pytest
from PyQt6.QtCore import QCoreApplication, QLocale, Qt
from PyQt6.QtGui import QGuiApplication

from edge_app.domain.error import ReadingFailedError
from edge_app.languages.choice import Tongue
from edge_app.ui.entrance import EntranceWindow
from edge_app.ui.error_sheet import notice_of
from edge_app.ui.in_words import counted, day_words, in_words, number_words, time_words
from edge_app.ui.translator import Speech
from edge_app.ui.ways import Way
from tests.ui.test_entrance import FakeDoor

NOON = datetime(2026, 3, 4, 14, 5, tzinfo=timezone.utc)


@pytest.fixture
def kept():
    return []


@pytest.fixture
def speech(qapp, kept):
    locale = QLocale()
    made = Speech(Tongue(), kept.append)
    yield made
    made.close()
    QLocale.setDefault(locale)
    QGuiApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_words_of_the_window_and_of_other_rooms_are_said_in_the_language(speech):
    speech.change(Tongue("fr"))

    assert QCoreApplication.translate("Footer", "Sign") == "Signer"
    assert notice_of(ReadingFailedError("The device gave no picture.", "Try again.")).safe == (
        "L'image est enregistr\u00e9e ; elle reste non analys\u00e9e.".replace(" ;", "\u00a0;")
    )
    speech.change(Tongue())
    assert QCoreApplication.translate("Footer", "Sign") == "Sign"


def test_arabic_runs_from_right_to_left_and_english_back_again(speech):
    speech.change(Tongue("ar"))
    assert QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft

    speech.change(Tongue())
    assert QGuiApplication.layoutDirection() is Qt.LayoutDirection.LeftToRight


@pytest.mark.parametrize(
    ("tongue", "number", "time"),
    [
        (Tongue(), "1234.50", "14:05"),
        (Tongue("fr"), "1234,50", "14:05"),
        (Tongue("hi"), "1234.50", "14:05"),
        (Tongue("ar"), "1234.50", "14:05"),
        (
            Tongue("ar", has_own_digits=True),
            "\u0661\u0662\u0663\u0664\u066b\u0665\u0660",
            "\u0661\u0664:\u0660\u0665",
        ),
    ],
)
def test_numbers_and_times_are_written_as_the_language_writes_them(speech, tongue, number, time):
    speech.change(tongue)

    assert number_words(1234.5, 2) == number
    assert time_words(NOON) == time


def test_a_day_has_its_month_in_letters(speech):
    speech.change(Tongue("fr"))

    assert day_words(date(2026, 3, 4)) == "4 mars 2026"


@pytest.mark.parametrize("code", ["en", "fr", "ar"])
def test_digits_are_counted_in_the_forms_of_the_language(speech, code):
    speech.change(Tongue(code))
    said = [counted("{0} digit", "{0} digits", n) for n in (0, 1, 2, 3, 11, 100)]

    assert len({s.strip("0123456789() ") for s in said}) == {"en": 2, "fr": 2, "ar": 6}[code]


def test_without_a_language_the_english_forms_are_right(qapp):
    assert counted("{0} digit", "{0} digits", 1) == "1 digit"
    assert counted("{0} digit", "{0} digits", 0) == "0 digits"


def test_what_is_not_known_is_shown_in_english_and_noted_once_without_its_words(speech, caplog):
    speech.change(Tongue("fr"))
    with caplog.at_level(logging.WARNING):
        said = [in_words("Amina did what nobody knows.") for _ in range(3)]

    assert set(said) == {"Amina did what nobody knows."}
    assert len(caplog.records) == 1
    assert "Amina" not in caplog.text
    assert "fr" in caplog.text


def test_a_language_is_chosen_at_the_entrance_by_its_own_name_and_kept(speech, kept, qtbot, bench):
    entrance = EntranceWindow(FakeDoor("Amina"), bench.window.runner, speech)
    qtbot.addWidget(entrance)
    assert entrance.language.text() == "English"

    entrance.language.click()
    assert entrance.way is Way.LANGUAGE
    entrance.languages.buttons["sw"].click()

    assert kept == [Tongue("sw")]
    assert entrance.languages.buttons["sw"].isChecked()
    assert entrance.primary.text() == "Endelea"
    entrance.primary.click()
    assert entrance.way is Way.LOG_IN
    assert entrance.primary.text() == "Ingia"


def test_whoever_chooses_arabic_can_choose_its_digits(speech, kept, qtbot, bench):
    entrance = EntranceWindow(FakeDoor("Amina"), bench.window.runner, speech)
    qtbot.addWidget(entrance)
    entrance._show(Way.LANGUAGE)
    entrance.languages.buttons["ar"].click()
    entrance.languages.digits.click()

    assert kept[-1] == Tongue("ar", has_own_digits=True)
    assert number_words(12) == "\u0661\u0662"
