"""The main job from end to end without a person: capture, save, read, retake, sign."""

from collections.abc import Iterator
from dataclasses import dataclass

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.image import CapturedImage
from edge_app.domain.patient import PatientRef
from edge_app.domain.reading import Outcome, not_analysed
from edge_app.domain.study import Study, Verdict
from edge_app.ports import Clock, Detector, Scanner, StudyStore
from edge_app.workflow import examine
from edge_app.workflow.fresh_pictures import fresh_pictures

REVIEWER = "Demonstration (no person reviewed this)"
_FOCUS, _STAGE = "focus", "stage x"
_FIELD_MM = 0.0512
_DEFOCUS_UM = 8.0


@dataclass(frozen=True, slots=True)
class DemoStep:
    """One thing that was done, in words, with the study as it then stood."""

    words: str
    study: Study


@dataclass(frozen=True, slots=True)
class DemoRoom:
    """What the demonstration works with."""

    store: StudyStore
    clock: Clock
    detector: Detector | None


def _captured(room: DemoRoom, study: Study, pictures: Iterator[CapturedImage]) -> tuple[Study, str]:
    """Return the study with one more saved and read image, and that image's id."""
    image = next(pictures, None)
    if image is None:
        raise ScannerUnavailableError("The device gave no picture.", "Try again.")
    study = examine.keep(room.store, study, image)
    image_id = study.images[-1].image_id
    reading = examine.read(room.detector, image)
    return examine.keep_reading(room.store, study, image_id, reading), image_id


def _reviewed(room: DemoRoom, study: Study) -> Study:
    for index in range(len(study.findings)):
        study = study.judged(index, Verdict.ACCEPTED)
    return room.store.save(study, "judged accepted")


def _words(study: Study) -> str:
    reading = study.readings[study.images[-1].image_id]
    counts = ", ".join(f"{label} {n}" for label, n in reading.counts().items())
    return f"{reading.outcome.value}: {reading.reason or counts}"


def smear_study(room: DemoRoom, microscope: Scanner, number: int) -> Iterator[DemoStep]:
    """Yield the steps of one smear: a blurred try, a retake in focus, review, signature."""
    patient = PatientRef(f"DEMO-{number:03d}", "Demonstration patient")
    study = examine.begin(room.store, room.clock, patient)
    with microscope.open() as opened:
        pictures = fresh_pictures(opened, microscope.info(), room.clock)
        opened.adjust(_STAGE, number * _FIELD_MM)
        opened.adjust(_FOCUS, _DEFOCUS_UM)
        study, image_id = _captured(room, study, pictures)
        yield DemoStep(f"saved and read, {_words(study)}", study)
        if study.outcome is Outcome.CANNOT_SAY:
            study = examine.retake(room.store, study, image_id)
            opened.adjust(_FOCUS, 0.0)
            study, _ = _captured(room, study, pictures)
            yield DemoStep(f"focused and captured again, {_words(study)}", study)
    if study.outcome in (Outcome.FINDING, Outcome.NO_FINDING):
        study = _reviewed(room, study)
        study = examine.sign(room.store, room.clock, study, REVIEWER)
        yield DemoStep("reviewed and signed", study)


def dicom_study(room: DemoRoom, replay: Scanner, why: str) -> Iterator[DemoStep]:
    """Yield the steps of replayed images that no detector here reads: kept, not analysed."""
    study = examine.begin(room.store, room.clock, PatientRef("DEMO-DICOM"))
    with replay.open() as opened:
        for image in fresh_pictures(opened, replay.info(), room.clock):
            study = examine.keep(room.store, study, image)
            image_id = study.images[-1].image_id
            reading = not_analysed(image.hash, "", why)
            study = examine.keep_reading(room.store, study, image_id, reading)
    if study.images:
        yield DemoStep(f"{len(study.images)} DICOM frames saved, not analysed: {why}", study)
