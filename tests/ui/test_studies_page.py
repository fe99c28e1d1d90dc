"""Studies that were kept are found again, opened, gone on with, and amended."""

from collections.abc import Callable

import pytest

from edge_app.domain.outbox import Problem
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study, StudyState, Verdict
from edge_app.ui.study_flow import Step
from edge_app.workflow import examine
from tests.fakes import FakeClock, a_detection, a_reading, an_image, some_pixels
from tests.ui.window_bench import WindowBench, is_reported

Keep = Callable[..., Study]


@pytest.fixture
def keep(bench: WindowBench) -> Keep:
    """Return what keeps a study with one image and two findings, as if it were of yesterday."""

    def kept(name: str, *, is_signed: bool = False) -> Study:
        image = an_image(some_pixels(shift=len(bench.store.kept)))
        study = examine.begin(bench.store, FakeClock(), PatientRef(f"P-{name}", name))
        study = examine.keep(bench.store, study, image)
        said = a_reading(image, (a_detection(), a_detection("platelet", 0.4)))
        study = examine.keep_reading(bench.store, study, study.images[0].image_id, said)
        if is_signed:
            for index in range(2):
                study = examine.judge(bench.store, study, index, Verdict.ACCEPTED)
            study = examine.sign(bench.store, FakeClock(), study, "Dr Test")
        return study

    return kept


def shown(bench: WindowBench, n: int) -> list[str]:
    """Go to the studies and return what its rows say, once there are `n`."""
    bench.window.patient_page.studies.click()
    page = bench.window.studies_page
    bench.until(lambda: len(page.rows) == n)
    return [row.text() for row in page.rows]


def opened(bench: WindowBench, place: int) -> None:
    bench.window.studies_page.rows[place].click()
    bench.until(lambda: bench.window.flow.study is not None)


def test_a_study_that_was_put_aside_is_found_and_gone_on_with(bench: WindowBench) -> None:
    bench.to_review()
    aside = bench.window.flow.study
    bench.window.flow.next_patient()

    (row,) = shown(bench, 1)
    opened(bench, 0)

    assert "Amina Test" in row
    assert bench.window.flow.study == aside
    assert bench.window.flow.step is Step.REVIEW
    assert bench.window.flow.image is not None


def test_what_waits_comes_before_what_is_signed_and_says_why(
    bench: WindowBench, keep: Keep
) -> None:
    keep("Waiting")
    keep("Signed", is_signed=True)

    first, second = shown(bench, 2)

    assert "Waiting" in first
    assert "Not signed. Findings: 2" in first
    assert second.endswith("Signed")


def test_a_search_finds_a_part_of_a_name(bench: WindowBench, keep: Keep) -> None:
    for name in ("Amina", "Zebrowska", "Silva"):
        keep(name)
    shown(bench, 3)

    bench.window.studies_page.search.setText("zeb")
    bench.until(lambda: len(bench.window.studies_page.rows) == 1)

    assert "Zebrowska" in bench.window.studies_page.rows[0].text()


def test_who_is_listed_is_gone_when_the_page_is_left(bench: WindowBench, keep: Keep) -> None:
    keep("Zebrowska")
    shown(bench, 1)
    bench.window.studies_page.search.setText("zeb")

    bench.window.footer.primary.click()

    assert bench.window.studies_page.rows == []
    assert bench.window.studies_page.search.text() == ""
    assert "Zebrowska" not in bench.said()


def test_a_picture_that_was_kept_after_a_crash_is_offered_first(
    bench: WindowBench, keep: Keep
) -> None:
    recovered = keep("Recovered")
    keep("Newer")
    bench.window.flow.recovered.add(recovered.study_id)
    bench.window.refresh()

    assert "kept when the program stopped: 1" in bench.said()
    first, _ = shown(bench, 2)
    assert "Recovered" in first
    assert "kept when the program stopped" in first

    opened(bench, 0)
    assert bench.window.flow.recovered == set()


def test_a_signed_study_is_shown_as_signed_and_takes_no_verdict(
    bench: WindowBench, keep: Keep
) -> None:
    signed = keep("Signed", is_signed=True)
    shown(bench, 1)
    opened(bench, 0)

    bench.window.flow.judge([0], Verdict.REJECTED)

    assert bench.window.flow.step is Step.SIGN
    assert "Signed by" in bench.said()
    assert bench.window.flow.study == signed == bench.store.study(signed.study_id)


def test_a_signed_study_is_amended_for_a_reason_and_signed_again(
    bench: WindowBench, keep: Keep
) -> None:
    signed = keep("Signed", is_signed=True)
    shown(bench, 1)
    opened(bench, 0)
    panel = bench.window.sign_page.amend

    assert not panel.reasons[1].isVisible()
    panel.begin.click()
    assert panel.reasons[1].isVisible()
    panel.reasons[1].click()
    flow = bench.window.flow
    bench.until(lambda: flow.step is Step.REVIEW and flow.study.state is StudyState.REVIEWED)
    flow.judge([0], Verdict.REJECTED)
    flow.go(Step.SIGN)
    assert "What was signed stands until this is signed" in bench.said()
    bench.window.sign_page.signer.setText("B. Signer")
    bench.until(bench.window.footer.primary.isEnabled)
    bench.window.footer.primary.click()
    bench.until(lambda: is_reported(bench.window))

    again = bench.store.study(signed.study_id)
    assert [a.reason for a in again.amendments] == ["A finding was judged wrongly"]
    assert bench.store.signed_versions(signed.study_id) == [signed.version, again.version]
    assert [study.version for study in bench.outbox.sent] == [signed.version, again.version]


