"""Boxes and how far they overlap."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_app.domain.geometry import Box, pairwise_iou

corner, side = st.integers(-500, 500), st.integers(1, 300)
rectangles = st.tuples(corner, corner, side, side).map(
    lambda r: (r[0], r[1], r[0] + r[2], r[1] + r[3])
)


def iou(a, b):
    return pairwise_iou(np.array([a], np.float64), np.array([b], np.float64))[0, 0]


def test_a_box_knows_its_sides():
    assert (Box(2, 3, 12, 8).width, Box(2, 3, 12, 8).height) == (10, 5)


def test_half_shifted_squares_overlap_by_a_third():
    assert iou((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)


def test_boxes_that_only_touch_do_not_overlap():
    assert iou((0, 0, 10, 10), (10, 0, 20, 10)) == 0


def test_a_box_without_area_overlaps_nothing_not_even_itself():
    assert iou((5, 5, 5, 5), (5, 5, 5, 5)) == 0
    assert iou((5, 5, 5, 5), (0, 0, 10, 10)) == 0


def test_no_boxes_give_an_empty_table():
    assert pairwise_iou(np.zeros((0, 4)), np.zeros((3, 4))).shape == (0, 3)
    assert pairwise_iou(np.zeros((2, 4)), np.zeros((0, 4))).shape == (2, 0)


@given(rectangles, rectangles)
def test_overlap_is_the_same_from_both_sides_and_one_only_for_the_same_box(a, b):
    assert iou(a, b) == pytest.approx(iou(b, a))
    assert 0 <= iou(a, b) <= 1
    assert (iou(a, b) > 1 - 1e-9) == (a == b)
