"""What was saved, for whoever only looks: beside the window, or on a medium that is read-only."""

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from edge_app.domain.account import Account
from edge_app.domain.audit import AuditEvent
from edge_app.domain.error import (
    EdgeAppError,
    StudyDamagedError,
    StudyRemovedError,
    StudyUnknownError,
)
from edge_app.domain.image import CapturedImage
from edge_app.domain.retention import Hold
from edge_app.domain.study import Study, StudyImage
from edge_app.ports import StudySummary
from edge_app.storage.accounts import account_named, accounts_in, pin_of
from edge_app.storage.audit_chain import AuditChain, Verified
from edge_app.storage.badges import holder_in, kept_of
from edge_app.storage.blobs import unpacked
from edge_app.storage.cipher import INTERRUPTED, Database, DatabaseError, Row
from edge_app.storage.schema import StoreDamagedError, open_for_reading
from edge_app.storage.sealing import SealBrokenError, opened
from edge_app.storage.store_keys import StoreKeys

_RESTORE = "Restore the study from a backup."


class StoreUnreadableError(EdgeAppError):
    """The store's files cannot be opened."""

    code = "STO-008"
    safe = "Nothing was changed."


def is_without_images(folder: Path) -> bool:
    """Return whether no image was ever saved below `folder`, nor one begun, nor a list put away."""
    places = (folder / "images", folder / "spool", folder / "quarantine")
    return not any(place.is_dir() and any(place.iterdir()) for place in places)


