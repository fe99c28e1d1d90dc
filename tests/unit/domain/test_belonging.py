"""A received picture is of the open study's patient by its identifier, and by nothing else."""

from datetime import date

import pytest

from edge_app.domain.belonging import Belonging, Mismatch, is_described_otherwise, mismatch
from edge_app.domain.patient import PatientRef

AMINA = PatientRef("P-1", "Amina Test", date(1990, 5, 1))


def said(identifier: str, name: str = "", issuer: str = "") -> Belonging:
    return Belonging(PatientRef(identifier, name, issuer=issuer))


def test_the_same_identifier_is_the_same_patient_whatever_the_name() -> None:
    assert mismatch(said("P-1"), AMINA) is None
    assert mismatch(said("P-1", "Bao^Other"), AMINA) is None


@pytest.mark.parametrize("other", ["P-2", "p-1", "P-01", "P-1 ", "P1", "P-10"])
def test_an_identifier_is_compared_letter_by_letter(other: str) -> None:
    assert mismatch(said(other, "Amina Test"), AMINA) is Mismatch.OTHER_PATIENT


def test_a_name_and_a_birth_date_never_make_a_picture_fit() -> None:
    nameless = Belonging(PatientRef("", AMINA.name, AMINA.birth_date))

    assert mismatch(nameless, AMINA) is Mismatch.NOBODY
    assert mismatch(nameless, PatientRef("", "Amina Test")) is Mismatch.NOBODY


def test_a_study_without_a_patient_takes_no_received_picture() -> None:
    assert mismatch(said("P-1"), PatientRef("")) is Mismatch.PATIENT_NOT_NAMED


def test_issuers_are_compared_where_both_say_one() -> None:
    ours = PatientRef("P-1", issuer="NORTH")

    assert mismatch(said("P-1", issuer="NORTH"), ours) is None
    assert mismatch(said("P-1", issuer="SOUTH"), ours) is Mismatch.OTHER_PATIENT
    assert mismatch(said("P-1"), ours) is None
    assert mismatch(said("P-1", issuer="SOUTH"), AMINA) is None


def test_a_contested_picture_fits_nobody() -> None:
    contested = Belonging(AMINA, study_uid="1.2.3", is_contested=True)

    assert mismatch(contested, AMINA) is Mismatch.CONTESTED


def test_a_device_that_knows_no_patients_takes_whoever_is_before_it() -> None:
    assert mismatch(None, AMINA) is None
    assert mismatch(None, PatientRef("")) is None


def test_the_order_of_a_name_is_no_difference_and_another_name_is() -> None:
    assert not is_described_otherwise(PatientRef("P-1", "TEST^Amina"), AMINA)
    assert not is_described_otherwise(PatientRef("P-1"), AMINA)
    assert is_described_otherwise(PatientRef("P-1", "Bao Test"), AMINA)
    assert is_described_otherwise(PatientRef("P-1", "Amina Test", date(1991, 5, 1)), AMINA)


def test_nothing_of_a_person_is_in_what_gets_printed() -> None:
    belonging = Belonging(AMINA, "A-77", "1.2.840.4711")

    for secret in ("Amina", "P-1", "A-77", "4711"):
        assert secret not in repr(belonging)
        assert secret not in f"{belonging}"
