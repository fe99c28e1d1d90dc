"""The how-to, followed on drawn pictures: one recipe, one data folder, one package."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from edge_app.inference.choice import Choice
from edge_app.inference.loading import load_detector
from edge_app.inference.package import load_package
from tests.fakes import an_image
from tests.training.drawn_detector import RECIPE, draw_data

ROOT = Path(__file__).parents[2]
HOW_TO = (ROOT / "docs" / "how-to" / "add-a-detector.md").read_text()
pytestmark = pytest.mark.skipif(
    not all(find_spec(name) for name in ("torch", "onnx", "tomli_w")),
    reason="the how-to NOT followed: PyTorch, onnx or tomli-w is not installed",
)


def _run(arguments, folder):
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return the folder in which the how-to was followed."""
    folder = tmp_path_factory.mktemp("how-to")
    draw_data(folder / "data" / "discs")
    (folder / "bright-disc.toml").write_text(RECIPE)
    at = [str(folder / "bright-disc.toml"), "--data", str(folder / "data")]
    _run(["models.training.look", *at, "--out", str(folder / "look.png")], folder)
    runs = ["--runs", str(folder / "runs"), "--packages", str(folder / "packages")]
    _run(["models.training", *at, *runs], folder)
    return folder


def test_the_how_to_gives_a_package_that_loads_and_answers_its_own_golden_pictures(made):
    package = load_package(made / "packages" / "bright-disc")
    detector = load_detector(package.folder, Choice("int8", "cpu"))

    reading = detector.read(an_image())

    assert reading.certificate.detector == "bright-disc"
    assert [p.name for p in package.manifest.points] == ["screening", "balanced", "rule-in"]


def test_the_how_to_gives_a_card_and_a_sheet_of_training_pictures(made):
    card = (made / "packages" / "bright-disc" / "card.md").read_text()

    assert "# Bright discs" in card
    assert "What nobody knows" in card
    assert (made / "look.png").stat().st_size > 1000


def test_the_how_to_names_the_commands_that_were_run():
    named = set(re.findall(r"-m (models\.training[.\w]*)|make (train)-NAME", HOW_TO))

    assert named == {("models.training.look", ""), ("", "train")}
