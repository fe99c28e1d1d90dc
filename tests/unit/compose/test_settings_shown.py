"""Each setting is shown as it is, with where it comes from; no secret and no patient is in it."""

import pytest

from edge_app.compose.demo import demo_entrance
from edge_app.compose.settings_shown import shown_settings
from edge_app.domain.setting import Key, Origin
from edge_app.languages.choice import Keeper, Tongue
from edge_app.settings import Settings


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """Return what shows the settings of a store in `tmp_path`, by their keys."""
    for name in ("EDGE_APP_DATA_DIR", "EDGE_APP_PACKAGES_DIR", "EDGE_APP_TPM"):
        monkeypatch.delenv(name, raising=False)
    settings = Settings(tmp_path, tmp_path)
    entrance, who = demo_entrance(settings)

    def read():
        with entrance.store(who) as store:
            found = shown_settings(settings, store)
        return {s.key: (s.problem or s.value, s.origin, s.where) for s in found}

    return read


def test_every_setting_is_shown_and_where_no_file_is_all_is_built_in(shown):
    found = shown()

    assert list(found) == list(Key)
    assert found[Key.SHUTTER] == ("Space", Origin.BUILT_IN, "")
    assert found[Key.PRINTERS] == ("", Origin.BUILT_IN, "")
    assert found[Key.PIN] == ("", Origin.ACCOUNT, "")


def test_a_value_of_a_file_names_its_file(shown, tmp_path):
    (tmp_path / "devices.toml").write_text(
        'shutter = ["F9"]\ndevices = ["gstreamer:rtsp://nurse:secret@10.0.0.7/live"]\n'
    )
    (tmp_path / "retention.toml").write_text("days = 3650\n")
    (tmp_path / "site.toml").write_text("[providers.cpu]\nthreads = 2\n")

    found = shown()

    assert found[Key.SHUTTER] == ("F9", Origin.FILE, "devices.toml")
    assert found[Key.DEVICES] == ("gstreamer", Origin.FILE, "devices.toml")
    assert found[Key.BADGE_ALONE] == ("0", Origin.BUILT_IN, "")
    assert found[Key.RETENTION] == ("3650", Origin.FILE, "retention.toml")
    assert found[Key.PROVIDERS] == ("cpu: threads 2", Origin.FILE, "site.toml")
    assert "secret" not in str(found)


def test_a_file_that_cannot_be_used_says_why_instead_of_a_value(shown, tmp_path):
    (tmp_path / "retention.toml").write_text("days = 'many'\n")

    value, origin, where = shown()[Key.RETENTION]

    assert "retention.toml" in value
    assert (origin, where) == (Origin.FILE, "retention.toml")


def test_what_somebody_chose_here_goes_before_the_sites_language(shown, tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    assert shown()[Key.LANGUAGE][:2] == ("English", Origin.SYSTEM)
    (tmp_path / "site.toml").write_text('language = "fr"\n')
    assert shown()[Key.LANGUAGE][1:] == (Origin.FILE, "site.toml")

    Keeper(tmp_path).keep(Tongue("es"))

    assert shown()[Key.LANGUAGE][1:] == (Origin.CHOSEN, "")


def test_what_the_environment_names_is_told_with_its_variable(shown, monkeypatch):
    monkeypatch.setenv("EDGE_APP_DATA_DIR", "/elsewhere")

    assert shown()[Key.DATA][1:] == (Origin.ENVIRONMENT, "EDGE_APP_DATA_DIR")
