"""What happens to a kept study between its reading and its signature, many findings at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from edge_app.domain.error import StepRefusedError
from edge_app.domain.geometry import Box
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import OTHER, Called, DrawnFinding, Finding, Study, Verdict
from edge_app.ports import Clock, StudyStore


def with_verdicts(study: Study, verdicts: Mapping[int, Verdict]) -> Study:
    """Return the study with each numbered finding judged."""
    for index, verdict in verdicts.items():
        study = study.judged(index, verdict)
    return study


def judge_all(store: StudyStore, study: Study, verdicts: Mapping[int, Verdict], act: str) -> Study:
    """Return the study with all `verdicts` kept in one change; `act` names it in the audit."""
    return store.save(with_verdicts(study, verdicts), act)


MOST_LETTERS = 60


def other(words: str) -> Called | None:
    """Return what a person calls a finding in words of their own; None where there are none."""
    said = " ".join(words.split())[:MOST_LETTERS].strip()
    return Called(OTHER, said) if said else None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A box that a person draws on an image, and what they call it."""

    image_id: str
    box: Box
    called: Called
    by: str


def drawn_at(clock: Clock, drawing: Drawing) -> DrawnFinding:
    """Return the finding of a drawing that is made now: accepted, for a person stands for it."""
    return DrawnFinding(drawing.called, drawing.box, drawing.image_id, drawing.by, clock.now())


def draw(store: StudyStore, study: Study, drawn: DrawnFinding) -> Study:
    """Return the study with what a person drew kept in it.

    Raises:
        StepRefusedError: The box is not within its image.
    """
    return store.save(study.with_drawn(drawn), "finding drawn")


def rename(store: StudyStore, study: Study, index: int, called: Called) -> Study:
    """Return the study with the label of finding number `index` corrected, and kept."""
    return store.save(study.renamed(index, called), "label corrected")


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that people made of a study's images at one moment, to go back to."""

    findings: tuple[Finding, ...]
    drawn: tuple[DrawnFinding, ...]
    read_by_eye: tuple[str, ...]

    @staticmethod
    def of(study: Study) -> "Judgement":
        """Return what people have made of `study`."""
        return Judgement(study.findings, study.drawn, study.read_by_eye)


def with_judgement(study: Study, judgement: Judgement) -> Study:
    """Return the study judged as it was at another moment.

    Raises:
        StepRefusedError: It is signed, or the detector has said something else since.
    """
    if study.signature:
        raise StepRefusedError("The study is signed.", "Amend it by a new version.")
    if [f.detection for f in study.findings] != [f.detection for f in judgement.findings]:
        raise StepRefusedError("A picture was read again since.", "Judge its findings again.")
    return replace(
        study,
        findings=judgement.findings,
        drawn=judgement.drawn,
        read_by_eye=judgement.read_by_eye,
    )


def undo(store: StudyStore, study: Study, judgement: Judgement, act: str) -> Study:
    """Return the study judged as before, kept; `act` names in the audit what is undone."""
    return store.save(with_judgement(study, judgement), act)


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
