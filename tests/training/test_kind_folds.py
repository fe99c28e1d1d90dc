"""What judges a fold has learnt nothing from it."""

import os
from pathlib import Path

import numpy as np
import pytest

from models.training.kind import KINDS, STRANGER, Vector, folds, for_limits, pictures_of, split
from models.training.kind_folds import without
from tests.smears import PACKAGE

DATA = Path(os.environ.get("EDGE_APP_TEST_DATA") or PACKAGE.parents[3] / "shared" / "data")
FOLDED = "nerve-vessel"
has_data = pytest.mark.skipif(
    not (DATA / KINDS[FOLDED].folder).is_dir(), reason=f"{DATA} is missing"
)


def a_vector(kind, source=None):
    return Vector(np.zeros(3, np.float32), kind, source)


def test_nothing_that_was_made_from_a_held_picture_is_left():
    held, kept = (FOLDED, 4), (FOLDED, 5)
    vectors = [
        a_vector(FOLDED, held),
        a_vector(FOLDED, kept),
        a_vector(STRANGER, held),
        a_vector(STRANGER, ("polyp", 4)),
        a_vector(STRANGER),
    ]

    left = without(vectors, {held})

    assert [v.source for v in left] == [kept, ("polyp", 4), None]


def test_strangers_come_last_whatever_the_order_in_which_they_were_made():
    pictures = pictures_of([a_vector(STRANGER), a_vector("polyp"), a_vector("blood-smear")])

    assert [pictures.kinds[n] for n in pictures.kind_of] == ["blood-smear", "polyp", STRANGER]


@has_data
def test_every_picture_is_judged_once_and_its_group_taught_nothing():
    parts = folds(DATA, FOLDED)
    judged = [s.path for _, held in parts for s in held]

    assert len(parts) == 5
    assert sorted(judged) == sorted({s.path for part in parts[0] for s in part})
    for training, held in parts:
        assert {s.group for s in training}.isdisjoint({s.group for s in held})


@has_data
def test_shipped_limits_are_fitted_as_the_recipe_says():
    every = {s.path for part in folds(DATA, FOLDED)[0] for s in part}

    assert {s.path for s in for_limits(DATA, FOLDED)} == every
    assert folds(DATA, "polyp") == []
    assert [s.path for s in for_limits(DATA, "polyp")] == [s.path for s in split(DATA, "polyp")[0]]
