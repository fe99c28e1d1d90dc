"""What happens to a kept study between its reading and its signature, many findings at once."""

from collections.abc import Mapping
from dataclasses import replace

from edge_app.domain.error import StepRefusedError
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study, Verdict
from edge_app.ports import StudyStore


def with_verdicts(study: Study, verdicts: Mapping[int, Verdict]) -> Study:
    """Return the study with each numbered finding judged."""
    for index, verdict in verdicts.items():
        study = study.judged(index, verdict)
    return study


def judge_all(store: StudyStore, study: Study, verdicts: Mapping[int, Verdict], act: str) -> Study:
    """Return the study with all `verdicts` kept in one change; `act` names it in the audit."""
    return store.save(with_verdicts(study, verdicts), act)


def with_patient(study: Study, patient: PatientRef) -> Study:
    """Return the study as one of `patient`.

    Raises:
        StepRefusedError: The study is signed.
    """
    if study.signature:
        raise StepRefusedError("The study is signed.", "Amend it by a new version.")
    return replace(study, patient=patient)


def identify(store: StudyStore, study: Study, patient: PatientRef) -> Study:
    """Return the study kept as one of `patient`, who was added or corrected after it began."""
    return store.save(with_patient(study, patient), "patient identified")
