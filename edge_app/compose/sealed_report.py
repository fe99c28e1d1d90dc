"""Reports on the disk of a kiosk: sealed, since they name patients."""

from edge_app.storage.reports import report_place
from edge_app.storage.sealing import opened, sealed
from edge_app.storage.store_keys import StoreKeys


def sealed_report(pdf: bytes, study_id: str, keys: StoreKeys) -> bytes:
    """Return the report as it is kept; `edge-app study export` writes it for people."""
    return sealed(pdf, keys.blobs, report_place(study_id))


def pdf_in(file: bytes, study_id: str, keys: StoreKeys) -> bytes:
    """Return the PDF of a kept report.

    Raises:
        SealBrokenError: It is damaged, or of another study.
    """
    return opened(file, keys.blobs, report_place(study_id))


def report_name(stem: str) -> str:
    """Return the name of a kept report's file; `stem` is that of the study's other files."""
    return f"{stem}.sealed"
