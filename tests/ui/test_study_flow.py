"""What the state behind the pages promises, without a window."""

from collections import deque
from collections.abc import Callable

import pytest

from edge_app.domain.error import NotSavedError
from edge_app.domain.outbox import JobState, Problem
from edge_app.domain.patient import PatientRef
from edge_app.domain.reading import Outcome, QualityIssue
from edge_app.domain.study import Verdict
from edge_app.ui.lanes import Answer, Lane, Ticket
from edge_app.ui.parts import KioskParts
from edge_app.ui.study_flow import Step, StudyFlow
from tests.fakes import (
    FakeClock,
    FakeDetector,
    FakeOutbox,
    FakeStore,
    a_detection,
    a_failed_reading,
    an_image,
    some_pixels,
)


class HandRunner:
    """Does nothing until it is told to, and then in order."""

    def __init__(self) -> None:
        self.waiting = deque()
        self.lanes = []

    def submit(
        self,
        lane: Lane,
        work: Callable[[], Answer],
        done: Callable[[Answer], None],
        failed: Callable[[Exception], None],
    ) -> Ticket:
        ticket = Ticket(0)
        self.lanes.append(lane)
        self.waiting.append((work, done, failed, ticket))
        return ticket

    def run_one(self) -> None:
        work, done, failed, ticket = self.waiting.popleft()
        try:
            answer = work()
        except Exception as error:  # noqa: BLE001  as the real runner does
            failed(error)
            return
        if not ticket.is_dropped:
            done(answer)

    def run(self) -> None:
        while self.waiting:
            self.run_one()


class Desk:
    def __init__(self, detector: FakeDetector | None) -> None:
        self.runner, self.errors, self.store = HandRunner(), [], FakeStore()
        self.detector, self.outbox = detector, FakeOutbox(self.store)
        self.clock = FakeClock()
        parts = KioskParts((), detector, "CPU", self.store, self.outbox, self.clock)
        self.flow = StudyFlow(parts, self.runner, lambda: None, self.errors.append)

    def to_review(self) -> None:
        self.flow.begin(PatientRef("P-1"))
        self.runner.run()
        self.flow.capture(an_image())
        self.runner.run()


@pytest.fixture
def desk() -> Desk:
    return Desk(FakeDetector([a_detection(), a_detection("white-cell", 0.4)]))


def test_an_image_is_saved_only_after_the_store_returned(desk: Desk) -> None:
    desk.flow.begin(PatientRef("P-1"))
    desk.runner.run()
    desk.flow.capture(an_image())

    assert not desk.flow.is_saved
    desk.runner.run_one()
    assert desk.flow.is_saved


def test_a_refused_image_is_never_called_saved_and_can_be_captured_again(desk: Desk) -> None:
    desk.flow.begin(PatientRef("P-1"))
    desk.runner.run()
    desk.store.is_full = True
    desk.flow.capture(an_image())
    desk.runner.run()

    assert (desk.flow.is_saved, desk.flow.step, len(desk.errors)) == (False, Step.CAPTURE, 1)
    desk.store.is_full = False
    desk.flow.capture(an_image())
    desk.runner.run()
    assert desk.flow.is_saved


def test_a_second_press_while_an_image_is_being_kept_changes_nothing(desk: Desk) -> None:
    desk.flow.begin(PatientRef("P-1"))
    desk.runner.run()
    desk.flow.capture(an_image())
    desk.flow.capture(an_image())
    desk.runner.run()

    assert len(desk.flow.study.images) == 1


def test_a_verdict_shows_at_once_and_reaches_the_store(desk: Desk) -> None:
    desk.to_review()
    desk.flow.judge([0], Verdict.ACCEPTED)

    assert desk.flow.study.findings[0].verdict is Verdict.ACCEPTED
    desk.runner.run()
    kept = desk.store.kept[desk.flow.study.study_id]
    assert kept.findings[0].verdict is Verdict.ACCEPTED


