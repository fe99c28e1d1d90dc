"""Where a detector went wrong is told box by box, the worst image first."""

import numpy as np

from edge_app.domain.accuracy import LabelledBoxes
from edge_app.domain.geometry import Box
from edge_app.workflow.evaluate import Answer
from edge_app.workflow.failures import failures_of

HERE, THERE, ELSEWHERE = Box(0, 0, 10, 10), Box(50, 0, 60, 10), Box(0, 50, 10, 60)


def boxes(*some, score=0.9):
    sides = np.array([(b.x0, b.y0, b.x1, b.y1) for b in some], np.float64).reshape(-1, 4)
    return LabelledBoxes(sides, np.full(len(some), score))


def answer(name, truth, found):
    return Answer(name, name, {"polyp": truth}, {"polyp": found}, cannot_say=False)


def test_what_was_missed_wrong_and_right_is_told_apart():
    (failure,) = failures_of(
        [answer("a.png", boxes(HERE, THERE), boxes(HERE, ELSEWHERE))], {"polyp": 0.5}, 9
    )

    assert (failure.missed, failure.wrong, failure.right) == ([THERE], [ELSEWHERE], [HERE])


def test_an_image_without_a_failure_is_left_out():
    assert failures_of([answer("a.png", boxes(HERE), boxes(HERE))], {"polyp": 0.5}, 9) == []


def test_a_box_below_its_threshold_was_not_shown():
    (failure,) = failures_of(
        [answer("a.png", boxes(HERE), boxes(HERE, score=0.3))], {"polyp": 0.5}, 9
    )

    assert (failure.missed, failure.wrong) == ([HERE], [])


def test_the_worst_come_first_and_a_miss_is_worse_than_a_wrong_mark():
    wrong = answer("wrong.png", boxes(), boxes(HERE))
    missed = answer("missed.png", boxes(HERE), boxes())
    both = answer("both.png", boxes(HERE), boxes(THERE))

    found = failures_of([wrong, missed, both], {"polyp": 0.5}, 2)

    assert [f.file_name for f in found] == ["both.png", "missed.png"]
