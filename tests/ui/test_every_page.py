"""What holds on every page, in every look: nothing cut off, named, large enough, seen, in focus."""

import importlib
import os
import pkgutil
from dataclasses import replace

import pytest
from PyQt6.QtCore import QLocale
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QLabel, QLineEdit, QPushButton

import edge_app.ui
from edge_app.languages.choice import Tongue
from edge_app.ui.look import PERCENTS, USUAL, Look
from edge_app.ui.page import Page
from edge_app.ui.theme import style_sheet
from edge_app.ui.tokens import GLOVED_PX, THEMES, TOUCH_PX, Palette
from edge_app.ui.translator import Speech
from tests.fakes import FakeScanner
from tests.ui.every_page import (
    OF_ERRORS,
    SCREEN,
    Shown,
    a_bench,
    end,
    every_page,
    every_way_in,
    pages_shown,
    settle,
)
from tests.ui.tongues import bracketed, spoken, untranslated
from tests.ui.tree_faults import (
    colour_of,
    contrast,
    cut_off,
    faint,
    too_small,
    unnamed,
    without_ring,
)

SIZES = [Look(percent=percent) for percent in PERCENTS]
COLOURS = [Look(palette) for palette in THEMES.values()]
OF_FAKES = ("Blood cells", "Counting cells in training.", "Diagnosis.", *OF_ERRORS)

TONGUES = os.environ.get("EDGE_APP_TONGUES", "fr ar").split()
"""French has the longest words, Arabic goes from right to left; any others in the long form."""


@pytest.fixture
def bench(qtbot, tmp_path):
    made = a_bench(qtbot, tmp_path)
    yield made
    end(made)


@pytest.fixture
def speaking():
    """Return what lets the application speak a language, until the test is over."""
    before, locale = QGuiApplication.layoutDirection(), QLocale()
    speeches = []

    def speaks(code):
        speeches.append(Speech(Tongue(code), lambda _: None))
        return speeches[-1]

    yield speaks
    for speech in speeches:
        speech.close()
    QGuiApplication.setLayoutDirection(before)
    QLocale.setDefault(locale)


def everything(bench, looks=(USUAL,), speech=None):
    yield from every_page(bench, looks)
    yield from every_way_in(bench, speech, looks)


def named(shown: Shown) -> str:
    return f"{shown.name}, {shown.look.written}"


def test_every_page_is_in_the_table(bench):
    for module in pkgutil.iter_modules(edge_app.ui.__path__):
        importlib.import_module(f"edge_app.ui.{module.name}")
    ours = {page for page in Page.__subclasses__() if page.__module__.startswith("edge_app.")}

    assert pages_shown(bench) == ours


@pytest.mark.parametrize("code", TONGUES)
def test_at_every_size_of_letters_nothing_is_cut_off_on_any_page(qtbot, tmp_path, speaking, code):
    speech = speaking(code)
    bench = a_bench(qtbot, tmp_path)
    found = {}
    for shown in everything(bench, SIZES, speech):
        size = (shown.window.width(), shown.window.height())
        grown = {f"window of {size}"} if size != SCREEN else set()
        found[named(shown)] = cut_off(shown.window) | grown
    end(bench)

    assert {page: cut for page, cut in found.items() if cut} == {}


def test_a_text_with_too_little_room_is_found_wherever_it_stands(bench):
    page = bench.window.patient_page
    settle()
    calm = cut_off(bench.window)
    words = QLabel("Words that have far too little room", page)
    words.setGeometry(10, 10, 40, 12)
    words.show()
    button = QPushButton("Long words on a short button", page)
    button.setGeometry(10, 40, 60, 50)
    button.show()
    outside = QPushButton("Ok", page)
    outside.setGeometry(page.width() - 20, 40, 80, 60)
    outside.show()

    assert calm == set()
    assert {x.split("'")[1][:5] for x in cut_off(bench.window)} == {"Words", "Long ", "Ok"}


def test_every_control_on_every_page_has_a_name_a_ring_and_the_size_of_a_finger(bench):
    found = {}
    for shown in everything(bench):
        window = shown.window
        found[named(shown)] = unnamed(window) | without_ring(window) | too_small(window, TOUCH_PX)

    assert {page: faults for page, faults in found.items() if faults} == {}


