"""How far a study has come, and what keeps it from being signed."""

from dataclasses import replace
from datetime import date

import pytest

from edge_app.domain.error import StepRefusedError
from edge_app.domain.patient import PatientRef
from edge_app.domain.reading import Outcome, QualityIssue, not_analysed
from edge_app.domain.study import Signature, Study, StudyImage, StudyState, Verdict
from tests.fakes import NOON, a_detection, a_reading, a_study, an_image, some_pixels

SIGNATURE = Signature("Dr Test", NOON)
PATIENT = PatientRef("P-77", "Amina Test", date(1990, 4, 5), "F")


def captured(image=None):
    study = Study("study-1", PATIENT, NOON)
    return study.with_image(StudyImage.of(image or an_image(), "image-1"))


def cannot_say(image):
    return a_reading(image, issue=QualityIssue.BLURRED)


def left_out(image):
    return not_analysed(image.hash, "blood-smear", "The detector's process failed.")


NO_ANSWERS = [cannot_say, left_out]


def test_a_study_goes_from_draft_to_signed():
    image = an_image()
    draft = Study("study-1", PATIENT, NOON)
    taken = captured(image)
    read = taken.with_reading("image-1", a_reading(image, [a_detection()]))
    reviewed = read.judged(0, Verdict.ACCEPTED)

    steps = (draft, taken, read, reviewed, reviewed.signed(SIGNATURE))

    assert [s.state for s in steps] == list(StudyState)


def test_a_study_without_an_image_cannot_be_signed():
    with pytest.raises(StepRefusedError, match="no image"):
        Study("study-1", PATIENT, NOON).signed(SIGNATURE)


def test_an_image_that_was_not_read_keeps_a_study_open():
    study = captured()

    assert study.outcome is Outcome.NOT_ANALYSED
    with pytest.raises(StepRefusedError, match="not analysed"):
        study.signed(SIGNATURE)


@pytest.mark.parametrize("no_answer", NO_ANSWERS)
def test_a_reading_without_an_answer_keeps_a_study_from_being_signed(no_answer):
    image = an_image()
    study = captured(image).with_reading("image-1", no_answer(image))

    assert study.state is StudyState.READ
    assert len(study.open_points()) == 1
    with pytest.raises(StepRefusedError):
        study.signed(SIGNATURE)


@pytest.mark.parametrize("no_answer", NO_ANSWERS)
def test_a_person_who_read_by_eye_may_sign_and_the_outcome_stays_what_it_was(no_answer):
    image = an_image()
    study = captured(image).with_reading("image-1", no_answer(image))

    signed = study.with_read_by_eye("image-1").signed(SIGNATURE)

    assert signed.state is StudyState.SIGNED
    assert signed.outcome is no_answer(image).outcome


def test_reading_one_image_by_eye_does_not_answer_for_another():
    one, other = an_image(), an_image(some_pixels(shift=5))
    study = captured(one).with_image(StudyImage.of(other, "image-2"))
    study = study.with_reading("image-1", cannot_say(one))
    study = study.with_reading("image-2", cannot_say(other)).with_read_by_eye("image-1")

    assert len(study.open_points()) == 1


def test_an_unreviewed_finding_keeps_a_study_from_being_signed():
    study = a_study(detections=[a_detection(), a_detection()]).judged(0, Verdict.REJECTED)

    assert study.open_points() == ("Findings that are not reviewed: 1.",)
    with pytest.raises(StepRefusedError):
        study.signed(SIGNATURE)


def test_the_reading_of_another_image_is_refused():
    other = an_image(some_pixels(shift=9))

    with pytest.raises(StepRefusedError, match="another image"):
        captured().with_reading("image-1", a_reading(other))


def test_detections_of_a_picture_that_cannot_be_judged_are_no_findings():
    image = an_image()
    reading = a_reading(image, [a_detection()], QualityIssue.BLURRED)

    assert captured(image).with_reading("image-1", reading).findings == ()


def test_reading_an_image_again_replaces_its_findings():
    image = an_image()
    study = a_study(image, [a_detection(), a_detection()])

    assert len(study.with_reading("image-1", a_reading(image, [a_detection()])).findings) == 1
    assert study.with_reading("image-1", a_reading(image)).findings == ()


def test_a_retaken_image_leaves_with_all_that_was_said_of_it():
    study = a_study(detections=[a_detection()]).with_read_by_eye("image-1")

    retaken = study.without_image("image-1")

    assert retaken.state is StudyState.DRAFT
    assert (retaken.readings, retaken.findings, retaken.read_by_eye) == ({}, (), ())


@pytest.mark.parametrize(
    ("outcomes", "cautious"),
    [
        ([a_reading, a_reading], Outcome.NO_FINDING),
        ([a_reading, cannot_say], Outcome.CANNOT_SAY),
        ([cannot_say, left_out], Outcome.NOT_ANALYSED),
        ([a_reading, left_out], Outcome.NOT_ANALYSED),
    ],
)
def test_the_outcome_of_a_study_is_the_most_cautious_of_its_images(outcomes, cautious):
    study = Study("study-1", PATIENT, NOON)
    for number, said in enumerate(outcomes):
        image = an_image(some_pixels(shift=number))
        study = study.with_image(StudyImage.of(image, f"image-{number}"))
        study = study.with_reading(f"image-{number}", said(image))

    assert study.outcome is cautious


def test_a_finding_beside_a_blurred_image_is_still_a_finding_to_review():
    one, other = an_image(), an_image(some_pixels(shift=4))
    study = a_study(one, [a_detection()]).with_image(StudyImage.of(other, "image-2"))
    study = study.with_reading("image-2", cannot_say(other))

    assert study.outcome is Outcome.CANNOT_SAY
    assert len(study.findings) == 1


CHANGES = [
    lambda s: s.with_image(StudyImage.of(an_image(), "image-2")),
    lambda s: s.without_image("image-1"),
    lambda s: s.with_reading("image-1", a_reading(an_image())),
    lambda s: s.judged(0, Verdict.REJECTED),
    lambda s: s.with_read_by_eye("image-1"),
    lambda s: s.signed(SIGNATURE),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_signed_study_refuses_every_change(change):
    study = a_study(detections=[a_detection()]).judged(0, Verdict.ACCEPTED).signed(SIGNATURE)

    with pytest.raises(StepRefusedError, match="signed"):
        change(study)


def test_judging_changes_neither_the_detection_nor_the_study_that_was_judged():
    study = a_study(detections=[a_detection()])

    judged = study.judged(0, Verdict.REJECTED)

    assert study.findings[0].verdict is Verdict.UNREVIEWED
    assert judged.findings[0].detection == study.findings[0].detection


def test_no_repr_names_the_patient():
    said = repr(PATIENT) + repr(replace(captured(), patient=PATIENT)) + f"{PATIENT}"

    assert not any(word in said for word in ("P-77", "Amina", "1990", "'F'"))


def test_only_a_signed_study_is_amended_and_only_for_a_reason():
    study = captured()
    with pytest.raises(StepRefusedError, match="not signed"):
        study.amended("The other hand.", "Dr Test", NOON)

    signed = replace(study, signature=SIGNATURE)
    with pytest.raises(StepRefusedError, match="reason"):
        signed.amended("  ", "Dr Test", NOON)
