"""A picture that names its patient goes into that patient's study, and into no other."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from edge_app.domain.patient import PatientRef
from edge_app.ui.live_feed import FeedState
from edge_app.ui.study_flow import Step
from tests.peers.dicom_patients import Sent, needs_modality, pixels_of
from tests.ui.received_bench import ReceivedBench, a_clinic

pytestmark = needs_modality
OF_AMINA, OF_BAO = Sent("P-1", "Test^Amina"), Sent("P-2", "Test^Bao")


@pytest.fixture
def clinic(qtbot: QtBot, tmp_path: Path) -> Iterator[ReceivedBench]:
    with a_clinic(qtbot, tmp_path) as bench:
        yield bench


def kept(clinic: ReceivedBench) -> list[np.ndarray]:
    study = clinic.store.study(clinic.window.flow.study.study_id)
    return [clinic.store.pixels(study, image.image_id).pixels for image in study.images]


def test_the_patients_picture_is_captured_and_anothers_waits_for_its_own_study(
    clinic: ReceivedBench,
) -> None:
    clinic.opens_study("P-1", "Amina Test")
    clinic.sent(OF_BAO, OF_AMINA)
    clinic.captures()
    assert [np.array_equal(kept(clinic)[0], pixels_of(2)), len(kept(clinic))] == [True, 1]

    clinic.window.findings_page.another.click()
    page = clinic.window.capture_page
    clinic.says("This picture is another patient's")
    assert "Test Bao" in page.coach.text()
    assert "P-2" in page.coach.text()
    assert "It stays safe in the receiver" in page.detail.text()
    assert page.view.image is None
    assert page.view.cover == "Another patient's picture"
    assert not page.leave_out.isVisible()
    assert clinic.tries_to_capture() == 1
    page.leave_for_later.click()
    clinic.says("Nothing has been sent for this patient so far.")

    clinic.next_patient()
    clinic.sent(OF_AMINA)  # nobody is there, and it is answered
    clinic.opens_study("P-2", "Bao Test")
    clinic.captures()
    assert [np.array_equal(kept(clinic)[0], pixels_of(1)), len(kept(clinic))] == [True, 1]


def test_a_picture_that_nobody_decided_on_comes_again_to_its_patient_and_a_taken_one_does_not(
    clinic: ReceivedBench,
) -> None:
    clinic.opens_study("P-1")
    clinic.sent(OF_AMINA)
    clinic.until(clinic.window.footer.primary.isEnabled)
    clinic.next_patient()
    clinic.opens_study("P-2")
    clinic.says("another patient's")
    clinic.next_patient()
    assert "Amina" not in "".join(each.text() for each in clinic.window.findChildren(QLabel))
    clinic.opens_study("P-1")
    clinic.captures()
    assert np.array_equal(kept(clinic)[0], pixels_of(1))

    clinic.next_patient()
    clinic.opens_study("P-1")
    clinic.says("Nothing has been sent for this patient so far.")


def test_a_name_makes_no_picture_fit_whatever_its_identifier(clinic: ReceivedBench) -> None:
    clinic.opens_study("P-1", "Amina Test")
    clinic.sent(Sent("P-9", "Test^Amina"), Sent("", "Test^Amina"))
    clinic.says("another patient's")
    assert clinic.tries_to_capture() == 0
    clinic.window.capture_page.leave_for_later.click()
    clinic.says("does not say whose it is")

    assert clinic.tries_to_capture() == 0
    assert clinic.window.capture_page.leave_for_later.text() == "Leave it in the receiver"


def test_a_study_without_a_patient_takes_it_only_once_somebody_said_who_it_is(
    clinic: ReceivedBench,
) -> None:
    clinic.opens_study("")
    clinic.sent(OF_AMINA)
    clinic.says("This study has no patient yet")
    assert clinic.tries_to_capture() == 0
    clinic.window.flow.go(Step.PATIENT)
    clinic.opens_study("P-1")
    clinic.captures()

    assert np.array_equal(kept(clinic)[0], pixels_of(1))


def test_a_study_with_a_patients_pictures_cannot_be_said_to_be_anothers(
    clinic: ReceivedBench,
) -> None:
    clinic.opens_study("P-1", "Amina Test")
    clinic.sent(OF_AMINA)
    clinic.captures()
    flow, window = clinic.window.flow, clinic.window
    flow.begin(PatientRef("P-2", "Bao Test"))
    assert "name another patient" in window.sheet.what.text()
    window.sheet.next()
    flow.begin(PatientRef("P-1", "Amina B. Test"))
    clinic.until(lambda: flow.is_settled)

    assert clinic.store.study(flow.study.study_id).patient == PatientRef("P-1", "Amina B. Test")


def test_the_devices_page_shows_no_patients_picture_and_uses_none_up(
    clinic: ReceivedBench,
) -> None:
    window = clinic.window
    window.header.devices_wanted.emit()
    clinic.until(lambda: window.feed.state is FeedState.LIVE)
    clinic.sent(OF_BAO, OF_AMINA)
    clinic.until(window.feed.picture)
    clinic.qtbot.wait(500)
    page = window.devices_page
    assert page.view.image is None
    assert page.view.cover == "Its pictures are shown in their patients' studies only"
    assert not page.test_shot.isEnabled()
    page.act()

    clinic.opens_study("P-1")
    clinic.captures()
    assert np.array_equal(kept(clinic)[0], pixels_of(2))
    clinic.window.findings_page.another.click()
    clinic.says("another patient's")


def test_another_name_under_the_right_identifier_is_shown_and_another_issuer_is_refused(
    clinic: ReceivedBench,
) -> None:
    clinic.opens_study("P-1", "Amina Test")
    clinic.sent(Sent("P-1", "Test^Amina", "NORTH"))
    clinic.captures()
    clinic.window.findings_page.another.click()
    clinic.sent(Sent("P-1", "Rossi^<b>Maria</b>", birth_date="19700101"))
    clinic.says("The identifier is right, but the picture says")

    coach = clinic.window.capture_page.coach
    assert "Rossi <b>Maria</b>" in coach.text()
    assert coach.textFormat() is Qt.TextFormat.PlainText
    assert "1 Jan 1970" in coach.text()
    clinic.captures()
    assert len(kept(clinic)) == 2

    clinic.window.findings_page.another.click()
    clinic.sent(Sent("P-1", "Test^Amina", "SOUTH"))  # the number of another issuer
    clinic.says("another patient's")
    assert clinic.tries_to_capture() == 2


def test_pictures_of_one_examination_that_name_two_patients_are_both_told_and_none_is_taken(
    clinic: ReceivedBench,
) -> None:
    clinic.opens_study("P-3")
    clinic.sent(Sent("P-1", study_uid="1.2.3.4"), Sent("P-2", study_uid="1.2.3.4"))
    clinic.next_patient()
    clinic.opens_study("P-1")
    for _ in range(2):
        clinic.says("Pictures of one examination name different patients.")
        assert clinic.tries_to_capture() == 0
        clinic.window.capture_page.leave_for_later.click()

    clinic.says("Nothing has been sent for this patient so far.")


def test_a_contradiction_that_comes_after_the_capture_stops_the_signing(
    clinic: ReceivedBench,
) -> None:
    clinic.opens_study("P-1")
    clinic.sent(Sent("P-1", study_uid="1.2.3.4"))
    clinic.captures()
    assert not clinic.window.flow.whose.doubtful
    clinic.window.findings_page.another.click()
    clinic.sent(Sent("P-2", study_uid="1.2.3.4"))
    clinic.says("Pictures of one examination name different patients.")
    clinic.window.flow.go(Step.REVIEW)

    words = "Another picture of its examination names another patient. Whose is it?"
    assert clinic.window.findings_page.detail.text() == words
    assert any("names another patient too" in r for r in clinic.window.sign_page.reasons())
    clinic.window.findings_page.mine.click()
    assert not any("another patient" in r for r in clinic.window.sign_page.reasons())
