"""An earlier picture of the same patient beside the present one: never of anybody else."""

from datetime import timedelta

import pytest

from edge_app.domain.error import StudyDamagedError
from edge_app.domain.geometry import Box
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study, Verdict
from edge_app.ui.earlier_panel import EarlierPanel
from edge_app.ui.reading_view import Tool
from edge_app.workflow import examine
from edge_app.workflow.follow import earlier_of_the_same_patient
from tests.fakes import (
    FakeClock,
    FakeDetector,
    FakeStore,
    a_detection,
    a_reading,
    an_image,
    some_pixels,
)
from tests.ui.window_bench import WindowBench

AMINA, BARAKA = PatientRef("P-1", "Amina Test"), PatientRef("P-2", "Baraka Test")
WEEK_S = timedelta(days=7).total_seconds()


@pytest.fixture
def detector() -> FakeDetector:
    return FakeDetector([a_detection()])


def kept(store: FakeStore, patient: PatientRef, weeks_ago: int, *, is_signed: bool = True) -> Study:
    """Keep a study of one picture with two findings, of which the second was rejected."""
    clock = FakeClock()
    clock.pass_s(-weeks_ago * WEEK_S)
    image = an_image(some_pixels(shift=weeks_ago), sequence=weeks_ago)
    study = examine.keep(store, examine.begin(store, clock, patient), image)
    found = [a_detection(), a_detection("platelet", 0.4, Box(30, 30, 40, 40))]
    study = examine.keep_reading(store, study, study.images[0].image_id, a_reading(image, found))
    study = examine.judge(store, study, 0, Verdict.ACCEPTED)
    study = examine.judge(store, study, 1, Verdict.REJECTED)
    return examine.sign(store, clock, study, "Dr Test") if is_signed else study


def compare(bench: WindowBench) -> EarlierPanel:
    page = bench.window.findings_page
    page.tools.earlier.click()
    panel = page.bench.earlier
    bench.until(lambda: panel.said.text() != "Looking")
    return panel


def test_only_earlier_studies_of_that_patient_come_the_last_one_first() -> None:
    store = FakeStore()
    first, second = kept(store, AMINA, 3), kept(store, AMINA, 2)
    kept(store, BARAKA, 1)
    this = kept(store, AMINA, 1, is_signed=False)
    kept(store, AMINA, 0)

    found = earlier_of_the_same_patient(store, this.study_id)

    assert [s.study_id for s in found] == [second.study_id, first.study_id]


def test_an_earlier_picture_stands_beside_the_present_one_and_says_of_when_it_is(
    bench: WindowBench,
) -> None:
    earlier = kept(bench.store, AMINA, 2)
    kept(bench.store, BARAKA, 1)
    bench.to_review()
    panel = compare(bench)
    (choice,) = panel.choices
    found = "Found: red cell 1, platelet 1."
    assert choice.text() == f"16 Feb 2026, picture 1 of 1\n{found}"
    choice.click()
    bench.until(lambda: panel.is_comparing)

    assert panel.earlier.isVisible()
    assert panel.earlier.image.hash == earlier.images[0].hash
    assert panel.earlier.caption == "EARLIER: 16 Feb 2026"
    assert bench.window.findings_page.view.caption == "PRESENT"
    assert [m.verdict for m in panel.earlier.marks] == [Verdict.ACCEPTED]
    assert bench.window.findings_page.view.image is bench.window.flow.image


def test_a_study_that_nobody_signed_says_so_on_its_picture(bench: WindowBench) -> None:
    kept(bench.store, AMINA, 1, is_signed=False)
    bench.to_review()
    panel = compare(bench)
    panel.choices[0].click()
    bench.until(lambda: panel.is_comparing)

    assert panel.earlier.caption.startswith("EARLIER, not signed: ")


def test_the_findings_are_reviewed_while_both_are_seen_and_a_touch_ends_it(
    bench: WindowBench,
) -> None:
    kept(bench.store, AMINA, 1)
    bench.to_review()
    page = bench.window.findings_page
    panel = compare(bench)
    panel.choices[0].click()
    bench.until(lambda: panel.is_comparing)
    panel.leave.click()
    assert page.side.in_use is Tool.LOOK
    page.list.lines[0].accept.click()
    bench.until(lambda: bench.window.flow.is_settled)
    assert panel.is_comparing
    assert page.tools.earlier.isChecked()

    page.tools.earlier.click()

    assert not panel.is_comparing
    assert panel.earlier.image is None
    assert page.view.caption == ""


def test_without_an_earlier_picture_it_says_so(bench: WindowBench) -> None:
    bench.to_review()

    assert compare(bench).said.text() == "There is no earlier picture of this patient."


def test_a_study_that_turns_out_to_be_of_another_patient_is_compared_no_more(
    bench: WindowBench,
) -> None:
    kept(bench.store, AMINA, 1)
    bench.to_review()
    panel = compare(bench)
    panel.choices[0].click()
    bench.until(lambda: panel.is_comparing)
    bench.window.flow.begin(BARAKA)
    bench.until(lambda: bench.window.flow.is_settled)

    assert not panel.is_comparing
    assert panel.choices == []


def test_nothing_of_an_earlier_picture_stays_for_the_next_patient(bench: WindowBench) -> None:
    kept(bench.store, AMINA, 1)
    bench.to_review()
    panel = compare(bench)
    panel.choices[0].click()
    bench.until(lambda: panel.is_comparing)
    bench.window.flow.next_patient()

    assert panel.earlier.image is None
    assert (panel.earlier.caption, panel.earlier.marks, panel.choices) == ("", (), [])


def test_an_earlier_picture_that_is_damaged_is_told_and_not_shown(
    bench: WindowBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(bench.store, AMINA, 1)
    bench.to_review()

    def damaged(*_: object) -> None:
        raise StudyDamagedError("A saved image is damaged.", "Restore the study from a backup.")

    monkeypatch.setattr(bench.store, "pixels", damaged)
    panel = compare(bench)
    panel.choices[0].click()
    bench.until(bench.window.sheet.isVisible)

    assert not panel.is_comparing
    assert panel.said.text() == "The earlier pictures could not be read."
