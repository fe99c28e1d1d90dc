"""Reports on the disk of a kiosk: sealed, since they name patients."""

from collections.abc import Sequence
from pathlib import Path

from edge_app.domain.error import ExportFailedError
from edge_app.domain.image import CapturedImage
from edge_app.domain.study import Study
from edge_app.durable import write_whole
from edge_app.exchange.pdf_report import PdfReport
from edge_app.storage.sealing import opened, sealed
from edge_app.storage.store_keys import StoreKeys


class SealedReport:
    """Answers `ReportExporter`; `edge-app study export` writes the same report for people."""

    suffix = ".sealed"

    def __init__(self, pdf: PdfReport, keys: StoreKeys) -> None:
        self._pdf, self._keys = pdf, keys

    def export(self, study: Study, images: Sequence[CapturedImage], path: Path) -> None:
        """Write the sealed report durably, or leave nothing there.

        Raises:
            ExportFailedError: The file could not be written.
        """
        content = self._pdf.pdf(study, images)
        try:
            write_whole(path, sealed(content, self._keys.blobs, _place(study.study_id)))
        except OSError as error:
            raise ExportFailedError(
                f"The report could not be kept: {(error.strerror or 'no answer').lower()}.",
                "Free some space, then write the report again.",
            ) from error


def pdf_in(file: bytes, study_id: str, keys: StoreKeys) -> bytes:
    """Return the PDF of a kept report.

    Raises:
        SealBrokenError: It is damaged, or of another study.
    """
    return opened(file, keys.blobs, _place(study_id))


def _place(study_id: str) -> bytes:
    return b"report\0" + study_id.encode()
