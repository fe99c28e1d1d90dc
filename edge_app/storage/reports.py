"""The reports that are kept here, sealed: where they lie, and which there have to be."""

from edge_app.domain.outbox import JobState, SendKind
from edge_app.storage.cipher import Database

REPORTS = "reports"
"""Their folder, below the store."""


def report_place(study_id: str) -> bytes:
    """Return what a report is sealed to, so that one of another study does not pass for it."""
    return b"report\0" + study_id.encode()


def kept_reports(database: Database) -> dict[str, str]:
    """Return the study of each report that was written, by its file's name."""
    if not database.execute("SELECT 1 FROM sqlite_schema WHERE name='outbox'").fetchall():
        return {}  # a store of an older version
    asked = (
        "SELECT name, study_id FROM outbox_file JOIN outbox USING (key) WHERE kind=? AND state=?"
    )
    values = (SendKind.REPORT.value, JobState.SENT.value)
    return {row[0]: row[1] for row in database.execute(asked, values).fetchall()}
