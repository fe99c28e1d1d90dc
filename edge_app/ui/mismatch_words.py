"""What the page says of a received picture that may not be of the open study's patient."""

from dataclasses import dataclass

from PyQt6.QtCore import QCoreApplication

from edge_app.domain.belonging import Belonging, Mismatch
from edge_app.domain.patient import PatientRef
from edge_app.ui.in_words import day_words
from edge_app.ui.words import isolated, patient_words


@dataclass(frozen=True, slots=True)
class MismatchWords:
    """What stands where the picture would be; what happened; what to do and what is safe."""

    cover: str
    headline: str
    detail: str
    leave: str


def mismatch_words(mismatch: Mismatch, said: Belonging, patient: PatientRef) -> MismatchWords:
    """Return what the page says of a picture that is not taken into the study of `patient`."""
    translate = QCoreApplication.translate
    theirs, ours = who_words(said.patient), who_words(patient)
    cover, headline, do = {
        Mismatch.NOBODY: (
            translate("Mismatch", "Picture without a patient"),
            translate("Mismatch", "A picture has come that does not say whose it is."),
            translate("Mismatch", "Have it sent again with the patient's identifier."),
        ),
        Mismatch.CONTESTED: (
            translate("Mismatch", "Not clear whose picture"),
            translate(
                "Mismatch",
                "Pictures of one examination name different patients. This one says: {0}.",
            ).format(theirs),
            translate("Mismatch", "None of them is taken. Ask who took them whose they are."),
        ),
        Mismatch.PATIENT_NOT_NAMED: (
            translate("Mismatch", "Say first who the patient is"),
            translate("Mismatch", "A picture has come of: {0}.").format(theirs),
            translate("Mismatch", "This study has no patient yet. Go back and say who it is."),
        ),
        Mismatch.OTHER_PATIENT: (
            translate("Mismatch", "Another patient's picture"),
            translate("Mismatch", "This picture is another patient's: {0}.").format(theirs),
            translate("Mismatch", "This study is of: {0}.").format(ours),
        ),
    }[mismatch]
    has_study = mismatch in (Mismatch.OTHER_PATIENT, Mismatch.PATIENT_NOT_NAMED)
    safe, leave = _kept_words(has_study=has_study)
    return MismatchWords(cover, headline, f"{do}\n\n{safe}", leave)


def _kept_words(*, has_study: bool) -> tuple[str, str]:
    translate = QCoreApplication.translate
    if has_study:
        return (
            translate(
                "Mismatch",
                "It is not taken into this study. It stays safe in the receiver and comes again"
                " when a study of that patient is open.",
            ),
            translate("Mismatch", "Leave it for its own study"),
        )
    return (
        translate("Mismatch", "It is not taken into this study. It stays safe in the receiver."),
        translate("Mismatch", "Leave it in the receiver"),
    )


def otherwise_words(said: PatientRef, patient: PatientRef) -> str:
    """Return that the identifier is the patient's, and the name or birth date is another."""
    words = QCoreApplication.translate(
        "Mismatch",
        "The identifier is right, but the picture says: {0}. This study says: {1}. Capture it only"
        " if both are the same patient.",
    )
    return words.format(who_words(said), who_words(patient))


def who_words(patient: PatientRef) -> str:
    """Return name, identifier and birth date, as far as they are known."""
    if not patient.identifier:
        return patient_words(patient)
    known = [patient.name, patient.identifier]
    if patient.birth_date:
        words = QCoreApplication.translate("Mismatch", "born {0}")
        known.append(words.format(day_words(patient.birth_date)))
    return ", ".join(isolated(each) for each in known if each)
