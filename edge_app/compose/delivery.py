"""A saved study as files: the report, one annotated picture an image, and JSON."""

from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from edge_app.domain.reading import watermark_of
from edge_app.domain.study import Study, StudyImage, Verdict
from edge_app.exchange.annotated import drawn, png_of
from edge_app.exchange.pdf_report import IN_ENGLISH, PdfReport
from edge_app.languages.catalogue import Catalogue
from edge_app.storage.saved_studies import SavedStudies
from edge_app.workflow.follow import labels_of

File = tuple[str, Callable[[], bytes]]
"""A name, and what makes the content; nothing is made before it is needed."""


def files_of(store: SavedStudies, study: Study, words: Catalogue = IN_ENGLISH) -> Iterator[File]:
    """Yield the files of a study; their names say nothing of the patient.

    All but the first signed version are named for their version, so that nothing ever stands where
    something else that was signed does, or will.
    """
    stem = stem_of(store, study)
    for image in study.images:
        yield f"{stem}-{image.image_id}.png", partial(_picture, store, study, image)
    yield f"{stem}.pdf", partial(report_of, store, study, words)
    yield f"{stem}.json", partial(_record, study)


def stem_of(store: SavedStudies, study: Study) -> str:
    """Return how the names of a study's files begin."""
    if not study.signature:
        return f"{study.study_id}-draft{study.version}"
    is_first = store.signed_versions(study.study_id)[:1] == [study.version]
    return study.study_id if is_first else f"{study.study_id}-version{study.version}"


def report_of(store: SavedStudies, study: Study, words: Catalogue = IN_ENGLISH) -> bytes:
    """Return the study's report as PDF; it carries the audit's head.

    Raises:
        StudyDamagedError: A saved image is missing or changed.
    """
    images = [store.pixels(study, image.image_id) for image in study.images]
    return PdfReport(labels_of([study]), lambda: store.audit_head, words).pdf(study, images)


def _picture(store: SavedStudies, study: Study, image: StudyImage) -> bytes:
    kept = [
        f
        for f in study.marked
        if f.image_id == image.image_id and f.verdict is not Verdict.REJECTED
    ]
    pixels = store.pixels(study, image.image_id).pixels
    watermark = watermark_of(study.readings.get(image.image_id))
    return png_of(drawn(pixels, kept, labels_of([study]), watermark=watermark))


def _record(study: Study) -> bytes:
    return msgspec.json.format(msgspec.json.encode({"schema": 1, "study": study}), indent=2)
