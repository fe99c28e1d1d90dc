"""What waits is told with its reason, tried again and cancelled; of whom only to who may know."""

from edge_app.domain.outbox import CancelReason, JobState, Problem
from edge_app.domain.study import Verdict
from edge_app.ui.outbox_page import OutboxPage
from edge_app.ui.study_flow import Step
from tests.ui.window_bench import WindowBench


def sign_and_show(bench: WindowBench) -> OutboxPage:
    """Sign a study whose report cannot be written, and go to what waits."""
    window = bench.window
    bench.outbox.problem = Problem.FULL
    bench.to_review()
    study = window.flow.study
    assert study is not None
    window.flow.judge(range(len(study.findings)), Verdict.ACCEPTED)
    window.flow.go(Step.SIGN)
    window.sign_page.signer.setText("B. Signer")
    bench.until(window.footer.primary.isEnabled)
    window.footer.primary.click()
    bench.until(lambda: window.flow.outbox.troubled)
    page = window.behind_more.outbox
    assert page is not None
    window._step_aside(page)
    bench.until(lambda: page.rows)
    return page


def test_a_job_is_told_with_whose_it_is_since_when_why_and_how_often_it_was_tried(bench) -> None:
    page = sign_and_show(bench)

    (row,) = page.rows
    assert "Amina Test" in row.text()
    said = page.details.text()
    for words in ("Report, kept on this device", "Amina Test", "2 Mar 2026", "OUT-003"):
        assert words in said
    assert "Tried 1 time." in said


def test_whoever_may_not_see_studies_reads_a_number_and_no_name(bench) -> None:
    bench.outbox.tells_whose = False
    page = sign_and_show(bench)

    shown = page.rows[0].text() + page.details.text() + page.rows[0].accessibleName()
    assert bench.outbox.unsent()[0].study_id in shown
    assert "Amina" not in shown
    assert "P-1" not in shown


def test_trying_again_sends_what_can_be_sent_now(bench) -> None:
    page = sign_and_show(bench)
    bench.outbox.problem = Problem.NONE

    page.again.click()

    bench.until(lambda: not page.rows)
    assert page.said.text() == "Nothing waits. Everything was sent."
    assert [j.state for j in bench.outbox.jobs()] == [JobState.SENT]


def test_a_job_is_cancelled_only_for_a_reason(bench) -> None:
    page = sign_and_show(bench)
    (job,) = bench.outbox.unsent()

    page.reasons[CancelReason.OTHER_WAY].click()

    bench.until(lambda: not page.rows)
    assert bench.outbox.cancelled == {job.key: CancelReason.OTHER_WAY}


def test_nobody_is_named_any_more_once_the_page_is_left(bench) -> None:
    page = sign_and_show(bench)

    page.left.emit()

    assert bench.window.page is bench.window.behind_more.more
    assert page.rows == []
    assert page.details.text() == ""


def test_the_page_follows_what_the_outbox_does_by_itself(bench) -> None:
    page = sign_and_show(bench)
    bench.outbox.problem = Problem.NONE
    bench.outbox.let_wait_pass()

    bench.window.flow.outbox.work()

    bench.until(lambda: not page.rows)
