"""The real command in a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from tests.smears import a_field

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """How one command ended."""

    status: int
    out: str
    err: str

    @property
    def answer(self):
        return json.loads(self.out)


@dataclass(frozen=True)
class Program:
    """`edge-app` with a home of its own; `found_at` is where Python looks for packages."""

    home: Path
    found_at: str = str(ROOT)
    tpm: str = ""

    def __call__(self, *arguments, packages=None, who=None):
        named = {"EDGE_APP_PACKAGES_DIR": str(packages)} if packages else {}
        if who:
            named |= {"EDGE_APP_USER": who[0], "EDGE_APP_PASSPHRASE_FILE": str(who[1])}
        ended = subprocess.run(
            [sys.executable, "-m", "edge_app", *map(str, arguments)],
            capture_output=True, text=True, check=False, timeout=120, cwd=self.home,
            env={**os.environ, "HOME": str(self.home), "PYTHONPATH": self.found_at,
                 "EDGE_APP_DATA_DIR": str(self.home / "data"),
                 "EDGE_APP_TPM": self.tpm, "QT_QPA_PLATFORM": "offscreen", **named},
        )  # fmt: skip
        assert "Traceback" not in ended.stderr, ended.stderr
        assert "EDGE-999" not in ended.stderr, ended.stderr
        assert "Warning" not in ended.stderr, ended.stderr
        return Ended(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture
def program(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    return Program(home)


@pytest.fixture(scope="session")
def smears(tmp_path_factory):
    """Return a folder with a sharp, a blurred and an empty field."""
    folder = tmp_path_factory.mktemp("smears")
    how = {"sharp": {}, "blurred": {"focus_um": 8.0}, "void": {"column": -2}}
    for name, shown in how.items():
        Image.fromarray(a_field(7, **shown)[0].pixels).save(folder / f"{name}.png")
    return folder