def test_an_amendment_that_is_left_changes_nothing(bench: WindowBench, keep: Keep) -> None:
    signed = keep("Signed", is_signed=True)
    shown(bench, 1)
    opened(bench, 0)
    panel = bench.window.sign_page.amend
    panel.begin.click()
    panel.words.setText("The other hand")
    panel.words.returnPressed.emit()
    flow = bench.window.flow
    bench.until(lambda: flow.step is Step.REVIEW and not flow.is_signed)
    flow.judge([0], Verdict.REJECTED)
    flow.go(Step.SIGN)

    bench.until(bench.window.sign_page.abandon.isVisible)
    bench.window.sign_page.abandon.click()
    bench.until(lambda: flow.is_signed)

    assert flow.study.findings == signed.findings
    assert flow.study.signature == signed.signature
    bench.until(lambda: "The report is kept with the study, encrypted." in bench.said())
    assert [study.version for study in bench.outbox.sent] == [signed.version]


def test_a_study_that_cannot_be_read_is_told_and_the_window_goes_on(
    bench: WindowBench, keep: Keep
) -> None:
    study = keep("Gone")
    shown(bench, 1)
    del bench.store.kept[study.study_id]

    bench.window.studies_page.rows[0].click()
    bench.until(bench.window.sheet.isVisible)

    assert bench.window.flow.study is None
    bench.window.sheet.close_button.click()
    bench.to_capture()


def test_a_study_under_legal_hold_says_so_and_no_other_does(bench: WindowBench, keep: Keep) -> None:
    keep("Free", is_signed=True)
    bench.store.held.add(keep("Held", is_signed=True).study_id)

    held, free = sorted(shown(bench, 2), key=lambda row: "Held" not in row)

    assert held.endswith("Signed Kept by legal hold.")
    assert free.endswith("Signed")
    accessible = [row.accessibleName() for row in bench.window.studies_page.rows]
    assert sum("Kept by legal hold." in name for name in accessible) == 1


def test_what_is_not_sent_is_said_in_the_header_and_at_its_study_with_its_code(
    bench: WindowBench, keep: Keep
) -> None:
    bench.outbox.problem = Problem.FULL
    keep("Unsent", is_signed=True)
    bench.window.flow.outbox.work()
    bench.until(lambda: bench.window.flow.outbox.troubled == 1)

    assert bench.window.header.storage.text() == "Not sent: 1"
    assert bench.window.header.storage.accessibleName() == "Not sent: 1"
    (row,) = shown(bench, 1)
    assert "Report, kept on this device: Waits to be sent. There is no room left there." in row
    assert "OUT-003" in row
    assert "Not sent yet: 1" in bench.said()
    bench.window.header.storage.click()
    bench.until(bench.window.sheet.isVisible)
    assert "OUT-003" in bench.window.sheet.remedy.text()


def test_a_touch_tries_again_what_was_given_up_and_says_when_it_is_done(
    bench: WindowBench, keep: Keep
) -> None:
    bench.outbox.problem = Problem.OTHER_FILE
    keep("Unsent", is_signed=True)
    bench.window.flow.outbox.work()
    bench.until(lambda: bench.window.flow.outbox.troubled == 1)
    (row,) = shown(bench, 1)
    assert "Given up." in row

    bench.outbox.problem = Problem.NONE
    bench.window.studies_page.again.click()

    bench.until(lambda: bench.window.header.storage.text() == "Storage ready")
    assert not bench.window.studies_page.again.isVisible()
    assert len(bench.outbox.sent) == 1


def test_what_waits_is_tried_again_by_itself_when_its_time_has_come(
    bench: WindowBench, keep: Keep
) -> None:
    bench.outbox.problem = Problem.NOT_THERE
    keep("Unsent", is_signed=True)
    bench.window.flow.outbox.work()
    bench.until(lambda: bench.window.flow.outbox.troubled == 1)
    bench.outbox.problem = Problem.NONE
    bench.window.flow.outbox.work_if_due()
    bench.qtbot.wait(50)
    assert bench.outbox.sent == []

    bench.outbox.let_wait_pass()
    bench.clock.pass_s(6)
    bench.window.flow.outbox.work_if_due()

    bench.until(lambda: len(bench.outbox.sent) == 1)


def test_closing_the_window_stops_what_it_does_again_and_again(bench: WindowBench) -> None:
    bench.window.close()

    assert [timer.isActive() for timer in bench.window._ticking] == [False, False]