def test_for_gloves_everything_that_is_touched_is_larger(qtbot, tmp_path):
    look = Look(is_gloved=True)
    bench = a_bench(qtbot, tmp_path, look)
    found = {named(s): too_small(s.window, GLOVED_PX) for s in everything(bench, [look])}
    end(bench)

    assert {page: small for page, small in found.items() if small} == {}


def test_a_control_without_a_name_is_found(bench):
    page = bench.window.patient_page
    before = unnamed(bench.window)
    QLineEdit(page).show()
    QPushButton("Its text is no name to rely on", page).show()

    assert before == set()
    assert len(unnamed(bench.window)) == 2


def test_a_control_that_is_too_small_is_found(bench):
    page = bench.window.patient_page
    settle()
    before = too_small(bench.window, TOUCH_PX)
    small = QPushButton("x", page)
    small.setStyleSheet("min-height: 0; padding: 0;")
    small.setGeometry(10, 10, 47, 60)
    small.show()
    bench.window.show()

    assert before == set()
    assert too_small(bench.window, TOUCH_PX) == {"QPushButton 'x'"}
    assert too_small(bench.window, GLOVED_PX) > {"QPushButton 'x'"}


def test_a_control_that_hides_its_focus_is_found(bench):
    page = bench.window.patient_page
    settle()
    before = without_ring(bench.window)
    hidden = QPushButton("x", page)
    hidden.setStyleSheet("QPushButton, QPushButton:focus { border: 2px solid #888888; }")
    hidden.setGeometry(10, 10, 60, 60)
    hidden.show()
    settle()

    assert before == set()
    assert without_ring(bench.window) == {"QPushButton 'x'"}


@pytest.mark.parametrize("palette", THEMES.values(), ids=THEMES)
def test_the_colours_of_every_theme_stand_out_from_what_they_are_drawn_on(palette: Palette):
    pairs = {
        (text, ground): 4.5
        for text in ("text", "muted")
        for ground in ("window", "surface", "raised", "pressed")
        if (text, ground) != ("muted", "pressed")
    }
    pairs |= {("on_accent", ground): 4.5 for ground in ("accent", "accent_pressed")}
    pairs |= {("disabled", ground): 3.0 for ground in ("window", "surface", "raised")}
    pairs |= {("focus", ground): 3.0 for ground in ("window", "surface", "raised", "pressed")}
    pairs |= {("line", "window"): 1.3}
    measured = {
        (one, other): contrast(colour_of(getattr(palette, one)), colour_of(getattr(palette, other)))
        for one, other in pairs
    }
    in_rooms = contrast(
        colour_of(palette.for_images.text), colour_of(palette.for_images.image_room)
    )

    assert {pair: m for pair, m in measured.items() if m < pairs[pair]} == {}
    assert in_rooms >= 4.5


def test_in_every_theme_every_word_of_every_page_stands_out(bench):
    found = {named(shown): faint(shown.window) for shown in everything(bench, COLOURS)}

    assert {page: words for page, words in found.items() if words} == {}


def test_a_faint_word_is_found(bench):
    settle()
    before = faint(bench.window)
    words = QLabel("Hardly to be read", bench.window.patient_page)
    words.setStyleSheet("color: #5A6068;")
    words.setGeometry(10, 10, 200, 40)
    words.show()
    settle()

    assert before == set()
    assert faint(bench.window) == {"QLabel 'Hardly to be read'"}


def test_every_text_of_every_page_comes_from_the_catalogue(qtbot, tmp_path, monkeypatch):
    told = FakeScanner.info
    monkeypatch.setattr(FakeScanner, "info", lambda self: replace(told(self), name="7"))
    with spoken(bracketed(*OF_FAKES)):
        bench = a_bench(qtbot, tmp_path)
        found = {named(s): untranslated(s.window) for s in everything(bench)}
        end(bench)

    assert {page: texts for page, texts in found.items() if texts} == {}


def test_the_sheet_of_a_look_is_made_of_its_tokens():
    sheet = style_sheet(Look(THEMES["light"], 150, is_gloved=True))

    assert THEMES["light"].window in sheet
    assert "font-size: 24px" in sheet
    assert "min-height: 64px" in sheet
