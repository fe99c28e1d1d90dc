"""How much text the shipped finder misses, and what it marks in vain, by kind of picture.

EDGE_APP_TEXT=80 judges by as many held-out pictures of each kind; without it, by twelve.
"""

import os
from pathlib import Path

import pytest

from edge_app.inference.text_finder import load_text_finder
from edge_app.settings import settings_from
from models.training.text import judge
from models.training.text.fonts import fonts_to_judge_by, fonts_to_learn_from
from models.training.text.pictures import FOLDERS, real_pictures

DATA = Path(os.environ.get("EDGE_APP_TEST_DATA") or Path(__file__).parents[3] / "shared" / "data")
EACH = int(os.environ.get("EDGE_APP_TEXT", "12"))
LEAST_RECALL = 0.9
# Boxes a picture, and share of it, that are black in vain.
MOST_FALSE = {"blood": 4.0, "brain": 4.0, "fundus": 1.0, "polyp": 8.0, "ultrasound": 2.0}
MOST_BLACK = {"blood": 0.06, "brain": 0.15, "fundus": 0.02, "polyp": 0.16, "ultrasound": 0.03}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"NOT judged: {DATA} is missing")


@pytest.fixture(scope="module")
def finder():
    return load_text_finder(settings_from(None).text_finder_dir)


@pytest.mark.parametrize("folder", FOLDERS)
def test_text_in_letters_and_pictures_never_seen_is_black(finder, folder):
    pictures = judge.pictures_to_judge_by(DATA, folder, EACH)

    judged = [judge.judged_with_text(finder.boxes, p, n) for n, p in enumerate(pictures)]

    found = judge.measured(judged, judge.recall)
    print(f"\n{folder}: {found.value:.3f} of lines ({found.low:.3f} to {found.high:.3f})")  # noqa: T201
    assert len(judged) == min(EACH, len(judged)) > 5
    assert found.value >= LEAST_RECALL


@pytest.mark.parametrize("folder", judge.FREE_OF_TEXT)
def test_little_is_black_where_there_is_no_text(finder, folder):
    pictures = judge.pictures_to_judge_by(DATA, folder, EACH)

    judged = [judge.judged_without(finder.boxes, p, n) for n, p in enumerate(pictures)]

    boxes = judge.measured(judged, judge.boxes_a_picture)
    print(f"\n{folder}: {boxes.value:.2f} boxes a picture in vain")  # noqa: T201
    assert boxes.value <= MOST_FALSE[folder]
    assert judge.share_black(judged) <= MOST_BLACK[folder]


def test_a_finder_that_finds_nothing_or_blacks_out_everything_is_caught(finder):
    pictures = judge.pictures_to_judge_by(DATA, "blood", 6)

    blind = [judge.judged_with_text(lambda _pixels: (), p, n) for n, p in enumerate(pictures)]
    halved = [
        judge.judged_with_text(lambda x: finder.boxes(x)[::2], p, n) for n, p in enumerate(pictures)
    ]

    assert judge.recall(blind) == 0
    assert judge.recall(halved) < LEAST_RECALL


def test_no_group_and_no_typeface_is_both_learnt_from_and_judged_by():
    learnt, judged = set(fonts_to_learn_from()), set(fonts_to_judge_by())
    pictures = real_pictures(DATA)

    assert not learnt & judged
    assert not {p.path for p in pictures if p.is_judged} & {
        p.path for p in pictures if not p.is_judged
    }
    assert 0.1 < sum(p.is_judged for p in pictures) / len(pictures) < 0.3
