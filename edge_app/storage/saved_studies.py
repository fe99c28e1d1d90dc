"""What was saved, for whoever only looks: beside the window, or on a medium that is read-only."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from edge_app.domain.error import EdgeAppError, StudyDamagedError, StudyUnknownError
from edge_app.domain.image import CapturedImage
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study, StudyImage, StudyState
from edge_app.ports import StudySummary
from edge_app.storage.blobs import unpacked
from edge_app.storage.schema import StoreDamagedError, open_for_reading

DAMAGED = "damaged"
_RESTORE = "Restore the study from a backup."


class StoreUnreadableError(EdgeAppError):
    """The store's files cannot be opened."""

    code = "STO-008"
    safe = "Nothing was changed."


def is_without_images(folder: Path) -> bool:
    """Return whether no image was ever saved below `folder`, nor one begun."""
    places = (folder / "images", folder / "spool")
    return not any(place.is_dir() and any(place.iterdir()) for place in places)


class SavedStudies:
    """Answers `SavedStudies` of the ports; any thread may ask, one at a time is answered."""

    def __init__(self, database: sqlite3.Connection, images: Path) -> None:
        self._db, self._images = database, images
        # One connection is one transaction: nobody may look while somebody else is in one.
        self._one_at_a_time = threading.Lock()

    def study(self, study_id: str) -> Study:
        """Return the newest version of one study.

        Raises:
            StudyUnknownError: There is none.
            StudyDamagedError: Its record cannot be read.
        """
        rows = self._rows("SELECT body FROM study WHERE study_id=?", study_id)
        if not rows:
            raise StudyUnknownError(f"There is no study {study_id}.", "List the studies.")
        return decoded(rows[0][0])

    def studies(self) -> Iterator[StudySummary]:
        """Yield every study, newest first; one whose record is damaged says so."""
        for study_id, state, body, at in self._rows(
            "SELECT study_id, state, body, (SELECT at FROM audit WHERE audit.study_id ="
            " study.study_id ORDER BY sequence LIMIT 1) FROM study ORDER BY study.sequence DESC"
        ):
            try:
                yield _summary(decoded(body))
            except StudyDamagedError:
                begun = datetime.fromisoformat(at)
                yield StudySummary(
                    study_id, PatientRef(""), begun, StudyState(state), DAMAGED, 0, 0
                )

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
        try:
            image = unpacked((self._images / image_id).read_bytes())
        except OSError as error:
            raise StudyDamagedError("A saved image is missing.", _RESTORE) from error
        if StudyImage.of(image, image_id) != record:
            raise StudyDamagedError("A saved image belongs to another study.", _RESTORE)
        return image

    def _rows(self, question: str, *values: str) -> list[tuple[str, ...]]:
        try:
            with self._one_at_a_time:
                return self._db.execute(question, values).fetchall()
        except sqlite3.Error as error:
            raise StoreDamagedError(
                f"The list of studies cannot be read: {error}.", "Restore it from a backup."
            ) from error


@contextmanager
def saved_studies(folder: Path) -> Iterator[SavedStudies]:
    """Yield what is saved in `folder`; another program may hold it and go on writing.

    Nothing is made, migrated or recovered.

    Raises:
        StoreDamagedError: The database is damaged, or missing where there are images.
        StoreTooNewError: A newer version of the program wrote it.
        StoreUnreadableError: The folder or its files cannot be opened.
    """
    try:
        empty = is_without_images(folder)
        database = open_for_reading(folder / "studies.db", may_be_missing=empty)
    except (OSError, sqlite3.Error) as error:
        raise StoreUnreadableError(
            "The saved studies cannot be opened.", "Check the data folder."
        ) from error
    try:
        yield SavedStudies(database, folder / "images")
    finally:
        database.close()


def decoded(body: str | bytes) -> Study:
    """Return the study of a record.

    Raises:
        StudyDamagedError: The record cannot be read.
    """
    try:
        return msgspec.json.decode(body, type=Study)
    except msgspec.DecodeError as error:
        raise StudyDamagedError("A study's record cannot be read.", _RESTORE) from error


def _summary(study: Study) -> StudySummary:
    return StudySummary(
        study.study_id,
        study.patient,
        study.started_at,
        study.state,
        study.outcome.value,
        len(study.images),
        len(study.findings),
    )