def test_verdicts_given_faster_than_the_disk_are_all_kept(desk: Desk) -> None:
    desk.to_review()
    desk.flow.judge([0], Verdict.ACCEPTED)
    desk.flow.judge([1], Verdict.REJECTED)
    desk.flow.judge([0], Verdict.REJECTED)
    desk.runner.run()

    kept = desk.store.kept[desk.flow.study.study_id]
    assert [f.verdict for f in kept.findings] == [Verdict.REJECTED, Verdict.REJECTED]
    assert desk.errors == []


def test_one_undo_takes_back_all_that_one_touch_judged(desk: Desk) -> None:
    desk.to_review()
    desk.flow.judge([0], Verdict.REJECTED)
    desk.flow.judge([0, 1], Verdict.ACCEPTED)
    desk.flow.undo()
    desk.runner.run()

    verdicts = [f.verdict for f in desk.flow.study.findings]
    assert verdicts == [Verdict.REJECTED, Verdict.UNREVIEWED]


def test_a_verdict_that_was_not_kept_is_not_shown_any_more(desk: Desk) -> None:
    desk.to_review()
    desk.store.is_full = True
    desk.flow.judge([0], Verdict.ACCEPTED)
    desk.runner.run()

    assert desk.flow.study.findings[0].verdict is Verdict.UNREVIEWED
    assert len(desk.errors) == 1


def test_a_study_changed_elsewhere_is_read_again(desk: Desk) -> None:
    desk.to_review()
    study_id = desk.flow.study.study_id
    desk.store.save(desk.store.study(study_id), "elsewhere")
    desk.flow.judge([0], Verdict.ACCEPTED)
    desk.runner.run()
    desk.flow.judge([0], Verdict.ACCEPTED)
    desk.runner.run()

    assert desk.store.study(study_id).findings[0].verdict is Verdict.ACCEPTED


def test_a_failed_reading_leaves_the_image_saved_and_not_analysed(desk: Desk) -> None:
    desk.detector.error = a_failed_reading()
    desk.to_review()

    assert desk.flow.is_saved
    assert desk.flow.reading.outcome is Outcome.NOT_ANALYSED


def test_a_bug_in_the_detector_is_told_and_is_never_no_finding(desk: Desk) -> None:
    desk.detector.error = ZeroDivisionError()
    desk.to_review()

    assert desk.flow.reading.outcome is Outcome.NOT_ANALYSED
    assert isinstance(desk.errors[0], ZeroDivisionError)


def test_capturing_works_without_a_detector() -> None:
    desk = Desk(None)
    desk.to_review()

    assert desk.flow.is_saved
    assert desk.flow.step is Step.REVIEW


def test_a_picture_can_be_taken_while_the_one_before_is_read(desk: Desk) -> None:
    desk.flow.begin(PatientRef("P-1"))
    desk.runner.run()
    desk.flow.capture(an_image())
    desk.runner.run_one()
    desk.flow.go(Step.CAPTURE)
    desk.flow.capture(an_image(some_pixels(shift=9)))
    desk.runner.run()

    assert [len(desk.flow.study.readings), desk.flow.step] == [2, Step.REVIEW]


def test_a_retaken_image_takes_its_findings_along(desk: Desk) -> None:
    desk.to_review()
    desk.flow.retake()
    desk.runner.run()

    assert (desk.flow.study.images, desk.flow.study.findings) == ((), ())
    assert desk.flow.step is Step.CAPTURE


def test_late_reading_of_the_previous_patient_is_dropped(desk: Desk) -> None:
    desk.flow.begin(PatientRef("P-1"))
    desk.runner.run()
    desk.flow.capture(an_image())
    desk.runner.run_one()
    desk.flow.next_patient()
    desk.flow.begin(PatientRef("P-2"))
    desk.runner.waiting.rotate(-1)
    desk.runner.run()

    assert desk.errors == []
    assert desk.flow.study.patient.identifier == "P-2"
    assert (desk.flow.reading, desk.flow.image, desk.flow.study.findings) == (None, None, ())
    assert desk.flow.step is Step.CAPTURE


