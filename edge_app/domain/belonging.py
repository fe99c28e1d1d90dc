"""What a received picture says of whose it is, and whether that is the patient of the open study.

Only identifiers tell people apart: names and birth dates are for showing, never for matching.
"""

from dataclasses import dataclass
from enum import Enum

from edge_app.domain.patient import PatientRef


@dataclass(frozen=True, slots=True)
class Belonging:
    """Whose a picture says that it is.

    Attributes:
        patient: As its sender wrote it; without an identifier it says of nobody whose it is.
        accession: The order's number at its sender.
        study_uid: The Study Instance UID at its sender.
        is_contested: Pictures with this `study_uid` name different patients.
    """

    patient: PatientRef
    accession: str = ""
    study_uid: str = ""
    is_contested: bool = False

    def __repr__(self) -> str:
        """Return nothing that leads to a person, so that logs and exceptions cannot."""
        return "Belonging(hidden)"


class Mismatch(Enum):
    """Why a received picture must not go into the open study."""

    NOBODY = "it does not say whose it is"
    CONTESTED = "pictures of its examination name different patients"
    PATIENT_NOT_NAMED = "the study does not say whose it is"
    OTHER_PATIENT = "it is another patient's"


def is_same_person(one: PatientRef, other: PatientRef) -> bool:
    """Return whether both identifiers are there and equal, and issuers where both say one."""
    if not one.identifier or one.identifier != other.identifier:
        return False
    return not (one.issuer and other.issuer) or one.issuer == other.issuer


def mismatch(said: Belonging | None, patient: PatientRef) -> Mismatch | None:
    """Return why a picture that says `said` is not `patient`'s; None for one that is.

    A device that knows no patients says nothing (None): its picture is of whoever is before it.
    """
    if said is None:
        return None
    if not said.patient.identifier:
        return Mismatch.NOBODY
    if said.is_contested:
        return Mismatch.CONTESTED
    if not patient.identifier:
        return Mismatch.PATIENT_NOT_NAMED
    return None if is_same_person(said.patient, patient) else Mismatch.OTHER_PATIENT


def is_described_otherwise(one: PatientRef, other: PatientRef) -> bool:
    """Return whether two records of one identifier have names or birth dates that differ.

    The order of a name's parts, capitals and DICOM's carets are no difference; what one of them
    does not say is none either.
    """
    names = _parts(one.name), _parts(other.name)
    births = one.birth_date, other.birth_date
    differ = [all(said) and said[0] != said[1] for said in (names, births)]
    return any(differ)


def _parts(name: str) -> frozenset[str]:
    return frozenset(name.replace("^", " ").replace(",", " ").casefold().split())
