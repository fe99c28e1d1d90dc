"""A saved study as files: the report, one annotated picture an image, and JSON."""

from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from edge_app.domain.reading import watermark_of
from edge_app.domain.study import Study, StudyImage, Verdict
from edge_app.exchange.annotated import drawn, png_of
from edge_app.exchange.pdf_report import PdfReport
from edge_app.storage.saved_studies import SavedStudies
from edge_app.workflow.follow import labels_of

File = tuple[str, Callable[[], bytes]]
"""A name, and what makes the content; nothing is made before it is needed."""


def files_of(store: SavedStudies, study: Study) -> Iterator[File]:
    """Yield the files of a study; their names say nothing of the patient.

    Those of a study that is not signed, or that was amended, are named for its version, so that
    nothing ever stands where something else that was signed will, or does.
    """
    stem = stem_of(study)
    for image in study.images:
        yield f"{stem}-{image.image_id}.png", partial(_picture, store, study, image)
    yield f"{stem}.pdf", partial(report_of, store, study)
    yield f"{stem}.json", partial(_record, study)


def stem_of(study: Study) -> str:
    """Return how the names of a study's files begin."""
    if not study.signature:
        return f"{study.study_id}-draft{study.version}"
    return f"{study.study_id}-version{study.version}" if study.amendments else study.study_id


def report_of(store: SavedStudies, study: Study) -> bytes:
    """Return the study's report as PDF; it carries the audit's head.

    Raises:
        StudyDamagedError: A saved image is missing or changed.
    """
    images = [store.pixels(study, image.image_id) for image in study.images]
    return PdfReport(labels_of([study]), lambda: store.audit_head).pdf(study, images)


def _picture(store: SavedStudies, study: Study, image: StudyImage) -> bytes:
    kept = [
        f.detection
        for f in study.findings
        if f.image_id == image.image_id and f.verdict is not Verdict.REJECTED
    ]
    pixels = store.pixels(study, image.image_id).pixels
    watermark = watermark_of(study.readings.get(image.image_id))
    return png_of(drawn(pixels, kept, labels_of([study]), watermark=watermark))


def _record(study: Study) -> bytes:
    return msgspec.json.format(msgspec.json.encode({"schema": 1, "study": study}), indent=2)
