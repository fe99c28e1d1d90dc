"""What is said of an image when its detector, or its device, failed."""

from dataclasses import replace

import pytest

from edge_app.domain.reading import Advice, Outcome
from edge_app.workflow.examine import PARTIAL, read
from tests.fakes import a_detection, a_reading, an_image


class SaysOf:
    """A `Detector` that always finds the same."""

    def __init__(self, detections):
        self._detections = detections

    def read(self, image):
        return a_reading(image, self._detections)


@pytest.mark.parametrize("detections", [[], [a_detection()]], ids=["nothing", "something"])
def test_of_a_picture_that_came_in_part_nothing_is_answered(detections):
    reading = read(SaysOf(detections), an_image(is_partial=True))

    assert (reading.outcome, reading.reason) == (Outcome.CANNOT_SAY, PARTIAL)
    assert list(reading.detections) == detections


def test_a_picture_that_came_in_part_gets_no_advice():
    class Refers(SaysOf):
        def read(self, image):
            return replace(super().read(image), advice=Advice.REFER)

    assert read(Refers([a_detection()]), an_image(is_partial=True)).advice is Advice.CANNOT_SAY


def test_of_a_whole_picture_the_detectors_answer_stands():
    assert read(SaysOf([]), an_image()).outcome is Outcome.NO_FINDING
