"""The doctor says which language has no letters here."""

import os
import stat

import pytest

from edge_app.compose.doctor_fonts import font_words, languages_without_font


@pytest.fixture
def lister(tmp_path, monkeypatch):
    """Return what makes this machine's list of fonts one that has fonts for some languages."""

    def has(*codes):
        program = tmp_path / "fc-list"
        known = " | ".join(f":lang={code}" for code in codes) or "none"
        program.write_text(f'#!/bin/sh\ncase "$1" in {known}) echo Some Font;; esac\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + os.environ["PATH"])

    return has


def test_a_language_without_a_font_is_named_with_the_package_that_has_one(lister):
    lister("en", "fr", "es", "pt", "sw", "ar")

    assert languages_without_font() == ("hi",)
    found, remedy = font_words(("hi",))
    assert "hi" in found
    assert "fonts-noto-core" in remedy


def test_where_every_language_has_a_font_nothing_is_to_be_done(lister):
    lister("en", "fr", "es", "pt", "sw", "ar", "hi")

    assert languages_without_font() == ()
    assert font_words(()) == ("letters for en, ar, es, fr, hi, pt, sw", "")


def test_without_a_list_of_fonts_nobody_can_say(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert languages_without_font() is None
    assert "not known" in font_words(None)[0]
