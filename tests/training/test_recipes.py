"""Every recipe is whole, splits without leaks, and has drawings of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge_app.domain.manifest import Status
from models.training.golden_pictures import golden_pictures
from models.training.recipe import Strata, load_recipe
from models.training.samples import folds_by_group, read_coco, split_by_group
from tests.training.drawn_detector import draw_data

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("EDGE_APP_TEST_DATA") or ROOT.parent / "shared" / "data")
RECIPES = sorted((ROOT / "models" / "training" / "recipes").glob("*.toml"))
NAMES = [p.stem for p in RECIPES]
SIX = {"blood-smear", "bone-fracture", "brain-tumour", "fundus", "nerve-vessel", "polyp"}


def test_there_is_a_recipe_for_each_of_the_six_detectors():
    assert set(NAMES) >= SIX


@pytest.mark.parametrize("path", RECIPES, ids=NAMES)
def test_a_recipe_names_its_file_codes_every_label_and_says_what_nobody_knows(path):
    recipe = load_recipe(path)

    assert recipe.name == path.stem
    assert set(recipe.package.labels) == set(recipe.labels)
    assert all(len(text.code) == 3 and all(text.code) for text in recipe.package.labels.values())
    assert recipe.package.card.unknown
    assert recipe.package.card.labels
    assert recipe.input_px % 32 == 0
    assert recipe.train.canvas_px % 32 == 0


@pytest.mark.parametrize("path", RECIPES, ids=NAMES)
def test_a_recipes_golden_pictures_are_drawn_and_the_same_each_time(path):
    drawn = load_recipe(path).package.golden
    first, second = golden_pictures(drawn), golden_pictures(drawn)

    assert len(first) >= 3
    assert all((first[name] == second[name]).all() for name in first)


def test_the_detector_of_weak_data_is_experimental_and_the_finder_names_no_disease():
    fracture = load_recipe(ROOT / "models/training/recipes/bone-fracture.toml")
    finder = load_recipe(ROOT / "models/training/recipes/nerve-vessel.toml")

    assert fracture.package.status is Status.EXPERIMENTAL
    assert "weak" in fracture.package.card.weakness
    assert finder.package.title == "Nerve and vessel finder"


def test_the_polyp_card_says_that_no_specificity_is_known():
    polyp = load_recipe(ROOT / "models/training/recipes/polyp.toml")

    assert polyp.package.card.unknown.startswith("Specificity: every training")


def _samples(recipe):
    coco = DATA / recipe.data / "coco.json"
    if not coco.is_file():
        said = f"the split of {recipe.name} NOT tested: {coco} is missing"
        pytest.skip(said)
    return read_coco(coco.parent, recipe.labels)


@pytest.mark.parametrize("path", RECIPES, ids=NAMES)
def test_no_group_stands_on_both_sides_of_a_detectors_split_or_folds(path):
    recipe = load_recipe(path)
    samples = _samples(recipe)
    splits = [split_by_group(samples, recipe.validation_share, recipe.train.seed, recipe.strata)]
    if recipe.folds:
        splits = folds_by_group(samples, recipe.folds, recipe.train.seed, recipe.strata)

    for training, held in splits:
        assert not {s.group for s in training} & {s.group for s in held}
        assert len(training) + len(held) == len(samples)
        assert all(any((s.labels == k).any() for s in held) for k in range(len(recipe.labels)))


def test_every_picture_is_in_the_test_of_just_one_fold(tmp_path):
    samples = read_coco(draw_data(tmp_path / "discs"), ["disc"])

    tested = [s.path for _, held in folds_by_group(samples, 4, 7) for s in held]

    assert sorted(tested) == sorted(s.path for s in samples)


@pytest.mark.parametrize("strata", Strata)
def test_a_split_keeps_groups_whole_and_hangs_only_on_the_seed(tmp_path, strata):
    samples = read_coco(draw_data(tmp_path / "discs"), ["disc"])

    training, held = split_by_group(samples, 0.25, 7, strata)
    again, _ = split_by_group(list(reversed(samples)), 0.25, 7, strata)

    assert len(held) == 4
    assert not {s.group for s in training} & {s.group for s in held}
    assert {s.path for s in training} == {s.path for s in again}


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_a_training_goes_on_with_the_instructions_that_its_recipe_names(path):
    asked = ["--data", "/nonexistent", "--runs", "/nonexistent", "--packages", "/nonexistent"]
    script = "import os, sys; from models.training import instructions as i;"
    script += "os.execve = lambda _p, c, e: print(*c[1:], e.get('ATEN_CPU_CAPABILITY'));"
    script += "i.ensure_held(i.Instructions(sys.argv[1]), sys.argv[2:])"
    wanted = load_recipe(path).train.instructions.value
    told = subprocess.run(
        [sys.executable, "-c", script, wanted, str(path), *asked],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    again = " ".join(["-m models.training", str(path), *asked, "avx2\n"])
    assert told == (again if wanted == "avx2" else "")
