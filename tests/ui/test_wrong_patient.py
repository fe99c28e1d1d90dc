"""A picture goes to the patient who is there: when nobody can be sure, a person says who it is."""

from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt

from edge_app.domain.image import CapturedImage
from edge_app.domain.study import Verdict
from edge_app.ui.study_flow import Activity, Step
from tests.fakes import an_image, some_pixels
from tests.ui.window_bench import WindowBench

FIVE_MINUTES_AND_MORE = 301


def wait_for_the_question(bench: WindowBench) -> None:
    bench.clock.pass_s(FIVE_MINUTES_AND_MORE)
    bench.until(lambda: "Is this still the same patient" in bench.said())


def shoot(bench: WindowBench, image: CapturedImage) -> None:
    bench.window.flow.capture(image)
    bench.until(lambda: bench.window.flow.step is Step.REVIEW)
    bench.until(lambda: bench.window.flow.activity is Activity.NONE)


def next_patient_after(bench: WindowBench) -> CapturedImage:
    """Return the last picture of the patient before."""
    bench.to_review()
    last = bench.window.flow.image
    bench.window.flow.next_patient()
    bench.to_capture("P-2", "Bao Test")
    return last


def test_after_five_minutes_alone_the_window_asks_by_name_and_takes_no_picture(
    bench: WindowBench,
) -> None:
    bench.to_capture()
    wait_for_the_question(bench)

    assert "Amina Test" in bench.window.capture_page.coach.text()
    assert not bench.window.footer.primary.isEnabled()
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_Space)
    assert not bench.window.flow.study.images
    assert bench.window.flow.step is Step.CAPTURE


def test_touching_the_screen_is_no_answer(bench: WindowBench) -> None:
    bench.to_capture()
    bench.clock.pass_s(FIVE_MINUTES_AND_MORE)
    bench.qtbot.mouseClick(bench.window.capture_page.view, Qt.MouseButton.LeftButton)
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_Space)

    bench.until(lambda: "Is this still the same patient" in bench.said())
    assert not bench.window.flow.study.images


def test_who_keeps_working_is_not_asked(bench: WindowBench) -> None:
    bench.to_capture()
    for _ in range(3):
        bench.clock.pass_s(200)
        bench.qtbot.mouseClick(bench.window.capture_page.view, Qt.MouseButton.LeftButton)

    assert bench.window.flow.doubt is None


def test_the_answer_yes_goes_on_with_the_same_study(bench: WindowBench) -> None:
    bench.to_capture()
    study_id = bench.window.flow.study.study_id
    wait_for_the_question(bench)
    bench.window.capture_page.same_patient.click()

    bench.until(bench.window.footer.primary.isEnabled)
    bench.window.footer.primary.click()
    bench.until(lambda: bench.window.flow.step is Step.REVIEW)
    assert bench.window.flow.study.study_id == study_id
    assert not bench.window.capture_page.same_patient.isVisible()


def test_the_answer_no_leads_to_the_next_patient_and_shows_nothing_of_the_former(
    bench: WindowBench,
) -> None:
    bench.to_capture()
    wait_for_the_question(bench)
    bench.window.capture_page.next_patient.click()

    assert bench.window.flow.step is Step.PATIENT
    assert "Amina" not in bench.said()
    assert len(bench.store.kept) == 1


def test_another_device_asks_before_its_first_picture(bench: WindowBench) -> None:
    bench.to_capture()
    bench.window.flow.whose.device_changed()

    bench.until(lambda: "The device was changed." in bench.said())
    assert not bench.window.footer.primary.isEnabled()


def test_a_picture_that_looks_like_the_patient_before_stops_the_signing(
    bench: WindowBench,
) -> None:
    last = next_patient_after(bench)
    shoot(bench, replace(last, sequence=last.sequence + 100))
    flow, sign = bench.window.flow, bench.window.sign_page

    assert "It looks like the last picture of the patient before." in bench.said()
    flow.judge(range(len(flow.study.findings)), Verdict.ACCEPTED)
    flow.go(Step.SIGN)
    sign.signer.setText("B. Signer")
    bench.until(lambda: flow.is_settled)
    assert any("patient before" in reason for reason in sign.reasons())
    assert not bench.window.footer.primary.isEnabled()
    flow.sign("B. Signer")
    assert not flow.is_signed
    assert flow.activity is Activity.NONE


def test_a_person_may_say_that_it_is_of_this_patient(bench: WindowBench) -> None:
    last = next_patient_after(bench)
    shoot(bench, replace(last, sequence=last.sequence + 100))
    page = bench.window.findings_page
    assert page.mine.isVisible()
    page.mine.click()

    assert not page.mine.isVisible()
    assert not any("patient before" in r for r in bench.window.sign_page.reasons())


def test_a_picture_taken_again_is_doubted_no_more(bench: WindowBench) -> None:
    last = next_patient_after(bench)
    shoot(bench, replace(last, sequence=last.sequence + 100))
    bench.window.flow.retake()
    bench.until(lambda: bench.window.flow.step is Step.CAPTURE and bench.window.flow.is_settled)
    shoot(bench, an_image(pixels=some_pixels(shift=17)))

    assert not bench.window.flow.whose.doubtful
    assert not bench.window.findings_page.mine.isVisible()


@pytest.mark.parametrize("shift", [9, 17, 30])
def test_another_field_is_not_taken_for_the_patient_before(bench: WindowBench, shift: int) -> None:
    last = next_patient_after(bench)
    height, width = last.pixels.shape[:2]
    shoot(bench, an_image(pixels=some_pixels(width, height, shift)))

    assert not bench.window.flow.whose.doubtful
