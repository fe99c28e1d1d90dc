"""What the page says of a received picture that may not be of the open study's patient."""

from PyQt6.QtCore import QCoreApplication

from edge_app.domain.belonging import Belonging, Mismatch
from edge_app.domain.patient import PatientRef
from edge_app.ui.words import isolated, patient_words


def short_words(mismatch: Mismatch) -> str:
    """Return what stands where the picture would be."""
    translate = QCoreApplication.translate
    return {
        Mismatch.NOBODY: translate("Mismatch", "A picture of nobody named"),
        Mismatch.CONTESTED: translate("Mismatch", "A picture that is contradicted"),
        Mismatch.PATIENT_NOT_NAMED: translate("Mismatch", "A picture of somebody"),
        Mismatch.OTHER_PATIENT: translate("Mismatch", "Another patient's picture"),
    }[mismatch]


def mismatch_words(mismatch: Mismatch, said: Belonging, patient: PatientRef) -> str:
    """Return what happened, what is safe, and what to do, as one paragraph each."""
    translate = QCoreApplication.translate
    theirs, ours = who_words(said.patient), who_words(patient)
    what, do = {
        Mismatch.NOBODY: (
            translate("Mismatch", "A picture has come that does not say whose it is."),
            translate("Mismatch", "Have it sent again with the patient's identifier."),
        ),
        Mismatch.CONTESTED: (
            translate(
                "Mismatch",
                "Pictures of one examination name different patients. This one says: {0}.",
            ).format(theirs),
            translate("Mismatch", "Ask who took them whose they are. None of them is taken here."),
        ),
        Mismatch.PATIENT_NOT_NAMED: (
            translate("Mismatch", "A picture has come of: {0}.").format(theirs),
            translate("Mismatch", "This study has no patient yet: go back to Patient to say who."),
        ),
        Mismatch.OTHER_PATIENT: (
            translate("Mismatch", "This picture is another patient's: {0}.").format(theirs),
            translate("Mismatch", "This study is of: {0}.").format(ours),
        ),
    }[mismatch]
    safe = translate("Mismatch", "It is not taken into this study. It stays safe in the receiver.")
    return "\n\n".join((what, do, safe))


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
        known.append(words.format(patient.birth_date.isoformat()))
    return ", ".join(isolated(each) for each in known if each)
