"""A study as files that name nobody: DICOM, PNG without metadata, and a record of the findings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from edge_app.domain.confidentiality import Confidentiality
from edge_app.domain.error import ExportFailedError
from edge_app.domain.image import CapturedImage
from edge_app.domain.study import Finding, Study, StudyImage
from edge_app.durable import ensure_folder, write_whole
from edge_app.exchange.captured import write_captured
from edge_app.exchange.confidentiality.profile import Deidentifier
from edge_app.exchange.confidentiality.pseudonyms import Pseudonyms
from edge_app.exchange.dicom_study import data_set_of, part_10


class FindingRecord(msgspec.Struct, frozen=True):
    """A finding, without who judged it."""

    label: str
    scheme: str
    code: str
    score: float
    verdict: str
    box: tuple[float, float, float, float]


class PictureRecord(msgspec.Struct, frozen=True):
    """A picture and its reading."""

    file: str
    sop_instance_uid: str
    outcome: str
    detector: str
    version: str
    findings: tuple[FindingRecord, ...]


class StudyRecord(msgspec.Struct, frozen=True):
    """What of a study leaves: named one by one, so that nothing new joins by itself."""

    schema: int
    patient: str
    study_instance_uid: str
    kept: tuple[str, ...]
    text: str
    pictures: tuple[PictureRecord, ...]


@dataclass(frozen=True, slots=True, repr=False)
class DeidentifiedFiles:
    """Answers `DeidentifiedExporter` with numbers drawn by the store's `key`."""

    key: bytes

    def export(
        self,
        study: Study,
        images: Sequence[CapturedImage],
        wishes: Confidentiality,
        folder: Path,
    ) -> tuple[Path, ...]:
        """Write the files; their names are drawn too.

        Raises:
            ExportFailedError: A file could not be written, or has a name that is taken.
        """
        pseudonyms = Pseudonyms(self.key, wishes.project)
        stem = pseudonyms.file_stem(study.study_id)
        record = folder / f"{stem}.json"
        if record.exists():
            raise ExportFailedError(
                "This study was exported there for this project already.", "Name another folder."
            )
        deidentifier = Deidentifier(wishes, pseudonyms, study.patient)
        written, pictures, study_uid = [], [], ""
        try:
            ensure_folder(folder)
            for number, (saved, image) in enumerate(zip(study.images, images, strict=True), 1):
                ds = deidentifier.deidentified(data_set_of(study, saved, image))
                path = folder / f"{stem}-{number}"
                write_whole(path.with_suffix(".dcm"), part_10(ds))
                write_captured(image, path.with_suffix(".png"))
                written += [path.with_suffix(".dcm"), path.with_suffix(".png")]
                study_uid = str(ds.StudyInstanceUID)
                pictures.append(_picture(study, saved, path.name, str(ds.SOPInstanceUID)))
            said = StudyRecord(
                1,
                pseudonyms.patient(study.patient),
                study_uid,
                tuple(sorted(option.value for option in wishes.options)),
                wishes.text.value,
                tuple(pictures),
            )
            write_whole(record, msgspec.json.format(msgspec.json.encode(said), indent=2))
        except OSError as error:
            what = f"The files could not be written: {(error.strerror or 'no answer').lower()}."
            raise ExportFailedError(what, "Check the folder and its space.") from error
        return (*written, record)


def _picture(study: Study, saved: StudyImage, name: str, uid: str) -> PictureRecord:
    reading = study.readings.get(saved.image_id)
    made_by = reading.certificate if reading else None
    return PictureRecord(
        name,
        uid,
        reading.outcome.value if reading else "",
        made_by.detector if made_by else "",
        made_by.version if made_by else "",
        tuple(_findings(study.findings, saved.image_id)),
    )


def _findings(findings: Sequence[Finding], image_id: str) -> Iterator[FindingRecord]:
    for finding in findings:
        if finding.image_id == image_id:
            seen = finding.detection
            yield FindingRecord(
                seen.label,
                seen.code.scheme,
                seen.code.value,
                seen.score,
                finding.verdict.value,
                (seen.box.x0, seen.box.y0, seen.box.x1, seen.box.y1),
            )
