"""What is set is shown by whom it is for, and where it comes from."""

from collections.abc import Callable

import pytest

from edge_app.domain.setting import Key, Origin, Scope, Setting


@pytest.fixture
def shown_settings() -> Callable[[], list[Setting]]:
    return lambda: [
        Setting(Scope.DEVICE, Key.LANGUAGE, "English", Origin.CHOSEN),
        Setting(Scope.SITE, Key.SHUTTER, "F9", Origin.FILE, "devices.toml"),
        Setting(Scope.SITE, Key.PRINTERS, "", Origin.BUILT_IN),
        Setting(Scope.PERSON, Key.ROLES, "clinician, operator", Origin.ACCOUNT),
        Setting(Scope.PERSON, Key.PIN, "*", Origin.ACCOUNT),
    ]


def test_the_three_scopes_follow_each_other_with_value_and_origin(bench) -> None:
    page = bench.window.behind_more.settings
    assert page is not None
    bench.window._step_aside(page)
    bench.until(page.table.toPlainText)

    said = page.table.toPlainText()
    places = [said.index(w) for w in ("This device", "The site", "Whoever is in")]
    assert places == sorted(places)
    for words in (
        "Chosen at this device",
        "F9",
        "File of the site: devices.toml",
        "Not set",
        "Clinician, Operator",
        "Is set",
    ):
        assert words in said
    assert "*" not in said