def test_changes_still_under_way_are_kept_when_the_next_patient_comes(desk: Desk) -> None:
    desk.to_review()
    study_id = desk.flow.study.study_id
    desk.flow.judge([0], Verdict.ACCEPTED)
    desk.flow.judge([1], Verdict.REJECTED)
    desk.flow.next_patient()
    desk.runner.run()

    verdicts = [f.verdict for f in desk.store.study(study_id).findings]
    assert verdicts == [Verdict.ACCEPTED, Verdict.REJECTED]


def test_signing_is_refused_by_the_study_while_something_is_open(desk: Desk) -> None:
    desk.to_review()
    desk.flow.sign("B. Signer")
    desk.runner.run()

    assert not desk.flow.is_signed
    assert desk.errors[0].code == "STU-001"


def test_a_report_that_failed_can_be_written_again(desk: Desk) -> None:
    desk.to_review()
    desk.flow.judge([0, 1], Verdict.ACCEPTED)
    desk.outbox.problem = Problem.FULL
    desk.flow.sign("B. Signer")
    desk.runner.run()

    assert desk.flow.is_signed
    waiting = desk.flow.outbox.report_of(desk.flow.study)
    assert (waiting.state, waiting.problem) == (JobState.WAITING, Problem.FULL)
    desk.outbox.problem = Problem.NONE
    desk.flow.outbox.retry([waiting])
    desk.runner.run()
    assert desk.flow.outbox.report_of(desk.flow.study).state is JobState.SENT
    assert [study.study_id for study in desk.outbox.sent] == [desk.flow.study.study_id]


def test_reading_by_eye_closes_what_the_detector_cannot_say(desk: Desk) -> None:
    desk.detector.issue = QualityIssue.BLURRED
    desk.to_review()
    assert desk.flow.study.open_points()
    desk.flow.read_by_eye()
    desk.runner.run()

    assert desk.flow.study.open_points() == ()


def test_a_patient_added_later_is_kept_with_the_study(desk: Desk) -> None:
    desk.flow.begin(PatientRef(""))
    desk.runner.run()
    desk.flow.begin(PatientRef("P-9", "Late Name"))
    desk.runner.run()

    assert [s.patient.identifier for s in desk.store.kept.values()] == ["P-9"]


def test_the_detector_runs_in_its_own_lane_between_two_of_the_store(desk: Desk) -> None:
    desk.to_review()

    assert desk.runner.lanes == [Lane.STORE, Lane.STORE, Lane.DETECT, Lane.STORE]


def test_what_stays_wrong_with_the_outbox_is_told_once_and_work_goes_on(desk: Desk) -> None:
    desk.outbox.error = NotSavedError("The disk is full.", "Call the technician.")
    for _ in range(3):
        desk.clock.pass_s(61)
        desk.flow.outbox.work_if_due()
        desk.runner.run()
    assert [error.what for error in desk.errors] == ["The disk is full."]

    desk.outbox.error = None
    desk.clock.pass_s(61)
    desk.flow.outbox.work_if_due()
    desk.runner.run()
    desk.outbox.error = NotSavedError("The disk is full.", "Call the technician.")
    desk.clock.pass_s(61)
    desk.flow.outbox.work_if_due()
    desk.runner.run()
    assert len(desk.errors) == 2


def test_an_account_that_may_not_use_the_outbox_has_none(desk: Desk) -> None:
    flow = StudyFlow(
        KioskParts((), None, "", desk.store, None, desk.clock),
        desk.runner,
        lambda: None,
        desk.errors.append,
    )

    flow.outbox.work()

    assert not desk.runner.waiting
    assert flow.outbox.unsent == ()
