"""Boxes of overlapping tiles: none cut, none double."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_app.domain.seams import TileBoxes, merged
from edge_app.domain.tiles import TileGrid

IOU, IOS = 0.5, 0.5
LONG = int(os.environ.get("EDGE_APP_SEAMS", "60"))


def seen_by(grid, objects, labels, least=0.1):
    """Return what a perfect detector says of each tile: objects, cut at the tile's edges."""
    rows = []
    for number, tile in enumerate(t for row in grid.rows() for t in row):
        window = np.array([tile.x0, tile.y0, tile.x1, tile.y1], float)
        for box, label in zip(objects, labels, strict=True):
            part = np.array([*np.maximum(box[:2], window[:2]), *np.minimum(box[2:], window[2:])])
            if (part[2:] <= part[:2]).any():
                continue
            share = (part[2:] - part[:2]).prod() / (box[2:] - box[:2]).prod()
            if share >= least:
                is_cut = bool(grid.cut(tile, part[None], 4.0)[0])
                rows.append((part, label, 0.9 * share, number, is_cut))
    boxes, kinds, scores, tiles, cut = zip(*rows, strict=True)
    return TileBoxes(
        np.array(boxes), np.array(kinds), np.array(scores), np.array(tiles), np.array(cut)
    )


def apart(centres, sides):
    """Return boxes of those centres and sides, without any that touches an earlier one."""
    boxes = []
    for (x, y), side in zip(centres, sides, strict=True):
        box = np.array([x, y, x + side, y + side], float)
        if all(box[0] > b[2] or b[0] > box[2] or box[1] > b[3] or b[1] > box[3] for b in boxes):
            boxes.append(box)
    return np.array(boxes)


PLACES = st.lists(st.tuples(st.integers(0, 1250), st.integers(0, 850)), min_size=1, max_size=40)


@settings(max_examples=LONG, deadline=None)
@given(PLACES, st.integers(20, 150), st.integers(0, 200), st.randoms(use_true_random=False))
def test_every_object_not_larger_than_the_overlap_comes_once_and_whole(
    places, largest, phase, random
):
    grid = TileGrid(1400 + phase, 1000 + phase, 640, 160)
    boxes = apart(places, [random.randint(15, largest) for _ in places])
    labels = [random.randint(0, 2) for _ in boxes]

    whole = merged(seen_by(grid, boxes, labels), IOU, IOS)

    got = sorted((k, *b) for k, b in zip(whole.labels.tolist(), whole.boxes.tolist(), strict=True))
    assert got == sorted((k, *b) for k, b in zip(labels, boxes.tolist(), strict=True))


@settings(max_examples=LONG, deadline=None)
@given(st.integers(170, 300), st.integers(0, 1000), st.integers(0, 600))
def test_an_object_larger_than_the_overlap_is_put_together(side, x, y):
    grid = TileGrid(1400, 1000, 640, 160)
    box = np.array([[x, y, x + side, y + side]], float)

    whole = merged(seen_by(grid, box, [0]), IOU, IOS)

    assert whole.boxes.tolist() == box.tolist()


def boxes_of(*rows):
    """Build from (box, label, score, tile, is_cut)."""
    boxes, labels, scores, tiles, cut = zip(*rows, strict=True)
    return TileBoxes(
        np.array(boxes, float), np.array(labels), np.array(scores, float), np.array(tiles),
        np.array(cut),
    )  # fmt: skip


def test_a_piece_with_the_better_score_does_not_replace_the_whole():
    found = boxes_of(((600, 10, 640, 90), 0, 0.95, 0, True), ((600, 10, 690, 90), 0, 0.6, 1, False))

    whole = merged(found, IOU, IOS)

    assert whole.boxes.tolist() == [[600, 10, 690, 90]]


def test_two_touching_objects_stay_two():
    found = boxes_of(
        ((500, 0, 600, 100), 0, 0.9, 0, False), ((580, 0, 640, 100), 0, 0.7, 0, True),
        ((580, 0, 680, 100), 0, 0.9, 1, False), ((500, 0, 600, 100), 0, 0.8, 1, False),
    )  # fmt: skip

    assert merged(found, IOU, IOS).boxes.tolist() == [[500, 0, 600, 100], [580, 0, 680, 100]]


def test_a_piece_that_was_taken_for_something_else_goes_with_the_whole_object():
    found = boxes_of(((600, 10, 640, 90), 1, 0.9, 0, True), ((600, 10, 790, 190), 0, 0.6, 1, False))

    assert merged(found, IOU, IOS).labels.tolist() == [0]


def test_a_small_whole_object_on_a_large_cut_one_removes_nothing():
    found = boxes_of(((440, 0, 640, 200), 0, 0.9, 0, True), ((500, 50, 540, 90), 1, 0.6, 1, False))

    assert sorted(merged(found, IOU, IOS).labels.tolist()) == [0, 1]


def test_labels_never_suppress_each_other_when_both_are_whole():
    found = boxes_of(((500, 0, 600, 99), 0, 0.9, 0, False), ((500, 0, 600, 99), 1, 0.8, 1, False))

    assert merged(found, IOU, IOS).labels.tolist() == [0, 1]


def test_boxes_of_one_tile_are_left_as_they_are():
    found = boxes_of(((0, 0, 100, 99), 0, 0.9, 3, False), ((0, 10, 100, 99), 0, 0.8, 3, False))

    assert len(merged(found, IOU, IOS).boxes) == 2


def test_nothing_merged_is_nothing():
    none = TileBoxes(
        np.zeros((0, 4)), np.zeros(0, int), np.zeros(0), np.zeros(0, int), np.zeros(0, bool)
    )

    assert len(merged(none, IOU, IOS).boxes) == 0


@pytest.mark.parametrize("n", [1, 127, 128, 129, 1000])
def test_any_number_of_boxes_is_swept(n):
    rng = np.random.default_rng(n)
    corner = rng.uniform(0, 3000, (n, 2))
    boxes = np.concatenate([corner, corner + 40], axis=1)
    twice = np.concatenate([boxes, boxes])
    tiles, labels = np.arange(2 * n), np.concatenate([np.arange(n), np.arange(n)])
    found = TileBoxes(twice, labels, rng.uniform(size=2 * n), tiles, np.zeros(2 * n, bool))

    assert sorted(merged(found, IOU, IOS).labels.tolist()) == list(range(n))
