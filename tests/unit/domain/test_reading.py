"""A reading that contradicts itself cannot be made."""

from dataclasses import replace

import pytest

from edge_app.domain.reading import Outcome, QualityIssue, Timing, not_analysed
from tests.fakes import a_detection, a_quality, a_reading, an_image

ANSWERS = [(), (a_detection(),)]


@pytest.mark.parametrize("detections", ANSWERS)
@pytest.mark.parametrize("missing", ["certificate", "quality"])
def test_an_answer_without_certificate_or_quality_is_refused(detections, missing):
    with pytest.raises(ValueError, match="certificate or quality"):
        replace(a_reading(an_image(), detections), **{missing: None})


def test_a_finding_without_a_detection_is_refused():
    with pytest.raises(ValueError, match="needs a detection"):
        replace(a_reading(an_image()), outcome=Outcome.FINDING)


def test_no_finding_with_a_detection_is_refused():
    with pytest.raises(ValueError, match="something was detected"):
        replace(a_reading(an_image(), [a_detection()]), outcome=Outcome.NO_FINDING)


def test_not_analysed_with_a_detection_is_refused():
    with pytest.raises(ValueError, match="something was detected"):
        replace(not_analysed("hash", "blood-smear", "Why."), detections=(a_detection(),))


@pytest.mark.parametrize("outcome", [Outcome.CANNOT_SAY, Outcome.NOT_ANALYSED])
def test_no_answer_without_a_reason_is_refused(outcome):
    with pytest.raises(ValueError, match="needs a reason"):
        replace(a_reading(an_image()), outcome=outcome, reason="")


def test_cannot_say_keeps_what_was_seen_with_its_reason():
    reading = a_reading(an_image(), [a_detection()], QualityIssue.BLURRED)

    assert reading.outcome is Outcome.CANNOT_SAY
    assert reading.reason
    assert reading.counts() == {"red-cell": 1}


def test_not_analysed_claims_no_quality_and_no_certificate():
    reading = not_analysed("hash", "blood-smear", "No detector.")

    assert reading.outcome is Outcome.NOT_ANALYSED
    assert reading.quality is None
    assert reading.certificate is None
    assert reading.detections == ()


def test_counts_are_a_label():
    found = [a_detection("red-cell"), a_detection("platelet"), a_detection("red-cell")]

    assert a_reading(an_image(), found).counts() == {"red-cell": 2, "platelet": 1}


def test_a_reading_takes_its_timing_along():
    timed = a_reading(an_image()).with_timing(Timing(1.0, 20.0, 3.0))

    assert timed.timing == Timing(1.0, 20.0, 3.0)
    assert timed.timing.total_ms == 24.0


def test_the_quality_of_an_answer_may_not_hide_an_issue():
    with pytest.raises(ValueError, match="cannot be answered"):
        replace(a_reading(an_image()), quality=a_quality(QualityIssue.BLURRED))
