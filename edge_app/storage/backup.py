"""A copy of the store on another medium: sealed as the store is, made in steps, read again.

What is copied is worth nothing to a thief: the database is encrypted, images are sealed, and of the
keys only the slots go along, not the device's own secret. The recovery key opens it anywhere.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import msgspec

from edge_app.domain.error import EdgeAppError
from edge_app.durable import ensure_folder, sync_folder, write_whole
from edge_app.storage.audit_chain import AuditChain
from edge_app.storage.cipher import DatabaseError, connected, copied
from edge_app.storage.key_slots import SLOTS_FILES
from edge_app.storage.reports import REPORTS, kept_reports, report_place
from edge_app.storage.saved_studies import saved_studies
from edge_app.storage.sealing import SealBrokenError, opened, sealed
from edge_app.storage.store_keys import StoreKeys

_PLACE = "edge-app-backup"
_DATABASE, _SAID = "studies.db", "backup.sealed"
_MARK = 16
_BLOCK = 1024 * 1024
Progress = Callable[[int, int], None]
"""Told how many files of how many are done."""


class BackupFailedError(EdgeAppError):
    """The copy could not be finished; what was copied stays and is gone on with."""

    code = "BAK-001"
    safe = "The studies here are as they were, and so is the copy before this one."


class RestoreRefusedError(EdgeAppError):
    """Nothing is restored from there, or to there."""

    code = "BAK-002"
    safe = "Nothing was changed."


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a finished copy says of itself, sealed."""

    at: datetime
    studies: int
    images: int
    audit_head: str
    database_sha256: str
    reports: int = 0

    @property
    def audit_count(self) -> int:
        """The number of the last event that is in the copy."""
        return int(self.audit_head.split("-", 1)[0])


@dataclass(frozen=True, slots=True)
class BackedUp:
    """One finished copy.

    Attributes:
        place: The folder on the medium.
        said: What the copy says of itself.
        copied: Images that were not on the medium before.
        missing: Ids of images that are damaged or gone here, so that they are not in the copy.
        missing_reports: The files' names of reports that are gone here.
    """

    place: Path
    said: Said
    copied: int
    missing: tuple[str, ...]
    missing_reports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Contents:
    """What the list of studies of a copy names.

    Attributes:
        images: Their ids by their files' names.
        reports: Their studies' ids by their files' names.
    """

    images: dict[str, str]
    reports: dict[str, str]
    studies: int
    head: str


def place_on(medium: Path, keys: StoreKeys) -> Path:
    """Return the folder of this store on a medium, which may hold those of others."""
    return medium / _PLACE / keys.file_name("backup")[:_MARK]


@contextmanager
def _or_failed() -> Iterator[None]:
    try:
        yield
    except (OSError, DatabaseError) as error:
        why = (error.strerror or "no answer").lower() if isinstance(error, OSError) else str(error)
        raise BackupFailedError(
            f"The copy could not be finished: {why}.", "Check the medium, then start it again."
        ) from error


def back_up(folder: Path, keys: StoreKeys, medium: Path, progress: Progress) -> BackedUp:
    """Copy the store in `folder` to `medium`; it may be in use, and the copy may be gone on with.

    Raises:
        BackupFailedError: The medium is full, gone or read-only, or gave back something else.
    """
    place = place_on(medium, keys)
    with _or_failed():
        for folders in ("images", REPORTS):
            ensure_folder(place / folders)
        draft = place / f"{_DATABASE}.draft"
        _copy_database(folder / _DATABASE, draft, keys)
        held = _contents(draft, keys)
        fresh, missing, lost = _copy_files(folder, place, held, progress)
        for name in SLOTS_FILES:
            write_whole(place / name, (folder / name).read_bytes())
        digest = _digest(draft)
        draft.replace(place / _DATABASE)
        sync_folder(place)
        said = Said(
            datetime.now(timezone.utc), held.studies, len(held.images), held.head, digest,
            len(held.reports) - len(lost),
        )  # fmt: skip
        write_whole(place / _SAID, sealed(msgspec.json.encode(said), keys.blobs, b"backup"))
    return BackedUp(place, said, fresh, missing, lost)


def _copy_database(source: Path, draft: Path, keys: StoreKeys) -> None:
    draft.unlink(missing_ok=True)
    copied(source, draft, keys.database)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    _forget_cache(draft)
    database = connected(draft, "mode=ro", keys.database)
    try:
        if database.execute("PRAGMA cipher_integrity_check").fetchall():
            raise BackupFailedError(
                "The medium gave back something else than was written.", "Use another medium."
            )
    finally:
        database.close()


def _contents(database: Path, keys: StoreKeys) -> _Contents:
    opened_copy = connected(database, "mode=ro", keys.database)
    try:
        rows = opened_copy.execute("SELECT image_id FROM image").fetchall()
        reports = kept_reports(opened_copy)
        (studies,) = opened_copy.execute("SELECT count(*) FROM study").fetchone()
        head = AuditChain(opened_copy, keys.audit).head
    finally:
        opened_copy.close()
    return _Contents({keys.file_name(row[0]): row[0] for row in rows}, reports, int(studies), head)