class SavedStudies:
    """Answers `SavedStudies` of the ports; any thread may ask, one at a time is answered."""

    def __init__(self, database: Database, images: Path, keys: StoreKeys) -> None:
        self._db, self._images, self._keys = database, images, keys
        self._audit = AuditChain(database, keys.audit)
        # One connection is one transaction: nobody may look while somebody else is in one.
        self._one_at_a_time = threading.Lock()

    def study(self, study_id: str) -> Study:
        """Return the newest version of one study.

        Raises:
            StudyUnknownError: There is none; StudyRemovedError where there was one.
            StudyDamagedError: Its record cannot be read.
        """
        rows = self._rows("SELECT body FROM study WHERE study_id=?", study_id)
        if not rows:
            self._refuse_if_removed(study_id)
            raise StudyUnknownError(f"There is no study {study_id}.", "List the studies.")
        return decoded(rows[0][0])

    def signed_version(self, study_id: str, version: int) -> Study:
        """Return one study as it once was signed.

        Raises:
            StudyUnknownError: No such version was signed.
            StudyDamagedError: Its record cannot be read.
        """
        rows = self._rows(
            "SELECT body FROM signed_version WHERE study_id=? AND version=?", study_id, version
        )
        if not rows:
            said = f"Version {version} of the study {study_id} was never signed."
            raise StudyUnknownError(said, "Show the study: it lists what was signed.")
        return decoded(rows[0][0])

    def signed_versions(self, study_id: str) -> list[int]:
        """Return the versions of one study that were signed, the first one first."""
        asked = "SELECT version FROM signed_version WHERE study_id=? ORDER BY version"
        return [int(version) for (version,) in self._rows(asked, study_id)]

    def _has(self, table: str) -> bool:
        """Return whether a table is there; not in a store of an older version, only looked at."""
        return bool(self._rows("SELECT 1 FROM sqlite_schema WHERE name=?", table))

    def held(self) -> frozenset[str]:
        """Return the ids of the studies that are under legal hold."""
        asked = "SELECT study_id FROM hold"
        return frozenset(row[0] for row in self._rows(asked)) if self._has("hold") else frozenset()

    def hold_on(self, study_id: str) -> Hold | None:
        """Return why a study is under legal hold, or None where it is not."""
        if not self._has("hold"):
            return None
        asked = "SELECT study_id, reason, by, at FROM hold WHERE study_id=?"
        rows = self._rows(asked, study_id)
        return hold_of(rows[0]) if rows else None

    def _refuse_if_removed(self, study_id: str) -> None:
        asked = "SELECT at FROM tombstone WHERE study_id=?"
        rows = self._rows(asked, study_id) if self._has("tombstone") else []
        if rows:
            raise StudyRemovedError(
                f"The study was removed by the retention rule on {rows[0][0][:10]}.",
                "Look for it in the archive, or in a backup of before that day.",
            )

    def studies(self, search: str = "", most: int = -1) -> Iterator[StudySummary]:
        """Yield studies, newest first: all, or those of which each word of `search` is a part.

        Looked at are the patient's identifier and name, the study's id and its day. What is listed
        may still be refused when it is opened.
        """
        words = searchable(search).split()
        where = " AND ".join(["instr(words, ?)"] * len(words)) or "true"
        found = self._rows(
            "SELECT summary FROM study WHERE sequence IN (SELECT sequence FROM study"  # noqa: S608  no text of anybody's
            f" INDEXED BY study_by_words WHERE {where} ORDER BY sequence DESC LIMIT {int(most)})"
            " ORDER BY sequence DESC",
            *words,
        )
        for (summary,) in found:
            yield msgspec.json.decode(summary, type=StudySummary)

    def holds(self, image_hash: str) -> bool:
        """Return whether an image of that hash is saved in any study."""
        return bool(self._rows("SELECT 1 FROM image WHERE hash=? LIMIT 1", image_hash))

    def pixels(self, study: Study, image_id: str) -> CapturedImage:
        """Return a saved image.

        Raises:
            StudyUnknownError: The study has no such image.
            StudyDamagedError: The file is missing or does not match its record.
        """
        record = next((i for i in study.images if i.image_id == image_id), None)
        if record is None:
            raise StudyUnknownError(f"The study has no image {image_id}.", "Open it again.")
        place = image_place(study.study_id, image_id)
        try:
            file = (self._images / self._keys.file_name(image_id)).read_bytes()
            image = unpacked(opened(file, self._keys.blobs, place))
        except OSError as error:
            raise StudyDamagedError("A saved image is missing.", _RESTORE) from error
        except SealBrokenError as error:
            raise StudyDamagedError("A saved image is damaged.", _RESTORE) from error
        if StudyImage.of(image, image_id) != record:
            raise StudyDamagedError("A saved image belongs to another study.", _RESTORE)
        return image

    def study_after(self, sequence: int) -> tuple[int, str] | None:
        """Return the place and the id of the first study after a place in the order; or None."""
        asked = "SELECT sequence, study_id FROM study WHERE sequence>? ORDER BY sequence LIMIT 1"
        rows = self._rows(asked, sequence)
        return (int(rows[0][0]), rows[0][1]) if rows else None

    def n_images(self) -> int:
        """Return how many pictures are saved."""
        return int(self._rows("SELECT count(*) FROM image")[0][0])

    def file_names(self) -> set[str]:
        """Return the name of every saved picture's file."""
        return {self._keys.file_name(row[0]) for row in self._rows("SELECT image_id FROM image")}

    def faults(self) -> Iterator[str]:
        """Yield what is wrong with the database, a study's record or an image, each in words.

        Everything is read: minutes for a large store, which others may use meanwhile.
        """
        if database := self.database_faults():  # nothing that stands in it can be relied on
            yield from (f"database: {fault}" for fault in database)
            return
        for (study_id,) in self._rows("SELECT study_id FROM study ORDER BY sequence"):
            try:
                study = self.study(study_id)
            except StudyDamagedError as error:
                yield f"study {study_id}: {error.what}"
                continue
            yield from self._image_faults(study)

    def database_faults(self) -> list[str]:
        """Return what is wrong with the list of studies itself, after reading all of it."""
        try:
            found = self._rows("PRAGMA cipher_integrity_check") + self._rows("PRAGMA quick_check")
        except StoreDamagedError as error:
            return [error.what]
        return [row[0] for row in found if row[0] != "ok"]

    def _image_faults(self, study: Study) -> Iterator[str]:
        for image in study.images:
            try:
                self.pixels(study, image.image_id)
            except StudyDamagedError as error:
                yield f"study {study.study_id}, image {image.image_id}: {error.what}"

    def account(self, name: str) -> Account | None:
        """Return the account of that name; None where nobody of that name may log in."""
        with self._asked():
            return account_named(self._db, name)

    def accounts(self) -> list[Account]:
        """Return everybody who may log in, by name."""
        with self._asked():
            return accounts_in(self._db)

    def pin_of(self, name: str) -> str:
        """Return what is kept of somebody's PIN; nothing where there is none."""
        with self._asked():
            return pin_of(self._db, name)

    def badge_holder(self, text: str) -> tuple[str, bool] | None:
        """Return whose badge it is, and whether this program drew it; None where it is nobody's."""
        with self._asked():
            return holder_in(self._db, kept_of(text, self._keys))

    def audit_events(self) -> list[AuditEvent]:
        """Return what was done, in order."""
        with self._asked():
            return list(self._audit.events())

    def audit_since(self, begins: str, seen: str) -> list[AuditEvent]:
        """Return the events whose act begins so, after the last one whose act is `seen`."""
        with self._asked():
            return self._audit.since(begins, seen)

    def audit_verified(self) -> Verified:
        """Return whether the audit is as it was written, and whole."""
        with self._asked():
            return self._audit.verified()

    @property
    def audit_head(self) -> str:
        """The audit's head, for paper."""
        with self._asked():
            return self._audit.head

    def _rows(self, question: str, *values: str | int) -> list[Row]:
        with self._asked():
            return self._db.execute(question, values).fetchall()

    @contextmanager
    def _asked(self) -> Iterator[None]:
        try:
            with self._one_at_a_time:
                yield
        except DatabaseError as error:
            if str(error) == INTERRUPTED:
                raise StoreUnreadableError(
                    "So much was written meanwhile that the studies could not be read at one go.",
                    "Try again when less is going on.",
                ) from error
            raise StoreDamagedError(
                f"The list of studies cannot be read: {error}.", "Restore it from a backup."
            ) from error


