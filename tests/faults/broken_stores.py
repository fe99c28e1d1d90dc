"""Stores that break their promise in one way each; a harness that does not notice is worthless."""

import os
from dataclasses import replace
from pathlib import Path

from edge_app.domain.image import CapturedImage
from edge_app.domain.study import Study, StudyImage
from edge_app.storage.blobs import packed
from edge_app.storage.room import Room
from edge_app.storage.saved_studies import image_place
from edge_app.storage.sealing import sealed
from edge_app.storage.store_keys import StoreKeys
from edge_app.storage.study_store import SqliteStudyStore, _record


class EarlyStore(SqliteStudyStore):
    """Acknowledges while its transaction is open; the next change commits it."""

    def _commit(self, study: Study, act: str, image_id: str | None = None) -> Study:
        if self._db.in_transaction:
            self._db.execute("COMMIT")
        kept = replace(study, version=study.version + 1)
        self._db.execute("BEGIN IMMEDIATE")
        self._write(kept, _record(kept), act, image_id)
        return kept


class LateBlobStore(SqliteStudyStore):
    """Acknowledges before the pixels are written; the next capture writes them."""

    _waiting: tuple[str, str, bytes] | None = None

    def capture(self, study: Study, image: CapturedImage) -> Study:
        if self._waiting:
            self._write_image(*self._waiting)
        image_id = f"{study.study_id}-{study.version}"
        saved = self._commit(study.with_image(StudyImage.of(image, image_id)), "captured", image_id)
        self._waiting = (study.study_id, image_id, packed(image))
        return saved


class NormalStore(SqliteStudyStore):
    """Commits as SQLite does by `synchronous=NORMAL`: without waiting for the disk."""

    def __init__(self, folder: Path, keys: StoreKeys, room: Room | None = None) -> None:
        super().__init__(folder, keys, room)
        self._db.execute("PRAGMA synchronous=NORMAL")


class NoBlobSyncStore(SqliteStudyStore):
    """Renames an image to its name before the disk has its pixels."""

    def _write_image(self, study_id: str, image_id: str, blob: bytes) -> None:
        self._renamed(study_id, image_id, blob, is_synced=False)

    def _renamed(self, study_id: str, image_id: str, blob: bytes, *, is_synced: bool) -> None:
        file = self._images / self._keys.file_name(image_id)
        draft = file.with_name(f"{file.name}.draft")
        with draft.open("wb") as written:
            written.write(sealed(blob, self._keys.blobs, image_place(study_id, image_id)))
            written.flush()
            if is_synced:
                os.fsync(written.fileno())
        draft.replace(file)


class NoFolderSyncStore(NoBlobSyncStore):
    """Waits for the pixels of an image, and not for its name."""

    def _write_image(self, study_id: str, image_id: str, blob: bytes) -> None:
        self._renamed(study_id, image_id, blob, is_synced=True)
