"""A patient's counts over time: a curve, the same in words, and nothing left of either."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Verdict
from edge_app.ui.study_flow import Step
from edge_app.workflow import examine
from edge_app.workflow.follow import studies_of_the_same_patient
from tests.fakes import FakeClock, a_detection, a_reading, an_image, some_pixels
from tests.ui.window_bench import WindowBench

Follow = Callable[..., None]


@pytest.fixture
def follow(bench: WindowBench) -> Follow:
    """Return what keeps signed studies of one patient, a week apart, with so many platelets."""

    def kept(*counts: int) -> None:
        clock, study = FakeClock(), None
        for count in counts:
            image = an_image(some_pixels(shift=count))
            study = examine.begin(bench.store, clock, PatientRef("P-1", "Amina Test"))
            study = examine.keep(bench.store, study, image)
            said = a_reading(image, [a_detection("platelet")] * count)
            study = examine.keep_reading(bench.store, study, study.images[0].image_id, said)
            for index in range(count):
                study = examine.judge(bench.store, study, index, Verdict.ACCEPTED)
            study = examine.sign(bench.store, clock, study, "Dr Test")
            clock.pass_s(timedelta(days=7).total_seconds())
        bench.window.flow.open_study(study.study_id)
        bench.until(lambda: bench.window.flow.step is Step.SIGN and bench.window.flow.study)
        bench.window.sign_page.history.click()
        bench.until(lambda: bench.window.history_page.choices)
        names = [c.text() for c in bench.window.history_page.choices]
        bench.window.history_page.choices[names.index("platelet")].click()

    return kept


def test_a_curve_and_the_same_counts_in_words(bench: WindowBench, follow: Follow) -> None:
    follow(5, 12, 30)
    page = bench.window.history_page

    assert page.curve
    assert page.curve.accessibleName()
    assert "5 in 1 pictures" in page.said.text()
    assert "30 in 1 pictures" in page.said.text()
    assert "More than at the visit before." in page.said.text()


def test_a_threshold_gets_a_day_and_the_words_that_it_promises_nothing(
    bench: WindowBench, follow: Follow
) -> None:
    follow(10, 20, 31)
    page = bench.window.history_page

    page.threshold.type("5")
    page.threshold.type("0")

    assert "the threshold is reached on" in page.said.text()
    assert "knows nothing of the disease" in page.said.text()


def test_one_visit_makes_no_curve(bench: WindowBench, follow: Follow) -> None:
    follow(5)

    assert bench.window.history_page.curve is None
    assert "two signed studies" in bench.window.history_page.said.text()


def test_nothing_of_the_patient_stays_when_the_page_is_left(
    bench: WindowBench, follow: Follow
) -> None:
    follow(5, 12, 30)

    bench.window.footer.primary.click()

    page = bench.window.history_page
    assert (page.curve, page.choices, page.said.text()) == (None, [], "")
    assert bench.window.flow.step is Step.SIGN


def test_a_study_that_is_being_amended_counts_as_it_was_signed(bench: WindowBench) -> None:
    image = an_image(some_pixels(shift=3))
    study = examine.begin(bench.store, FakeClock(), PatientRef("P-1", "Amina Test"))
    study = examine.keep(bench.store, study, image)
    said = a_reading(image, [a_detection("platelet")])
    study = examine.keep_reading(bench.store, study, study.images[0].image_id, said)
    study = examine.judge(bench.store, study, 0, Verdict.ACCEPTED)
    signed = examine.sign(bench.store, FakeClock(), study, "Dr Test")
    study = examine.amend(bench.store, FakeClock(), signed, "Dr Test", "The other hand.")
    examine.judge(bench.store, study, 0, Verdict.REJECTED)

    assert studies_of_the_same_patient(bench.store, study.study_id) == [signed]