@contextmanager
def saved_studies(folder: Path, keys: StoreKeys) -> Iterator[SavedStudies]:
    """Yield what is saved in `folder`; another program may hold it and go on writing.

    Nothing is made, migrated or recovered. What a newer version of the program wrote is read as far
    as this one understands it.

    Raises:
        StoreDamagedError: The database is damaged, or missing where there are images.
        StoreUnreadableError: The folder or its files cannot be opened.
    """
    try:
        empty = is_without_images(folder)
        database = open_for_reading(folder / "studies.db", keys.database, may_be_missing=empty)
    except (OSError, DatabaseError) as error:
        raise StoreUnreadableError(
            "The saved studies cannot be opened.", "Check the data folder."
        ) from error
    try:
        yield SavedStudies(database, folder / "images", keys)
    finally:
        database.close()


def image_place(study_id: str, image_id: str) -> bytes:
    """Return what an image is sealed for: it is refused in another study or under another id."""
    return b"\0".join((b"image", study_id.encode(), image_id.encode()))


def decoded(body: str | bytes) -> Study:
    """Return the study of a record.

    Raises:
        StudyDamagedError: The record cannot be read.
    """
    try:
        return msgspec.json.decode(body, type=Study)
    except msgspec.DecodeError as error:
        raise StudyDamagedError("A study's record cannot be read.", _RESTORE) from error


def hold_of(row: Row) -> Hold:
    """Return the hold of a row: study, reason, by whom, since when."""
    return Hold(row[0], row[1], row[2], datetime.fromisoformat(row[3]))


def summary_of(study: Study) -> StudySummary:
    """Return the line of `study` in a list."""
    return StudySummary(
        study.study_id,
        study.patient,
        study.started_at,
        study.state,
        study.outcome.value,
        len(study.images),
        len(study.marked),
    )


def words_of(study: Study) -> str:
    """Return what a search looks at."""
    patient, day = study.patient, study.started_at.date().isoformat()
    return searchable(f"{patient.identifier} {patient.name} {study.study_id} {day}")


def searchable(text: str) -> str:
    """Return `text` without case, accents and the signs between the parts of a DICOM name."""
    spread = unicodedata.normalize("NFKD", text.replace("^", " ").replace("=", " ")).casefold()
    return "".join(c for c in spread if not unicodedata.combining(c))
