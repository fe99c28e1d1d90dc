"""In which language a report is written."""

import pytest

from edge_app.compose.tongue import paper_words
from edge_app.languages.catalogue import catalogue
from edge_app.languages.choice import Keeper, Tongue


@pytest.fixture(autouse=True)
def a_system_without_a_language(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "C")


@pytest.mark.parametrize("code", ["fr", "es", "pt", "sw"])
def test_a_report_is_written_in_the_language_that_was_chosen(tmp_path, code):
    Keeper(tmp_path).keep(Tongue(code))

    assert paper_words(tmp_path) is catalogue(code)


@pytest.mark.parametrize("code", ["ar", "hi"])
def test_a_language_that_cannot_be_set_in_type_yet_has_its_reports_in_english(tmp_path, code):
    Keeper(tmp_path).keep(Tongue(code))

    assert paper_words(tmp_path).code == "en"


def test_site_settings_that_are_refused_cost_no_report(tmp_path):
    (tmp_path / "site.toml").write_text("language = 3\n")

    assert paper_words(tmp_path).code == "en"
