"""Legal holds, and the removal of studies that a site need not keep any longer.

What goes is the record and every file; a tombstone and the audit stay. The files are named in the
transaction that removes the record, and are taken away after it; a cut in between is made up for.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from edge_app.domain.audit import EventKind
from edge_app.domain.error import StepRefusedError, StudyUnknownError
from edge_app.domain.outbox import JobState, SendKind
from edge_app.domain.retention import Hold, SignedStudy
from edge_app.storage.beside import BesideStore
from edge_app.storage.cipher import Database
from edge_app.storage.reports import REPORTS
from edge_app.storage.saved_studies import hold_of
from edge_app.storage.store_keys import StoreKeys

_SIGNED = "signed"
_MOST_WORDS = 200


class Retention:
    """The holds and removals of one store; another program may hold the store meanwhile."""

    def __init__(self, folder: Path, keys: StoreKeys, actor: str) -> None:
        """Take the store in `folder`; `actor` is whose acts they are."""
        self._store, self._keys, self._actor = BesideStore(folder, keys, actor), keys, actor

    def close(self) -> None:
        """Let go of the database."""
        self._store.close()

    def hold(self, study_id: str, reason: str) -> None:
        """Keep a study from now on, whatever the rule says.

        Raises:
            StepRefusedError: No reason was given, or it is held already.
            StudyUnknownError: There is no such study.
        """
        with self._store.changing() as database:
            version = _version(database, study_id)
            if _holds(database, study_id):
                raise StepRefusedError("The study is held already.", "Release it first.")
            database.execute(
                "INSERT INTO hold VALUES (?, ?, ?, ?)",
                (study_id, _said(reason), self._actor, _now().isoformat()),
            )
            self._note(f"legal hold: {_said(reason)}", study_id, version)

    def release(self, study_id: str, reason: str) -> None:
        """Hold a study no longer. Raises likewise, also where it is not held."""
        with self._store.changing() as database:
            version = _version(database, study_id)
            if not _holds(database, study_id):
                raise StepRefusedError("The study is not held.", "List the holds.")
            database.execute("DELETE FROM hold WHERE study_id=?", (study_id,))
            self._note(f"legal hold lifted: {_said(reason)}", study_id, version)

    def _note(self, act: str, study_id: str, version: int) -> None:
        self._store.note(EventKind.SECURITY_ALERT, act, (study_id, version))

    def holds(self) -> list[Hold]:
        """Return every hold, the oldest first."""
        with self._store.asked() as database:
            return _holds(database)

    def signed_studies(self) -> list[SignedStudy]:
        """Return every signed study, the first signed first."""
        with self._store.asked() as database:
            return _signed_studies(database)

    def note_backup(self, audit_count: int) -> None:
        """Remember that everything up to that event is in a finished copy."""
        with self._store.changing() as database:
            database.execute(
                "INSERT INTO finished_copy VALUES (?, ?) ON CONFLICT (audit_count) DO NOTHING",
                (audit_count, _now().isoformat()),
            )

    def remove(
        self,
        signed: SignedStudy,
        may_go: Callable[[SignedStudy], bool],
        files: Sequence[tuple[str, str]] = (),
    ) -> bool:
        """Remove a study for good where `may_go` says so at that moment; return whether it did.

        Args:
            signed: The study as it was listed.
            may_go: Looks at it within the transaction, with its hold and what waits as they are.
            files: What else is kept of it, as folder and name below the store.

        Raises:
            StudyUnknownError: It is gone already.
        """
        study_id = signed.study_id
        with self._store.changing() as database:
            version = _version(database, study_id)
            if not may_go(_as_it_is(database, signed)):
                return False
            for folder, name in (*self._files_of(database, study_id), *files):
                database.execute(
                    "INSERT INTO doomed_file VALUES (?, ?) ON CONFLICT DO NOTHING", (folder, name)
                )
            for table in ("outbox", "image", "study"):
                database.execute(f"DELETE FROM {table} WHERE study_id=?", (study_id,))  # noqa: S608
            database.execute(
                "INSERT INTO tombstone VALUES (?, ?, ?, ?)",
                (study_id, version, self._actor, _now().isoformat()),
            )
            act = "removed by the retention rule"
            self._store.note(EventKind.STUDY_DELETED, act, (study_id, version))
        self.finish()
        return True

    def _files_of(self, database: Database, study_id: str) -> list[tuple[str, str]]:
        """Return folder and name of the study's images, and of every report that was kept here."""
        asked = "SELECT image_id FROM image WHERE study_id=?"
        images = database.execute(asked, (study_id,)).fetchall()
        asked = "SELECT name FROM outbox_file JOIN outbox USING (key) WHERE study_id=? AND kind=?"
        reports = database.execute(asked, (study_id, SendKind.REPORT.value)).fetchall()
        return [
            *(("images", self._keys.file_name(row[0])) for row in images),
            *((REPORTS, row[0]) for row in reports),
        ]

    def finish(self) -> int:
        """Take away the files of removed studies; return how many were still there."""
        with self._store.asked() as database:
            asked = database.execute("SELECT folder, name FROM doomed_file").fetchall()
        gone = [row for row in asked if _is_gone(self._store.folder / row[0] / row[1])]
        if gone:
            with self._store.changing() as database:
                for row in gone:
                    database.execute("DELETE FROM doomed_file WHERE folder=? AND name=?", row)
        return len(gone)


