"""Average precision and operating figures against cases worked by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_app.domain.accuracy import (
    ImageMatches,
    LabelledBoxes,
    average_precision,
    bootstrap_groups,
    interval95,
    match,
    operating,
)

ROOM = 30


def places(count, shift=0.0):
    left = np.arange(count) * ROOM + shift
    return np.stack([left, np.zeros(count), left + 10, np.full(count, 10.0)], axis=1)


def boxes(sides, scores=None):
    sides = np.asarray(sides, np.float64).reshape(-1, 4)
    return LabelledBoxes(sides, np.ones(len(sides)) if scores is None else np.array(scores))


def judged(scores, is_true, n_true_boxes):
    is_missed = np.arange(n_true_boxes) >= sum(is_true)
    return ImageMatches(np.array(scores), np.array(is_true, bool), is_missed)


def test_a_perfect_detector_has_an_average_precision_of_one():
    truth = boxes(places(4))

    found = match(boxes(places(4), [0.9, 0.8, 0.7, 0.6]), truth, 0.5)

    assert average_precision([found]) == 1.0


def test_one_miss_of_two_leaves_the_recall_points_up_to_one_half():
    found = match(boxes(places(1), [0.9]), boxes(places(2)), 0.5)

    # Recall 0.00, 0.01, ... 0.50 of the 101 points are reached, each at precision 1.
    assert average_precision([found]) == pytest.approx(51 / 101)


def test_a_false_detection_above_the_only_true_one_halves_the_precision():
    assert average_precision([judged([0.9, 0.8], [False, True], 1)]) == pytest.approx(0.5)


def test_a_false_detection_below_all_true_ones_costs_nothing():
    assert average_precision([judged([0.9, 0.1], [True, False], 1)]) == 1.0


def test_precision_at_a_recall_is_the_best_at_that_recall_or_beyond():
    # Precision 1, 1/2, 2/3, 3/4 at recall 1/4, 1/4, 1/2, 3/4: the dip does not count.
    found = judged([0.9, 0.8, 0.7, 0.6], [True, False, True, True], 4)

    assert average_precision([found]) == pytest.approx((26 * 1.0 + 50 * 0.75) / 101)


def test_detections_of_all_images_are_ranked_together():
    good = judged([0.9], [True], 1)
    bad = judged([0.95], [False], 1)

    assert average_precision([good, bad]) == pytest.approx(51 * 0.5 / 101)


def test_the_second_detection_of_one_box_is_false():
    found = match(boxes([*places(1), *places(1)], [0.9, 0.8]), boxes(places(1)), 0.5)

    assert found.is_true.tolist() == [True, False]


def test_the_stronger_detection_takes_the_box_whatever_the_order_given():
    found = match(boxes([*places(1, 2), *places(1)], [0.3, 0.8]), boxes(places(1)), 0.5)

    assert found.scores.tolist() == [0.8, 0.3]
    assert found.is_true.tolist() == [True, False]


def test_a_detection_takes_the_free_box_that_it_overlaps_most():
    truth = boxes([[0, 0, 10, 10], [3, 0, 13, 10]])

    found = match(boxes([[2, 0, 12, 10], [1, 0, 11, 10]], [0.9, 0.8]), truth, 0.5)

    assert found.is_true.tolist() == [True, True]


def test_too_small_an_overlap_is_no_hit():
    truth = boxes([[0, 0, 10, 10]])

    assert match(boxes([[0, 0, 10, 5]], [0.9]), truth, 0.5).is_true.tolist() == [True]
    assert match(boxes([[0, 0, 10, 4.9]], [0.9]), truth, 0.5).is_true.tolist() == [False]


def test_nothing_to_find_gives_no_figure_and_nothing_found_gives_zero():
    assert math.isnan(average_precision([judged([0.9], [False], 0)]))
    assert average_precision([judged([], [], 3)]) == 0.0


def test_at_most_a_hundred_detections_an_image_count():
    found = match(boxes(places(150), np.linspace(0.9, 0.1, 150)), boxes(places(150)), 0.5)

    assert len(found.scores) == 100
    assert found.scores.min() > 0.3


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=30), st.integers(0, 5))
def test_average_precision_lies_between_zero_and_one_and_a_miss_never_raises_it(rows, missed):
    hits = sum(hit for _, hit in rows)
    rows = sorted(rows, key=lambda row: -row[0])
    scores, is_true = [s for s, _ in rows], [hit for _, hit in rows]

    ap = average_precision([judged(scores, is_true, hits + 1)])
    lower = average_precision([judged(scores, is_true, hits + 1 + missed)])

    assert 0 <= lower <= ap <= 1


def test_operating_figures_count_hits_false_positives_and_cells():
    images = [judged([0.9, 0.8, 0.7], [True, False, True], 4), judged([0.9], [False], 0)]

    figures = operating(images)

    assert figures.sensitivity == 0.5
    assert figures.precision == 0.5
    assert figures.fp_per_image == 1.0
    assert figures.count_error == 1.0


def test_the_bootstrap_keeps_groups_whole():
    groups = [0, 0, 0, 1, 2, 2]
    whole = {0: [0, 1, 2], 1: [3], 2: [4, 5]}

    draws = bootstrap_groups(groups, draws=50, seed=3)

    for draw in draws:
        counts = np.bincount(draw, minlength=6)
        assert all(len(set(counts[members])) == 1 for members in whole.values())
        assert sum(counts[members[0]] for members in whole.values()) == 3
    assert len({tuple(d) for d in map(list, draws)}) > 5


def test_the_bootstrap_draws_the_same_for_the_same_seed():
    one, other = (bootstrap_groups([0, 1, 2, 3], 5, seed=9) for _ in range(2))

    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_an_interval_leaves_unknown_figures_out():
    assert interval95([float("nan"), *np.linspace(0, 1, 101)]) == pytest.approx((0.025, 0.975))
    assert all(math.isnan(end) for end in interval95([float("nan")]))
