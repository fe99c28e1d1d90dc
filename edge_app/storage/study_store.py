"""The store of studies: SQLite for what is said, one file an image for what was seen."""

import logging
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import msgspec

from edge_app.domain.account import Account
from edge_app.domain.audit import AuditEvent, EventKind
from edge_app.domain.error import (
    EdgeAppError,
    NotSavedError,
    StepRefusedError,
    StudyChangedError,
    StudyDamagedError,
)
from edge_app.domain.image import CapturedImage
from edge_app.domain.outbox import Send
from edge_app.domain.study import Study, StudyImage
from edge_app.durable import ensure_folder, sync_folder, write_whole
from edge_app.storage.accounts import put, put_pin, retire
from edge_app.storage.badges import kept_of, put_badge, take_badge
from edge_app.storage.blobs import packed, unpacked
from edge_app.storage.cipher import DatabaseError
from edge_app.storage.in_use import held
from edge_app.storage.outbox import ask
from edge_app.storage.room import Room
from edge_app.storage.saved_studies import (
    SavedStudies,
    decoded,
    image_place,
    is_without_images,
    summary_of,
    words_of,
)
from edge_app.storage.schema import open_for_writing
from edge_app.storage.sealing import SealBrokenError, opened, sealed
from edge_app.storage.store_keys import StoreKeys

_LOG = logging.getLogger(__name__)
Kept = TypeVar("Kept")
_ROOM = "Free some disk space or check the data folder, then try again."


class _UncertainError(NotSavedError):
    """The disk failed in the commit; the next opening finds out what it kept."""


class _Spooled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    study_id: str
    image_id: str
    blob: bytes


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _spool_place(name: str) -> bytes:
    return b"\0".join((b"spool", name.encode()))


@contextmanager
def _or_not_saved() -> Iterator[None]:
    try:
        yield
    except (OSError, DatabaseError) as error:
        raise NotSavedError(f"It was not saved: {_plain(error)}.", _ROOM) from error


def _plain(error: Exception) -> str:
    if isinstance(error, OSError):
        return (error.strerror or "the disk did not answer").lower()
    return str(error)


def _reopens(study: Study) -> bool:
    """Return whether this version is the one that opens a signed study again."""
    return study.amending is not None and study.amending.of_version == study.version - 1


def _record(study: Study) -> bytes:
    """Return the study's record, after a look at whether it would be read back as it is.

    Raises:
        NotSavedError: Something in it cannot be kept, such as half a character or no number.
    """
    try:
        record = msgspec.json.encode(study)
        if decoded(record) == study:
            return record
    except (ValueError, TypeError, StudyDamagedError):
        pass  # its text would name the patient
    raise NotSavedError(
        "It was not saved: a text or a number in the study cannot be written.",
        "Type the patient's details again, or report this.",
    )


