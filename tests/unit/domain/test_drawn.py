"""What a person draws or renames stands beside what the detector said, and never in its place."""

from dataclasses import replace

import msgspec
import pytest

from edge_app.domain.error import StepRefusedError
from edge_app.domain.geometry import Box
from edge_app.domain.reading import Outcome
from edge_app.domain.study import OTHER, Called, DrawnFinding, Signature, Study, Verdict
from edge_app.domain.trend import visits
from tests.fakes import NOON, a_detection, a_reading, a_study, an_image

PLATELET = Called("platelet")
WITHIN = Box(30, 30, 44, 40)
SIGNED = Signature("Dr Test", NOON)


def drawn(box=WITHIN):
    return DrawnFinding(PLATELET, box, "image-1", "Amina", NOON)


def test_what_a_person_drew_is_accepted_and_changes_nothing_that_the_detector_said():
    before = a_study(detections=[a_detection()])
    study = before.with_drawn(drawn())

    assert study.drawn[0].verdict is Verdict.ACCEPTED
    assert (study.findings, study.readings) == (before.findings, before.readings)
    assert [m.label for m in study.marked] == ["red-cell", "platelet"]


def test_a_drawing_makes_no_finding_of_an_answer_that_found_nothing():
    study = a_study().with_drawn(drawn())

    assert study.outcome is Outcome.NO_FINDING
    assert study.readings["image-1"].detections == ()
    assert study.findings == ()


@pytest.mark.parametrize(
    "box", [Box(-1, 0, 5, 5), Box(0, 0, 65, 5), Box(0, 0, 5, 49), Box(5, 5, 5, 9), Box(9, 9, 5, 12)]
)
def test_a_box_beside_its_picture_or_without_sides_is_refused(box):
    with pytest.raises(StepRefusedError, match="not in the picture"):
        a_study().with_drawn(drawn(box))


def test_a_signed_study_takes_no_drawing_and_no_other_label():
    study = a_study().with_drawn(drawn()).signed(SIGNED)

    for change in (lambda: study.with_drawn(drawn()), lambda: study.renamed(0, PLATELET)):
        with pytest.raises(StepRefusedError, match="signed"):
            change()


def test_reading_a_picture_again_keeps_what_was_drawn_on_it():
    image = an_image()
    study = a_study(image, [a_detection()]).with_drawn(drawn())

    again = study.with_reading("image-1", a_reading(image, [a_detection("white-cell")] * 2))

    assert again.drawn == study.drawn
    assert len(again.findings) == 2


def test_what_was_drawn_on_a_picture_goes_with_it():
    assert a_study().with_drawn(drawn()).without_image("image-1").drawn == ()


def test_a_drawing_can_be_rejected_and_left_open_as_a_finding_can():
    study = a_study(detections=[a_detection()]).judged(0, Verdict.ACCEPTED).with_drawn(drawn())

    assert study.judged(1, Verdict.REJECTED).drawn[0].verdict is Verdict.REJECTED
    open_again = study.judged(1, Verdict.UNREVIEWED)
    assert open_again.open_points() == ("Findings that are not reviewed: 1.",)
    assert open_again.findings == study.findings


def test_another_label_is_accepted_and_the_detection_stays_as_it_was():
    study = a_study(detections=[a_detection("red-cell", 0.5)])
    renamed = study.renamed(0, Called(OTHER, "a fold in the film"))

    assert renamed.findings[0].detection == study.findings[0].detection
    assert renamed.findings[0].label == OTHER
    assert renamed.findings[0].verdict is Verdict.ACCEPTED


def test_the_detectors_own_label_corrects_nothing():
    study = a_study(detections=[a_detection("red-cell")]).renamed(0, PLATELET)

    assert study.renamed(0, Called("red-cell")).findings[0].called is None


def test_a_study_of_an_older_version_has_nothing_drawn_and_no_other_label():
    body = msgspec.to_builtins(a_study(detections=[a_detection()]))
    del body["drawn"]
    for finding in body["findings"]:
        del finding["called"]

    study = msgspec.convert(body, Study)

    assert study.drawn == ()
    assert study.findings[0].called is None


def test_counts_over_time_are_of_what_people_stand_for_each_under_its_last_label():
    image = an_image()
    study = a_study(image, [a_detection("platelet"), a_detection("red-cell", 0.4)])
    study = study.judged(0, Verdict.ACCEPTED).renamed(1, PLATELET).with_drawn(drawn())
    study = study.with_drawn(replace(drawn(), verdict=Verdict.REJECTED))

    (seen,) = visits([replace(study, signature=SIGNED)], "platelet")

    assert seen.count == 3
    assert [v.count for v in visits([replace(study, signature=SIGNED)], "red-cell")] == [0]
