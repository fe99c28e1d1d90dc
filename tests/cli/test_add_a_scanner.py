"""The how-to, followed word by word: somebody else's driver is installed, allowed and used."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from edge_app.compose import doctor
from edge_app.settings import Settings

ROOT = Path(__file__).parents[2]
HOW_TO = (ROOT / "docs" / "how-to" / "add-a-scanner.md").read_text()
PACKAGE, DRIVER, SITE = re.findall(r"```(?:toml|python)\n(.*?)```", HOW_TO, re.DOTALL)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Return the folder into which the how-to's package was installed."""
    folder = tmp_path_factory.mktemp("acme")
    source, target = folder / "source", folder / "site"
    source.mkdir()
    (source / "pyproject.toml").write_text(PACKAGE)
    (source / "acme_panel.py").write_text(DRIVER)
    pip = ["pip", "install", "-q", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run(
        [sys.executable, "-m", *pip, "--disable-pip-version-check", "--target", target, source],
        check=True,
        env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"},
    )
    return target


@pytest.fixture
def acme(program, installed):
    """Return the command, with that package beside it."""
    return replace(program, found_at=f"{ROOT}{os.pathsep}{installed}")


def at_the_site(program, text):
    data = program.home / "data"
    data.mkdir()
    (data / "devices.toml").write_text(text)


def test_a_driver_that_the_site_allows_is_listed_and_gives_three_pictures(acme, tmp_path):
    at_the_site(acme, SITE)

    listed = acme("devices", "list", "--json").answer["devices"]
    found = {device["named"]: device["id"] for device in listed}
    taken = acme(
        "devices", "capture", "acme-panel:1742", "--count", "3", "--out", tmp_path / "o", "--json"
    )

    assert found["acme-panel:1742"] == "acme-panel-1742"
    assert [image["sequence"] for image in taken.answer["images"]] == [1, 2, 3]
    assert all(image["spacing_mm"] == [0.14, 0.14] for image in taken.answer["images"])


def test_a_driver_that_is_only_installed_is_never_run_and_the_doctor_tells_of_it(
    acme, installed, monkeypatch, tmp_path
):
    refused = acme("devices", "show", "acme-panel:1742", "--json").answer["error"]
    monkeypatch.syspath_prepend(installed)
    (told,) = doctor._foreign_drivers(Settings(tmp_path, tmp_path))

    assert (
        refused["what"] == "The driver 'acme-panel' of acme-panel 1.0 is not allowed at this site."
    )
    assert told.found == "acme-panel 1.0: not allowed here: it is never run"


def test_a_driver_of_others_cannot_take_the_place_of_ours(acme, installed, tmp_path, monkeypatch):
    (names,) = installed.glob("acme_panel-*.dist-info/entry_points.txt")
    before = names.read_text()
    names.write_text(before.replace("acme-panel =", "microscope ="))
    at_the_site(acme, 'drivers = ["microscope"]\n')

    shown = acme("devices", "show", "microscope:7", "--json").answer["device"]
    names.write_text(before)

    assert shown["driver"] != "acme_panel"


def test_a_driver_that_cannot_be_loaded_says_of_which_package_it_is(acme, installed):
    driver = installed / "acme_panel.py"
    driver.write_text("import nothing_of_that_name\n")
    at_the_site(acme, SITE)

    ended = acme("devices", "list", "--json")
    driver.write_text(DRIVER)

    assert ended.status == 1
    assert "acme-panel:1742: DEV-001: The driver 'acme-panel' of acme-panel 1.0" in ended.err
    assert "nothing_of_that_name" in ended.err
    assert "microscope:7" in [device["named"] for device in ended.answer["devices"]]