def _is_gone(file: Path) -> bool:
    with suppress(OSError):
        file.unlink(missing_ok=True)
        return True
    return False


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _said(reason: str) -> str:
    said = " ".join(reason.split())
    if not said or len(said) > _MOST_WORDS or not said.isprintable():
        raise StepRefusedError(
            f"A reason has 1 to {_MOST_WORDS} letters.", "Say why, without a patient's name."
        )
    return said


def _version(database: Database, study_id: str) -> int:
    asked = "SELECT version FROM study WHERE study_id=?"
    rows = database.execute(asked, (study_id,)).fetchall()
    if not rows:
        raise StudyUnknownError(f"There is no study {study_id}.", "List the studies.")
    return int(rows[0][0])


def _holds(database: Database, study_id: str = "") -> list[Hold]:
    where, values = ("WHERE study_id=?", (study_id,)) if study_id else ("", ())
    asked = f"SELECT study_id, reason, by, at FROM hold {where} ORDER BY at"  # noqa: S608
    rows = database.execute(asked, values).fetchall()
    return [hold_of(row) for row in rows]


def _as_it_is(database: Database, signed: SignedStudy) -> SignedStudy:
    """Return a listed study with what may have changed since."""
    reasons = [hold.reason for hold in _holds(database, signed.study_id)]
    is_waiting = signed.study_id in _waiting(database)
    return replace(signed, hold="".join(reasons), is_waiting=is_waiting)


def _waiting(database: Database) -> set[str]:
    """Return the studies of which something is not sent and not cancelled."""
    over = (JobState.SENT.value, JobState.CANCELLED.value)
    asked = "SELECT study_id FROM outbox WHERE state NOT IN (?, ?)"
    return {row[0] for row in database.execute(asked, over).fetchall()}


def _signed_studies(database: Database) -> list[SignedStudy]:
    rows = database.execute("SELECT study_id, version FROM study WHERE state='signed'").fetchall()
    states = {row[0]: row[1] for row in rows}
    holds = {hold.study_id: hold.reason for hold in _holds(database)}
    waiting = _waiting(database)
    asked = "SELECT study_id, version FROM outbox WHERE kind=? AND state=?"
    kinds = (SendKind.FILES.value, JobState.SENT.value)
    delivered = {(row[0], row[1]) for row in database.execute(asked, kinds).fetchall()}
    (copied,) = database.execute(
        "SELECT COALESCE(MAX(audit_count), 0) FROM finished_copy"
    ).fetchone()
    signed = {study_id: (sequence, at) for study_id, sequence, at in _signatures(database)}
    return [
        SignedStudy(
            study_id,
            at,
            is_backed_up=sequence <= int(copied),
            is_delivered=(study_id, states[study_id]) in delivered,
            is_waiting=study_id in waiting,
            hold=holds.get(study_id, ""),
        )
        for study_id, (sequence, at) in signed.items()  # an amended one by its last signature
        if study_id in states
    ]


def _signatures(database: Database) -> list[tuple[str, int, datetime]]:
    """Return each signature with its place in the audit, and the latest time seen by then."""
    latest = datetime.min.replace(tzinfo=timezone.utc)
    found = []
    rows = database.execute("SELECT sequence, at, act, study_id FROM audit ORDER BY sequence")
    for sequence, at, act, study_id in iter(rows.fetchone, None):
        latest = max(latest, datetime.fromisoformat(at))
        if act == _SIGNED:
            found.append((study_id, int(sequence), latest))
    return found
