"""What the head of a DICOM file says of whose it is."""

import logging
import struct
import warnings
from datetime import date, datetime
from typing import BinaryIO

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.valuerep import PersonName

from edge_app.domain.belonging import Belonging
from edge_app.domain.patient import PatientRef

logging.getLogger("pydicom").setLevel(logging.CRITICAL)  # it quotes what may name a patient

_LONGEST = 64  # PS3.5, 6.2: of LO; one that is longer is no identifier of anybody
_TAGS = [
    "SpecificCharacterSet",
    "PatientID",
    "IssuerOfPatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyInstanceUID",
]
_NOBODY = Belonging(PatientRef(""))


class _UnclearError(Exception):
    """A value is there, and is not one line that a person would be known by."""


def read_belonging(file: BinaryIO) -> Belonging:
    """Return what the file says; whatever in it is unclear makes it say of nobody whose it is.

    Raises:
        OSError: The file cannot be read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # so do pydicom's warnings
            return _read(file)
    except (
        _UnclearError,
        AttributeError,
        BytesLengthException,
        EOFError,
        InvalidDicomError,
        KeyError,
        LookupError,
        NotImplementedError,
        RuntimeError,
        TypeError,
        ValueError,
        struct.error,
    ):  # what pydicom 3 raises on odd heads
        return _NOBODY


def _read(file: BinaryIO) -> Belonging:
    ds = dcmread(file, stop_before_pixels=True, specific_tags=[*_TAGS])
    return Belonging(_patient(ds), _line(ds, "AccessionNumber"), _line(ds, "StudyInstanceUID"))


def _patient(ds: Dataset) -> PatientRef:
    identifier, issuer = _line(ds, "PatientID"), _line(ds, "IssuerOfPatientID")
    return PatientRef(identifier, _name(ds), _birth_date(ds), _shown(ds, "PatientSex"), issuer)


def _line(ds: Dataset, keyword: str) -> str:
    """Return a value that must be understood as a whole, without the spaces around it."""
    value = ds.get(keyword) or ""
    if not isinstance(value, str):  # several values
        raise _UnclearError
    line = value.strip(" \0")
    if len(line) > _LONGEST or not line.isprintable():
        raise _UnclearError
    return line


def _shown(ds: Dataset, keyword: str) -> str:
    return _plain(str(ds.get(keyword) or ""))


def _name(ds: Dataset) -> str:
    """Return a name as it is read: without carets, in letters, else as it is written there."""
    value = ds.get("PatientName")
    if not isinstance(value, PersonName):
        return ""
    return _plain(value.alphabetic or value.ideographic or value.phonetic)


def _plain(text: str) -> str:
    kept = "".join(letter if letter.isprintable() else " " for letter in text.replace("^", " "))
    return " ".join(kept.split())[:_LONGEST]


def _birth_date(ds: Dataset) -> date | None:
    said = str(ds.get("PatientBirthDate") or "").strip()
    try:
        return datetime.strptime(said, "%Y%m%d").date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        return None
