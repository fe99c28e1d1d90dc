"""Stores that break their promise in one way each; a harness that does not notice is worthless."""

from dataclasses import replace

from edge_app.domain.image import CapturedImage
from edge_app.domain.study import Study, StudyImage
from edge_app.storage.blobs import packed
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
