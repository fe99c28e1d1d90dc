"""What the head of a DICOM file says of whose it is; what is unclear is not said."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from pydicom import config
from pydicom.dataset import FileDataset

from edge_app.domain.belonging import Belonging
from edge_app.domain.patient import PatientRef
from edge_app.exchange import pictures
from tests.peers.dicom_objects import PLAIN, opened, shipped


@contextmanager
def odd_values() -> Iterator[None]:
    with warnings.catch_warnings(), config.disable_value_validation():
        warnings.simplefilter("ignore")
        yield


def belonging(path: Path) -> Belonging:
    with path.open("rb") as file:
        return pictures.belonging(file)


def written(folder: Path, ds: FileDataset) -> Path:
    path = folder / "object.dcm"
    with odd_values():
        ds.save_as(path)
    return path


@pytest.fixture
def ds() -> FileDataset:
    made = opened(shipped(PLAIN))
    made.PatientID, made.PatientName, made.PatientBirthDate = "P-1", "Test^Amina", "19900501"
    made.PatientSex = "F"
    return made


def test_every_word_of_whose_it_is_is_read(tmp_path: Path, ds: FileDataset) -> None:
    ds.IssuerOfPatientID, ds.AccessionNumber, ds.StudyInstanceUID = "NORTH", "A-7", "1.2.3"
    said = belonging(written(tmp_path, ds))

    assert said.patient == PatientRef("P-1", "Test Amina", date(1990, 5, 1), "F", "NORTH")
    assert (said.accession, said.study_uid, said.is_contested) == ("A-7", "1.2.3", False)


def test_spaces_around_an_identifier_mean_nothing_and_spaces_within_it_do(
    tmp_path: Path, ds: FileDataset
) -> None:
    ds.PatientID = " P  1 "

    assert belonging(written(tmp_path, ds)).patient.identifier == "P  1"


@pytest.mark.parametrize("odd", ["P-1\\P-2", "P" * 65, "P-1\n2", "P\u202e1"])
@pytest.mark.parametrize("where", ["PatientID", "IssuerOfPatientID"])
def test_an_identifier_that_is_not_one_plain_line_is_nobodys(
    tmp_path: Path, ds: FileDataset, where: str, odd: str
) -> None:
    ds.SpecificCharacterSet = "ISO_IR 192"
    with odd_values():
        setattr(ds, where, odd.split("\\") if "\\" in odd else odd)

    assert belonging(written(tmp_path, ds)).patient == PatientRef("")


def test_a_file_without_an_identifier_is_nobodys_although_it_names_somebody(
    tmp_path: Path, ds: FileDataset
) -> None:
    del ds.PatientID

    assert belonging(written(tmp_path, ds)).patient.identifier == ""


def test_names_in_other_scripts_are_read_and_marks_that_turn_the_line_are_left_out(
    tmp_path: Path, ds: FileDataset
) -> None:
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.PatientName = "\u0627\u0645\u064a\u0646\u0629^\u202eevil\u2069\n"

    assert belonging(written(tmp_path, ds)).patient.name.split() == [
        "\u0627\u0645\u064a\u0646\u0629", "evil",
    ]  # fmt: skip


def test_a_birth_date_that_is_none_is_not_said(tmp_path: Path, ds: FileDataset) -> None:
    with odd_values():
        ds.PatientBirthDate = "19901350"

    assert belonging(written(tmp_path, ds)).patient.birth_date is None


def test_a_head_that_is_damaged_says_nothing(tmp_path: Path) -> None:
    content = shipped(PLAIN).read_bytes()
    for cut in (0, 100, 132, 140, 400, 700):
        (tmp_path / "cut.dcm").write_bytes(content[:cut])
        assert belonging(tmp_path / "cut.dcm").patient.identifier in {"", "1CT1"}
