"""Marks on a live picture are steady, go when their object goes, and are never mixed up."""

import os

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_app.domain.geometry import Box
from edge_app.domain.tracking import KEPT_FOR, OF_LAST, SHOWN_AFTER, Tracker
from tests.fakes import a_detection

FRAME_NS = 33_000_000
LONG = int(os.environ.get("EDGE_APP_TRACKS", "100"))


def at(x, y, side=60.0, label="red-cell"):
    return a_detection(label, 0.8, Box(x, y, x + side, y + side))


def followed(*readings):
    """Return the tracks that are drawn after each reading."""
    tracker = Tracker()
    return [tracker.update(found, n * FRAME_NS) for n, found in enumerate(readings)]


def test_an_object_is_drawn_after_two_of_three_readings_and_not_before():
    assert (SHOWN_AFTER, OF_LAST) == (2, 3)
    assert [len(t) for t in followed([at(0, 0)], [at(0, 0)])] == [0, 1]
    assert [len(t) for t in followed([at(0, 0)], [], [at(0, 0)])] == [0, 0, 1]
    assert [len(t) for t in followed([at(0, 0)], [], [], [at(0, 0)])] == [0, 0, 0, 0]


@settings(max_examples=LONG, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_a_score_that_flickers_gives_one_steady_track(found):
    shown = followed([at(5, 5)], [at(5, 5)], *([at(5, 5)] if hit else [] for hit in found))[1:]

    missed, numbers = 0, set()
    for hit, tracks in zip([True, *found], shown, strict=True):
        missed = 0 if hit else missed + 1
        if missed > KEPT_FOR:
            return
        assert [t.missed for t in tracks] == [missed]
        numbers |= {t.number for t in tracks}
        assert len(numbers) == 1


def test_a_vanished_object_is_held_and_then_gone():
    shown = followed([at(0, 0)], [at(0, 0)], *([[]] * (KEPT_FOR + 2)))

    assert [len(t) for t in shown] == [0, 1, *([1] * KEPT_FOR), 0, 0]
    assert all(t.missed > 0 for tracks in shown[2:] for t in tracks)


MOVERS = st.lists(
    st.tuples(st.integers(-14, 14), st.integers(-14, 14), st.integers(50, 90)),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(max_examples=LONG, deadline=None)
@given(MOVERS, st.randoms(use_true_random=False))
def test_numbers_never_swap_between_separated_movers(movers, random):
    tracker, owner = Tracker(), {}
    for n in range(12):
        boxes = []
        for lane, (vx, vy, side) in enumerate(movers):
            x, y = 1000 * (lane % 3) + 400 + vx * n, 1000 * (lane // 3) + 400 + vy * n
            boxes.append((lane, at(x, y, float(side))))
        seen = [b for b in boxes if n < 2 or random.random() < 0.85]
        random.shuffle(seen)
        for track in tracker.update([d for _, d in seen], n * FRAME_NS):
            x, y = (track.box.x0 + track.box.x1) / 2, (track.box.y0 + track.box.y1) / 2
            lane = int(x // 1000) + 3 * int(y // 1000)
            assert owner.setdefault(track.number, lane) == lane
    assert len(owner) >= len(movers)


def test_two_objects_that_pass_each_other_keep_their_numbers():
    readings = [[at(10 * n, 0), at(300 - 10 * n, 0)] for n in range(25)]
    shown = [{t.number: t.box.x0 for t in tracks} for tracks in followed(*readings)]

    assert all(set(x) == {1, 2} for x in shown[1:])
    assert abs(shown[-1][1] - 240) < 15
    assert abs(shown[-1][2] - 60) < 15


def test_a_held_mark_moves_on_as_its_object_did():
    shown = followed(*([at(12.0 * n, 0)] for n in range(8)), [], [])

    assert abs(shown[-1][0].box.x0 - 12 * 9) < 12


def test_labels_are_never_mixed():
    shown = followed([at(0, 0, label="red-cell")], [at(0, 0, label="platelet")])

    assert shown[-1] == ()


def test_a_reset_drops_every_track_at_once():
    tracker = Tracker()
    for n in range(3):
        tracker.update([at(0, 0)], n * FRAME_NS)
    tracker.reset()

    assert tracker.update([], 4 * FRAME_NS) == ()
    assert tracker.update([at(0, 0)], 5 * FRAME_NS) == ()


@settings(max_examples=LONG, deadline=None)
@given(st.integers(0, 2**31))
def test_the_same_readings_give_the_same_tracks(seed):
    def run():
        rng = np.random.default_rng(seed)
        return followed(
            *([at(*rng.integers(0, 300, 2).tolist()) for _ in range(9)] for _ in range(6))
        )

    assert run() == run()


def test_a_still_scene_of_many_cells_never_doubles_a_mark():
    rng = np.random.default_rng(3)
    places = [(80 * (n % 8), 80 * (n // 8)) for n in range(40)]
    tracker = Tracker()
    for n in range(60):
        seen = [at(x + rng.normal(0, 2), y + rng.normal(0, 2)) for x, y in places]
        tracks = tracker.update([s for s in seen if rng.random() < 0.8], n * FRAME_NS)
        assert len(tracks) <= 40
    assert len(tracks) >= 38
