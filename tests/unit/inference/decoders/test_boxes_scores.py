"""Outputs of a broken graph are refused; none of them ever becomes an empty result."""

from dataclasses import replace

import numpy as np
import pytest

from edge_app.domain.decoding import DecoderKind
from edge_app.domain.error import ReadingFailedError
from edge_app.inference.decoders import table
from edge_app.inference.package import load_package
from tests.smears import PACKAGE

SHIPPED = load_package(PACKAGE).manifest
FLOORS = np.array([0.5, 0.3], np.float32)


def decode(given, floors, nms_iou):
    """Decode by the shipped manifest, with two labels."""
    manifest = replace(SHIPPED, labels=SHIPPED.labels[:2], nms_iou=nms_iou)
    assert manifest.decoder is DecoderKind.BOXES_SCORES
    return table.decode(given, manifest, floors)


def outputs(boxes=((10, 10, 30, 30), (100, 100, 140, 150)), scores=((0.9, 0.1), (0.2, 0.4))):
    return [np.array([boxes], np.float32), np.array([scores], np.float32)]


def with_one(index, value):
    broken = outputs()
    broken[index][0, 1, 1] = value
    return broken


BROKEN = {
    "NaN box": with_one(0, np.nan),
    "infinite box": with_one(0, np.inf),
    "NaN score": with_one(1, np.nan),
    "infinite score": with_one(1, -np.inf),
    "score above one": with_one(1, 1.01),
    "score below zero": with_one(1, -0.01),
    "logits": [outputs()[0], outputs()[1] * 20 - 10],
    "one output": outputs()[:1],
    "three outputs": [*outputs(), outputs()[1]],
    "no outputs": [],
    "outputs the other way round": outputs()[::-1],
    "a label too many": [outputs()[0], np.zeros((1, 2, 3), np.float32)],
    "fewer scores than boxes": [outputs()[0], outputs()[1][:, :1]],
    "no cells": [np.zeros((1, 0, 4), np.float32), np.zeros((1, 0, 2), np.float32)],
    "numbers without a shape": [np.float32(1.0), np.float32(0.5)],
    "a box inside out": with_one(0, 900),
    "a box without width": [np.array([[[5, 5, 5, 9], [1, 1, 2, 2]]], np.float32), outputs()[1]],
}


@pytest.mark.parametrize("name", BROKEN)
def test_outputs_of_a_broken_graph_are_refused(name):
    with pytest.raises(ReadingFailedError):
        decode([np.asarray(o) for o in BROKEN[name]], FLOORS, 0.5)


def test_what_reaches_its_labels_floor_is_found_highest_first():
    found = decode(outputs(), FLOORS, 0.5)

    assert found.labels.tolist() == [0, 1]
    assert found.scores.tolist() == pytest.approx([0.9, 0.4])
    assert found.boxes.tolist() == [[10, 10, 30, 30], [100, 100, 140, 150]]


def test_a_score_at_the_floor_counts_and_one_below_does_not():
    at = decode(outputs(scores=((0.5, 0), (0.4999, 0))), FLOORS, 0.5)

    assert at.scores.tolist() == [0.5]


def test_nothing_above_the_floors_is_an_empty_answer_of_a_working_graph():
    assert len(decode(outputs(scores=((0.1, 0.1), (0, 0))), FLOORS, 0.5).boxes) == 0


def test_the_weaker_of_two_overlapping_boxes_of_one_label_goes():
    boxes = ((10, 10, 30, 30), (11, 10, 31, 30))

    one = decode(outputs(boxes, ((0.7, 0), (0.9, 0))), FLOORS, 0.5)

    assert one.scores.tolist() == pytest.approx([0.9])


def test_overlapping_boxes_of_two_labels_both_stay():
    boxes = ((10, 10, 30, 30), (11, 10, 31, 30))

    assert decode(outputs(boxes, ((0.7, 0), (0, 0.9))), FLOORS, 0.5).labels.tolist() == [1, 0]


def test_boxes_that_overlap_less_than_the_limit_both_stay():
    boxes = ((10, 10, 30, 30), (20, 10, 40, 30))  # overlap 1/3

    assert len(decode(outputs(boxes, ((0.7, 0), (0.9, 0))), FLOORS, 0.5).boxes) == 2
    assert len(decode(outputs(boxes, ((0.7, 0), (0.9, 0))), FLOORS, 0.3).boxes) == 1


def test_one_cell_may_hold_two_labels():
    assert decode(outputs(scores=((0.9, 0.8), (0, 0))), FLOORS, 0.5).labels.tolist() == [0, 1]
