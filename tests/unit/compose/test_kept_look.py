"""How the window looks is kept for the next start, and a spoilt file costs only the choice."""

import pytest

from edge_app.compose.look import LookKeeper
from edge_app.ui.look import PERCENTS, USUAL, Look, look_from
from edge_app.ui.tokens import HIGH_CONTRAST, LIGHT, THEMES


def test_what_was_chosen_comes_back_after_a_restart(tmp_path):
    chosen = Look(LIGHT, 200, is_gloved=True)
    LookKeeper(tmp_path / "new").keep(chosen)

    assert LookKeeper(tmp_path / "new").kept() == chosen


def test_without_a_choice_or_with_a_spoilt_one_the_usual_look_is_shown(tmp_path):
    assert LookKeeper(tmp_path).kept() == USUAL
    (tmp_path / "look").write_bytes(b"\xff\x00 many, things; 12")
    assert LookKeeper(tmp_path).kept() == USUAL


def test_a_disk_that_refuses_costs_the_choice_alone(tmp_path):
    (tmp_path / "file").write_text("no folder")

    LookKeeper(tmp_path / "file").keep(Look(HIGH_CONTRAST))

    assert LookKeeper(tmp_path / "file").kept() == USUAL


@pytest.mark.parametrize("palette", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("percent", PERCENTS)
@pytest.mark.parametrize("is_gloved", [False, True])
def test_every_look_is_read_as_it_was_written(palette, percent, is_gloved):
    look = Look(palette, percent, is_gloved)

    assert look_from(look.written) == look