def _copy_files(
    source: Path, target: Path, held: _Contents, progress: Progress
) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """Return how many images were copied, the ids of those that are not there, and which reports.

    Every image is read before the reports are.
    """
    of = len(held.images) + len(held.reports)
    copied_images, missing = _copy_folder(
        source / "images", target / "images", held.images, lambda done: progress(done, of)
    )
    _, lost = _copy_folder(
        source / REPORTS, target / REPORTS, dict(zip(held.reports, held.reports, strict=True)),
        lambda done: progress(len(held.images) + done, of),
    )  # fmt: skip
    return copied_images, missing, lost


def _copy_folder(
    source: Path, target: Path, names: dict[str, str], progress: Callable[[int], None]
) -> tuple[int, tuple[str, ...]]:
    """Copy what is not there yet; return how many that were, and what each missing one is."""
    fresh, missing = 0, []
    for number, (name, called) in enumerate(names.items(), start=1):
        here, there = source / name, target / name
        if not here.exists():
            missing.append(called)
        elif not there.exists() or there.stat().st_size != here.stat().st_size:
            _copy_file(here, there)
            fresh += 1
        progress(number)
    sync_folder(target)
    return fresh, tuple(missing)


def _copy_file(source: Path, target: Path) -> None:
    """Copy one file, and compare what the medium then gives back.

    Raises:
        BackupFailedError: It is not what was written.
        OSError: It could not be copied.
    """
    draft = target.with_name(f"{target.name}.draft")
    with source.open("rb") as given, draft.open("wb") as taken:
        shutil.copyfileobj(given, taken, _BLOCK)
        taken.flush()
        os.fsync(taken.fileno())
    _forget_cache(draft)
    if _digest(draft) != _digest(source):
        draft.unlink()
        raise BackupFailedError(
            "The medium gave back something else than was written.", "Use another medium."
        )
    draft.replace(target)


def _forget_cache(path: Path) -> None:
    """Have the next reading come from the medium, where the system can be told so."""
    if hasattr(os, "posix_fadvise"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def copies_on(medium: Path) -> list[Path]:
    """Return the folders of every store's copy on a medium."""
    return sorted(p.parent for p in medium.glob(f"{_PLACE}/*/{_SAID}"))


def said_of(place: Path, keys: StoreKeys) -> Said:
    """Return what a copy says of itself.

    Raises:
        RestoreRefusedError: It is damaged, of another store, or was never finished.
    """
    try:
        content = opened((place / _SAID).read_bytes(), keys.blobs, b"backup")
        said = msgspec.json.decode(content, type=Said)
        is_whole = _digest(place / _DATABASE) == said.database_sha256
    except (OSError, SealBrokenError, msgspec.DecodeError) as error:
        raise RestoreRefusedError(
            "This is no finished copy of a store that this key opens.", "Use another copy."
        ) from error
    if not is_whole:
        raise RestoreRefusedError("The copied list of studies was changed.", "Use another copy.")
    return said


def restore(place: Path, folder: Path, keys: StoreKeys, progress: Progress) -> Said:
    """Copy a store from `place` into `folder`, where there is none yet, and read all of it.

    A restore that was cut short is gone on with. The list of studies comes last, so that a store is
    there when all of it is.

    Raises:
        RestoreRefusedError: There is a store already, or the copy is damaged; it says in what.
        BackupFailedError: The disk is full or the medium is gone.
    """
    if (folder / _DATABASE).exists():
        raise RestoreRefusedError(
            "There are studies in this place already.", "Name an empty folder by --data-dir."
        )
    said = said_of(place, keys)
    with _or_failed():
        for folders in ("images", REPORTS):
            ensure_folder(folder / folders)
        held = _contents(place / _DATABASE, keys)
        _, missing, _ = _copy_files(place, folder, held, progress)
        for name in SLOTS_FILES:
            write_whole(folder / name, (place / name).read_bytes())
        _copy_file(place / _DATABASE, folder / _DATABASE)
        sync_folder(folder)
    with saved_studies(folder, keys) as store:
        faults = list(store.faults())
    faults += _report_faults(folder, held.reports, keys)
    if faults or missing:
        raise RestoreRefusedError(
            f"What was restored is not whole: {'; '.join(faults[:3])}.",
            "The rest can be used. Look for another copy of what is missing.",
        )
    return said


def _report_faults(folder: Path, reports: dict[str, str], keys: StoreKeys) -> Iterator[str]:
    """Yield which of the reports that are there cannot be opened."""
    for name, study_id in reports.items():
        file = folder / REPORTS / name
        try:
            if file.exists():
                opened(file.read_bytes(), keys.blobs, report_place(study_id))
        except SealBrokenError:
            yield f"study {study_id}: its report is damaged"
