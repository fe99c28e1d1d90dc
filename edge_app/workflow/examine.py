"""One study from its first image to its signature; each function returns what is on the disk."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from edge_app.domain.error import EdgeAppError, StepRefusedError
from edge_app.domain.image import CapturedImage
from edge_app.domain.outbox import REPORT
from edge_app.domain.patient import PatientRef
from edge_app.domain.reading import Advice, Outcome, Reading, not_analysed
from edge_app.domain.study import Signature, Study, Verdict
from edge_app.ports import Clock, Detector, SavedStudies, StudyStore

NO_DETECTOR = "No detector could be loaded."
MOST_SHOWN = 60
PARTIAL = "Only a part of the picture came from the device. Take it again."


def begin(store: StudyStore, clock: Clock, patient: PatientRef) -> Study:
    """Return a new, saved study of `patient`."""
    return store.start(Study(secrets.token_hex(8), patient, clock.now()))


@dataclass(frozen=True, slots=True)
class Opened:
    """A kept study with the pixels of its images, by their ids, in its order."""

    study: Study
    images: Mapping[str, CapturedImage]


def opened(store: SavedStudies, study_id: str) -> Opened:
    """Return a kept study to be shown.

    Raises:
        StudyUnknownError: There is none.
        StudyDamagedError: It or one of its images cannot be read.
        StepRefusedError: It has too many images to be held at once.
    """
    study = store.study(study_id)
    if len(study.images) > MOST_SHOWN:
        raise StepRefusedError(
            f"The study has {len(study.images)} pictures; {MOST_SHOWN} can be shown at once.",
            "Export it, and look at the files.",
        )
    return Opened(study, {i.image_id: store.pixels(study, i.image_id) for i in study.images})


def keep(store: StudyStore, study: Study, image: CapturedImage) -> Study:
    """Return the study with `image` safe on the disk; only now may anybody say "Saved"."""
    return store.capture(study, image)


def read(detector: Detector | None, image: CapturedImage) -> Reading:
    """Return what the detector says; a failure is a reading that says "not analysed".

    Of a picture that did not come whole nothing is answered, whatever was seen in its part.
    """
    if detector is None:
        return not_analysed(image.hash, "", NO_DETECTOR)
    try:
        reading = detector.read(image)
    except EdgeAppError as error:
        return not_analysed(image.hash, detector.manifest.name, f"{error.what} ({error.code})")
    if image.is_partial and reading.outcome in {Outcome.FINDING, Outcome.NO_FINDING}:
        advice = Advice.CANNOT_SAY if reading.advice else None
        return replace(reading, outcome=Outcome.CANNOT_SAY, reason=PARTIAL, advice=advice)
    return reading


def keep_reading(store: StudyStore, study: Study, image_id: str, reading: Reading) -> Study:
    """Return the study with the reading kept and its detections ready for review."""
    return store.save(study.with_reading(image_id, reading), "read")


def judge(store: StudyStore, study: Study, index: int, verdict: Verdict) -> Study:
    """Return the study with finding `index` judged."""
    return store.save(study.judged(index, verdict), f"judged {verdict.value}")


def retake(store: StudyStore, study: Study, image_id: str) -> Study:
    """Return the study without that image; its pixels stay in the store."""
    return store.save(study.without_image(image_id), "retaken")


def read_by_eye(store: StudyStore, study: Study, image_id: str) -> Study:
    """Return the study in which a person answers for an image that got no answer."""
    return store.save(study.with_read_by_eye(image_id), "read by eye")


def sign(store: StudyStore, clock: Clock, study: Study, signed_by: str) -> Study:
    """Return the signed study; its report is in the outbox from then on.

    Raises:
        StepRefusedError: An image has no answer, or a finding no verdict.
    """
    return store.save(study.signed(Signature(signed_by, clock.now())), "signed", (REPORT,))


def amend(store: StudyStore, clock: Clock, study: Study, by: str, reason: str) -> Study:
    """Return the signed study opened again; the store keeps what was signed.

    Raises:
        StepRefusedError: It is not signed, or no reason was given.
    """
    return store.save(study.amended(reason, by, clock.now()), "amended")


def abandon_amendment(store: StudyStore, study: Study) -> Study:
    """Return the study as it was last signed; what was changed since stays in no version.

    Raises:
        StepRefusedError: No amendment is under way.
    """
    if study.amending is None:
        raise StepRefusedError("No amendment is under way.", "Go on with the study.")
    signed = store.signed_version(study.study_id, study.amending.of_version)
    return store.save(replace(signed, version=study.version), "amendment abandoned")
