"""A saved study as files: the report, one annotated picture an image, and JSON."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from edge_app.domain.error import ExportFailedError
from edge_app.domain.reading import watermark_of
from edge_app.domain.study import Study, Verdict
from edge_app.durable import write_whole
from edge_app.exchange.annotated import write_annotated
from edge_app.exchange.pdf_report import PdfReport
from edge_app.ports import SavedStudies


@dataclass(frozen=True, slots=True)
class Delivered:
    """The files of one study."""

    report: Path
    pictures: tuple[Path, ...]
    record: Path


def deliver(
    store: SavedStudies,
    study: Study,
    labels: list[str],
    folder: Path,
    audit_head: Callable[[], str] | None = None,
) -> Delivered:
    """Write the study's files into `folder`, named by its id, and return them.

    Raises:
        ExportFailedError: The folder cannot be written.
        StudyDamagedError: A saved image is missing or changed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportFailedError(
            f"The folder cannot be made: {(error.strerror or 'no answer').lower()}.",
            "Choose another folder.",
        ) from error
    images = [store.pixels(study, i.image_id) for i in study.images]
    pictures = []
    for record, image in zip(study.images, images, strict=True):
        kept = [
            f.detection
            for f in study.findings
            if f.image_id == record.image_id and f.verdict is not Verdict.REJECTED
        ]
        path = folder / f"{study.study_id}-{record.image_id}.png"
        watermark = watermark_of(study.readings.get(record.image_id))
        write_annotated(image.pixels, kept, labels, path, watermark=watermark)
        pictures.append(path)
    report = folder / f"{study.study_id}.pdf"
    PdfReport(labels, audit_head).export(study, images, report)
    record_path = folder / f"{study.study_id}.json"
    body = msgspec.json.format(msgspec.json.encode({"schema": 1, "study": study}), indent=2)
    try:
        write_whole(record_path, body)
    except OSError as error:
        raise ExportFailedError(
            "The study's record could not be written.", "Check the folder and its space."
        ) from error
    return Delivered(report, tuple(pictures), record_path)
