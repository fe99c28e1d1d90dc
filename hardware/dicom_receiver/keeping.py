"""The receiving side of the spool: an object is kept for good, or it is not there."""

import contextlib
import hashlib
import os
import shutil
import threading
import time
from pathlib import Path
from typing import BinaryIO

from edge_app.durable import sync_folder
from hardware.dicom_receiver.refusal import Announced, Failure, ObjectRefusedError, Status
from hardware.dicom_receiver.sealed_box import SealedDraft
from hardware.dicom_receiver.spool import Kept, Spool

_FORGOTTEN_S = 300.0
SPARE_BYTES = 2_000_000_000  # what comes by the network stops long before captures must
_CHUNK = 1 << 20


class Keeper:
    """Keeps objects under their SOP Instance UID, each once; one process at a time."""

    def __init__(self, spool: Spool, most_bytes: int) -> None:
        self._spool = spool
        self._most_bytes = most_bytes
        self._one = threading.Lock()
        self._known = {kept.uid_digest: kept for kept in spool.kept()}
        self._number = max((kept.number for kept in self._known.values()), default=0)
        self._bytes = sum(spool.path(kept).stat().st_size for kept in self._known.values())

    def clear(self, older_than_s: float = _FORGOTTEN_S) -> None:
        """Remove what began to arrive and was never finished."""
        for path in self._spool.arriving.iterdir():
            with contextlib.suppress(FileNotFoundError):  # it was finished meanwhile
                if time.time() - path.stat().st_mtime >= older_than_s:
                    path.unlink()

    def ensure_room(self, more: int) -> None:
        """Return where an object of `more` bytes may be kept.

        Raises:
            ObjectRefusedError: The spool or the disk is full.
        """
        free = shutil.disk_usage(self._spool.folder).free
        if self._bytes + more > self._most_bytes or free < SPARE_BYTES:
            words = "The receiver is full. Nothing was kept."
            raise ObjectRefusedError(Status.OUT_OF_RESOURCES, words)

    def keep(self, draft: SealedDraft, data_set_at: int, announced: Announced) -> Kept:
        """Return once the object in `draft` is in the spool for good; the file is moved there.

        The same object once more is kept once, and the draft is left.

        Raises:
            ObjectRefusedError: Another object has its UID, or there is no room.
            OSError: It could not be made durable; whoever sent it must be told so.
        """
        uid = _uid_digest(announced.sop_instance)
        with draft.opened() as file:
            content = _content_digest(file, data_set_at, announced.transfer_syntax)
        with self._one:
            known = self._known.get(uid)
            if known is None:
                digests = (uid, content, _class_digest(announced.sop_class), draft.digest[:40])
                return self._kept(draft.path, Kept(self._number + 1, *digests))
            if known.content_digest != content:
                words = "This UID was received before, with other content."
                raise ObjectRefusedError(Status.DUPLICATE, words)
            _sync(self._spool.path(known))  # a crash may have come between renaming and syncing
            sync_folder(self._spool.objects)
            return known

    def fault_of(self, sop_class: str, sop_instance: str) -> Failure | None:
        """Return why an instance cannot be vouched for; None where it lies here, whole and synced.

        Every byte of it is read again, sealed as it is.
        """
        with self._one:
            known = self._known.get(_uid_digest(sop_instance))
        if known is None:
            return Failure.NO_SUCH_INSTANCE
        try:
            path = self._spool.path(known)
            if _file_digest(path) != known.file_digest:
                return Failure.PROCESSING
            _sync(path)
            sync_folder(self._spool.objects)
        except FileNotFoundError:  # a technician moved it away
            return Failure.NO_SUCH_INSTANCE
        except OSError:
            return Failure.PROCESSING
        is_of_class = known.class_digest == _class_digest(sop_class)
        return None if is_of_class else Failure.CLASS_CONFLICT

    def _kept(self, path: Path, kept: Kept) -> Kept:
        size = path.stat().st_size
        self.ensure_room(size)
        _sync(path)
        path.rename(self._spool.path(kept))
        self._number, self._known[kept.uid_digest] = kept.number, kept
        self._bytes += size
        sync_folder(self._spool.objects)
        return kept


def _uid_digest(sop_instance: str) -> str:
    return hashlib.sha256(sop_instance.encode("ascii")).hexdigest()[:40]


def _class_digest(sop_class: str) -> str:
    return hashlib.sha256(sop_class.encode("ascii")).hexdigest()[:16]


def _content_digest(file: BinaryIO, begin: int, syntax: str) -> str:
    digest = hashlib.sha256(syntax.encode("ascii"))
    file.seek(begin)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()[:40]


def _file_digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()[:40]


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