class SqliteStudyStore(SavedStudies):
    """Answers `StudyStore`; one process writes at a time.

    Order of a capture: spool (synced) -> blob (draft, synced, renamed, folder synced) ->
    one transaction {study, image, audit event} -> only then does `capture` return.

    Attributes:
        actor: Whose acts they are from now on, as the audit says it; empty for the program's own.
    """

    def __init__(self, folder: Path, keys: StoreKeys, room: Room | None = None) -> None:
        """Open or make the store in `folder`, and finish captures that were cut short.

        With `room`, no study begins on a disk that is nearly full, and what is held back of it is
        let go of when a change of a study finds none.

        Raises:
            NotSavedError: The folder cannot be written.
            StoreInUseError: Another program holds it.
            StoreDamagedError: The database is damaged; nothing was changed.
        """
        images, self._spool = folder / "images", folder / "spool"
        with _or_not_saved():
            for place in (folder, images, self._spool):
                ensure_folder(place)
            self._lock = held(folder / "lock")
        try:
            with _or_not_saved():
                empty = is_without_images(folder)
                database = open_for_writing(folder / "studies.db", keys.database, may_create=empty)
        except EdgeAppError:
            os.close(self._lock)
            raise
        super().__init__(database, images, keys)
        self.actor = ""
        self._room = room
        try:
            with _or_not_saved():
                if room:
                    room.hold()
                sync_folder(folder)
                self.recovered = tuple(self._recover())
        except EdgeAppError:
            self.close()
            raise

    def __enter__(self) -> "SqliteStudyStore":
        """Return the store."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Let go of the database and of the folder."""
        self._db.close()
        os.close(self._lock)

    def start(self, study: Study) -> Study:
        """Keep a new study and return it with its version.

        Raises:
            NoRoomError: The disk is nearly full.
            NotSavedError: It was not kept.
        """
        if self._room:
            self._room.refuse_if_full()
        return self._commit(replace(study, version=0), "started")

    def capture(self, study: Study, image: CapturedImage) -> Study:
        """Keep `image` in `study`; return the study as it is on the disk.

        Raises:
            NotSavedError: Nothing was acknowledged; the study is as before.
            StudyChangedError: The study has a newer version.
        """
        return self._with_room(lambda: self._captured(study, image))

    def _with_room(self, change: Callable[[], Kept]) -> Kept:
        """Return what `change` keeps; it is tried again where room could be let go of for it."""
        try:
            return change()
        except NotSavedError as error:
            has_room = self._room is not None and self._room.let_go()
            if not has_room or isinstance(error, _UncertainError):
                raise
            return change()

    def _captured(self, study: Study, image: CapturedImage) -> Study:
        image_id = secrets.token_hex(8)
        changed = study.with_image(StudyImage.of(image, image_id))
        blob = packed(image)
        name = self._keys.file_name(image_id)
        files = (self._spool / name, self._images / name)
        spooled = msgspec.msgpack.encode(_Spooled(study.study_id, image_id, blob))
        try:
            with _or_not_saved():
                write_whole(files[0], sealed(spooled, self._keys.blobs, _spool_place(name)))
                self._write_image(study.study_id, image_id, blob)
            saved = self._commit(changed, "captured", image_id)
        except _UncertainError:
            raise  # the database may have it after all: the next opening looks again
        except EdgeAppError:
            _drop(*files)
            raise
        _drop(files[0])
        return saved

    def _write_image(self, study_id: str, image_id: str, blob: bytes) -> None:
        place = image_place(study_id, image_id)
        file = self._images / self._keys.file_name(image_id)
        write_whole(file, sealed(blob, self._keys.blobs, place))

    def save(self, study: Study, act: str, sends: Sequence[Send] = ()) -> Study:
        """Keep a changed study, and with it in the outbox what it sends.

        `act` names the change in the audit table. Raises likewise.
        """
        return self._with_room(lambda: self._commit(study, act, sends=sends))

    def note(
        self, kind: EventKind, act: str, *, study_id: str = "", is_refused: bool = False
    ) -> None:
        """Write down an act that changes nothing in the store itself.

        Raises:
            NotSavedError: It was not written down.
        """
        event = AuditEvent(_now(), self.actor, kind, act, study_id, is_refused=is_refused)
        self._with_room(lambda: self._append(event))

    def _append(self, event: AuditEvent) -> None:
        with self._transaction():
            self._audit.append(event)

    def put_account(self, account: Account) -> None:
        """Keep an account, new or with other roles.

        Raises:
            NotSavedError: It is as before.
        """
        words = ", ".join(sorted(role.value for role in account.roles))
        with self._transaction():
            put(self._db, account)
            self._wrote_of_accounts(f"account {account.name}: {words}")

    def put_pin(self, name: str, kept: str) -> None:
        """Keep what is kept of somebody's PIN. Raises likewise."""
        with self._transaction():
            put_pin(self._db, name, kept)
            self._wrote_of_accounts(f"account {name}: another PIN")

    def put_badge(self, name: str, text: str, *, is_drawn: bool) -> None:
        """Keep what is kept of somebody's badge; the one before is void. Raises likewise."""
        with self._transaction():
            put_badge(self._db, name, kept_of(text, self._keys), is_drawn=is_drawn)
            self._wrote_of_accounts(f"account {name}: another badge")

    def take_badge(self, name: str) -> None:
        """Let somebody's badge count no more. Raises likewise."""
        with self._transaction():
            take_badge(self._db, name)
            self._wrote_of_accounts(f"account {name}: badge taken back")

    def retire_account(self, name: str) -> None:
        """Let nobody of that name log in any more. Raises likewise."""
        with self._transaction():
            retire(self._db, name)
            self._wrote_of_accounts(f"account {name}: retired")

    def _wrote_of_accounts(self, act: str) -> None:
        self._audit.append(AuditEvent(_now(), self.actor, EventKind.SECURITY_ALERT, act))

    def _commit(
        self, study: Study, act: str, image_id: str | None = None, sends: Sequence[Send] = ()
    ) -> Study:
        kept = replace(study, version=study.version + 1)
        record = _record(kept)
        with self._transaction():
            self._write(kept, record, act, image_id)
            for send in sends:
                ask(self._db, kept.study_id, kept.version, send)
        return kept

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._one_at_a_time, _or_not_saved():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:  # also Ctrl-C: the next act must not find half a transaction
                self._roll_back()
                raise
            try:
                self._db.execute("COMMIT")
            except DatabaseError as error:
                self._roll_back()
                raise _UncertainError(f"It was not saved: {error}.", _ROOM) from error

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def _write(self, study: Study, record: bytes, act: str, image_id: str | None) -> None:
        kept = (words_of(study), msgspec.json.encode(summary_of(study)), study.state.value, record)
        if study.version == 1:
            changed = self._db.execute(
                "INSERT INTO study SELECT ?, 1, 1 + COALESCE(MAX(sequence), 0), ?, ?, ?, ?"
                " FROM study WHERE true ON CONFLICT (study_id) DO NOTHING",
                (study.study_id, *kept),
            )
        else:
            changed = self._db.execute(
                "UPDATE study SET version=?, words=?, summary=?, state=?, body=?"
                " WHERE study_id=? AND version=? AND (state='signed')=?",
                (study.version, *kept, study.study_id, study.version - 1, _reopens(study)),
            )
        if changed.rowcount != 1:
            self._refuse_if_signed(study)
            raise StudyChangedError("The study was changed by somebody else.", "Open it again.")
        if image_id is not None:
            self._db.execute(
                "INSERT INTO image VALUES (?, ?, ?)",
                (image_id, study.study_id, study.image(image_id).hash),
            )
        if study.signature:
            signed = (study.study_id, study.version, record)
            self._db.execute("INSERT INTO signed_version VALUES (?, ?, ?)", signed)
        kind = EventKind.INSTANCES_ACCESSED if image_id else EventKind.PROCEDURE_RECORD
        self._audit.append(AuditEvent(_now(), self.actor, kind, act, study.study_id, study.version))

    def _refuse_if_signed(self, study: Study) -> None:
        signed = "SELECT 1 FROM study WHERE study_id=? AND version=? AND state='signed'"
        if self._db.execute(signed, (study.study_id, study.version - 1)).fetchone():
            raise StepRefusedError("The study is signed.", "Amend it by a new version.")

    def _recover(self) -> Iterator[str]:
        """Finish each capture that was spooled but not committed; yield its study's id."""
        for place in (self._spool, self._images):
            for draft in place.glob("*.draft"):
                _drop(draft)
        for spooled in sorted(self._spool.iterdir()):
            try:
                study_id = self._finished(spooled)
            except (OSError, SealBrokenError, msgspec.DecodeError, EdgeAppError) as error:
                # Left where it is: only a person may throw an image away.
                _LOG.warning(
                    "Interrupted capture %s stays in the spool (%s).",
                    spooled.name,
                    getattr(error, "code", type(error).__name__),
                )
                continue
            if study_id:
                yield study_id

    def _finished(self, spooled: Path) -> str:
        """Put a spooled image where it belongs; return its study's id if it was not there yet."""
        content = opened(spooled.read_bytes(), self._keys.blobs, _spool_place(spooled.name))
        held = msgspec.msgpack.decode(content, type=_Spooled)
        image, study = unpacked(held.blob), self.study(held.study_id)
        was_kept = self._rows("SELECT 1 FROM image WHERE image_id=?", held.image_id)
        was_captured_again = any(i.hash == image.hash for i in study.images)
        if not was_kept and not was_captured_again:
            changed = study.with_image(StudyImage.of(image, held.image_id))
            self._write_image(held.study_id, held.image_id, held.blob)
            self._commit(changed, "recovered", held.image_id)
            _drop(spooled)
            return held.study_id
        _drop(spooled)
        return ""


def _drop(*files: Path) -> None:
    """Remove files that are needed no more; what stays does no harm."""
    for file in files:
        with suppress(OSError):
            file.unlink()
