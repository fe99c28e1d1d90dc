"""What leaves a signed study for people: the report file."""

from collections.abc import Sequence
from pathlib import Path

from edge_app.domain.error import ExportFailedError
from edge_app.domain.image import CapturedImage
from edge_app.domain.study import Study
from edge_app.ports import ReportExporter


def report(
    exporter: ReportExporter, study: Study, images: Sequence[CapturedImage], folder: Path
) -> Path:
    """Return where the report of `study` now is; its file name holds nothing of the patient.

    Raises:
        ExportFailedError: The folder or the file could not be written.
    """
    path = folder / f"{study.study_id}{exporter.suffix}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportFailedError(
            f"The folder for reports cannot be made: {folder} ({error.strerror}).",
            "Free some space or call the technician, then write the report again.",
        ) from error
    exporter.export(study, images, path)
    return path
