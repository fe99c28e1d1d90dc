"""Which language is spoken at first."""

import pytest

from edge_app.compose.tongue import tongue_for as tongue_here
from edge_app.domain.error import SettingsRefusedError
from edge_app.languages.choice import Keeper, Tongue, tongue_for, tongue_from
from edge_app.settings import Settings


@pytest.fixture(autouse=True)
def a_system_that_speaks_portuguese(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "pt_BR.UTF-8")


def test_what_was_asked_for_comes_before_choice_site_and_system(tmp_path):
    Keeper(tmp_path).keep(Tongue("sw"))

    assert tongue_for("fr", tmp_path, "es").code == "fr"
    assert tongue_for("", tmp_path, "es").code == "sw"
    assert tongue_for("", tmp_path / "new", "es").code == "es"
    assert tongue_for("", tmp_path / "new").code == "pt"


@pytest.mark.parametrize("name", ["", "C", "POSIX", "de_DE.UTF-8", "\u0627", "../fr"])
def test_a_system_that_speaks_none_of_ours_gets_english(tmp_path, monkeypatch, name):
    monkeypatch.setenv("LANG", name)

    assert tongue_for("", tmp_path) == Tongue("en")


def test_arabic_digits_are_kept_with_the_language(tmp_path):
    Keeper(tmp_path).keep(Tongue("ar", has_own_digits=True))

    assert tongue_for("", tmp_path) == Tongue("ar", has_own_digits=True)
    assert tongue_from("ar_EG.UTF-8") == Tongue("ar")
    assert tongue_from("fr+digits") == Tongue("fr")


def test_a_choice_that_cannot_be_kept_costs_nothing(tmp_path):
    (tmp_path / "file").write_text("")

    Keeper(tmp_path / "file").keep(Tongue("fr"))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"fr" * 4000, b"xx"])
def test_a_damaged_choice_is_none(tmp_path, content):
    (tmp_path / "language").write_bytes(content)

    assert tongue_for("", tmp_path).code == "pt"


def test_the_site_names_its_language_in_its_settings(tmp_path):
    (tmp_path / "site.toml").write_text('language = "sw"\n')
    settings = Settings(tmp_path, tmp_path)

    assert tongue_here(settings).code == "sw"
    (tmp_path / "site.toml").write_text('language = "xx"\n')
    with pytest.raises(SettingsRefusedError, match="there is no language"):
        tongue_here(settings)
