"""Every way goes first as often as the others, and ratios are taken within a turn."""

import pytest

from edge_app.workflow.measure_speed import summary, turns


def test_every_way_runs_in_every_turn_and_they_take_turns_at_going_first():
    said = []
    ways = {name: (lambda name=name: said.append(name)) for name in "abc"}

    found = list(turns(ways, 6))

    warm_up = len(said) - 6 * 3
    firsts = said[warm_up::3]
    assert [set(turn) for turn in found] == [{"a", "b", "c"}] * 6
    assert firsts == ["a", "b", "c", "a", "b", "c"]


def test_a_ratio_is_the_median_of_the_turns_ratios():
    found = [{"bare": 1.0, "ours": 2.0}, {"bare": 10.0, "ours": 11.0}, {"bare": 2.0, "ours": 3.0}]

    way = summary(found, "bare")["ours"]

    assert way.ms == pytest.approx(3.0)
    assert way.ratio == pytest.approx(1.5)
