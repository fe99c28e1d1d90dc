"""A new list of studies from what can be read of a damaged one; nothing of that is thrown away.

The damaged files are moved to a folder of their own with the day in its name. Until the new list
is in its place, they are what the next try reads from.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path

import msgspec

from edge_app.domain.account import Account, Role
from edge_app.domain.audit import AuditEvent, EventKind
from edge_app.domain.error import EdgeAppError, StudyDamagedError
from edge_app.domain.image import CapturedImage
from edge_app.domain.patient import PatientRef
from edge_app.domain.salvaged import Salvaged
from edge_app.domain.study import Study, StudyImage
from edge_app.durable import ensure_folder, sync_folder, write_whole
from edge_app.storage.audit_chain import AuditChain
from edge_app.storage.blobs import unpacked
from edge_app.storage.cipher import Database, DatabaseError
from edge_app.storage.in_use import held
from edge_app.storage.leaf_rows import Value
from edge_app.storage.pages import salt_file
from edge_app.storage.salvaged_rows import Found, Row, rows_in_copy, rows_in_pages
from edge_app.storage.saved_studies import image_place, summary_of, words_of
from edge_app.storage.schema import open_for_writing
from edge_app.storage.scrub import QUARANTINE
from edge_app.storage.sealing import SealBrokenError, opened
from edge_app.storage.store_keys import StoreKeys

DATABASE = "studies.db"
_DRAFT = "studies.db.salvage"
_DONE = "salvaged"
_ROLES = msgspec.json.Decoder(tuple[Role, ...])
_ENDINGS = ("", "-wal", "-shm", "-journal", ".salt")


class SalvageFailedError(EdgeAppError):
    """The new list of studies could not be written."""

    code = "STO-011"
    safe = "The damaged list and every image are on the disk as they were."


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0


class Salvage:
    """One damaged list, looked at; nothing is changed before `carry_out`."""

    def __init__(self, folder: Path, keys: StoreKeys, copy: Path | None = None) -> None:
        """Read what can be read below `folder`, and what is missing there from a copy's folder.

        Raises:
            SalvageFailedError: The disk does not answer at all.
        """
        self._folder, self._keys, self._copy = folder, keys, copy
        self._found = Found()
        try:
            for database in _damaged_lists(folder):
                found = rows_in_pages(database, keys.database)
                self._found.pages += found.pages
                self._found.damaged += found.damaged
                self._found.merge(found)
            if copy:
                self._found.merge(rows_in_copy(copy / DATABASE, keys.database))
        except (OSError, DatabaseError) as error:
            raise SalvageFailedError("What is left cannot be read.", "Check the disk.") from error
        self._records = self._found.records()
        self._due = self._versions()
        self._studies = {study.study_id: study for study in self._recovered()}
        self._mended: dict[str, Path] = {}
        self.outcome = self._told()

    def accounts(self) -> list[Account]:
        """Return who could log in, as far as it can be read."""
        return [
            Account(
                _text(name), frozenset(msgspec.json.decode(_text(roles), type=tuple[Role, ...]))
            )
            for name, roles, _, is_active in self._found.table("account")
            if is_active
        ]

    def _events(self) -> list[Row]:
        return sorted(self._found.table("audit"), key=lambda row: _number(row[0]))

    def _versions(self) -> dict[str, int]:
        """Return the last version of each study that there was, as far as anything says so."""
        due: dict[str, int] = {}
        for row in self._events():
            due[_text(row[5])] = max(due.get(_text(row[5]), 0), _number(row[6]))
        for row in self._found.table("image"):
            due.setdefault(_text(row[1]), 1)
        for study_id, study in self._records.items():
            due[study_id] = max(due.get(study_id, 0), study.version)
        gone = {_text(row[0]) for row in self._found.table("tombstone")}
        return {s: v for s, v in due.items() if s and v and s not in gone}

    def _recovered(self) -> Iterator[Study]:
        images: dict[str, list[str]] = {}
        for image_id, study_id, _ in self._found.table("image"):
            images.setdefault(_text(study_id), []).append(_text(image_id))
        for study_id, version in self._due.items():
            study = self._records.get(study_id)
            known = images.get(study_id, [])
            if study is None:
                yield from self._unnamed(study_id, version, known)
            elif study.version < version and not study.signature:
                yield replace(self._with_images(study, known), version=version)
            else:  # what was signed stays as it was signed
                yield study

    def _unnamed(self, study_id: str, version: int, images: list[str]) -> Iterator[Study]:
        """Yield a study of nobody with the pictures that are there."""
        taken = [self._picture(study_id, image_id) for image_id in images]
        first = min((image.captured_at for image in taken if image), default=None)
        if first:
            study = Study(study_id, PatientRef(""), first, version=version)
            yield self._with_images(study, images)

    def _with_images(self, study: Study, images: list[str]) -> Study:
        """Return the study with pictures that its record does not know."""
        known = {image.image_id for image in study.images}
        for image_id in images:
            image = self._picture(study.study_id, image_id) if image_id not in known else None
            if image:
                study = study.with_image(StudyImage.of(image, image_id))
        return study

    def _picture(self, study_id: str, image_id: str) -> CapturedImage | None:
        """Return a picture from here or from the copy, or None where neither can be read."""
        place = image_place(study_id, image_id)
        for folder in filter(None, (self._folder, self._copy)):
            file = folder / "images" / self._keys.file_name(image_id)
            try:
                image = unpacked(opened(file.read_bytes(), self._keys.blobs, place))
            except (OSError, SealBrokenError, StudyDamagedError):
                continue
            if folder != self._folder:
                self._mended[image_id] = file
            return image
        return None

    def _told(self) -> Salvaged:
        older = [s for s, found in self._records.items() if found.version < self._due.get(s, 0)]
        unnamed = [s for s in self._studies if self._records.get(s) is None]
        unreadable = [
            (study.study_id, image.image_id)
            for study in self._studies.values()
            for image in study.images
            if self._picture(study.study_id, image.image_id) is None
        ]
        return Salvaged(
            whole=tuple(s for s in self._studies if s not in {*older, *unnamed}),
            older=tuple(older),
            unnamed=tuple(unnamed),
            lost=tuple(s for s in self._due if s not in self._studies),
            unreadable=tuple(unreadable),
            mended=len(self._mended),
            pages=self._found.pages,
            damaged_pages=self._found.damaged,
            has_copy=self._copy is not None,
            accounts=len(self.accounts()),
        )

    def carry_out(self, actor: str, at: datetime) -> Path:
        """Write the new list and put it in its place; return where the damaged one is kept.

        Raises:
            SalvageFailedError: The disk is full or fails; the damaged list is still there.
            StoreInUseError: Another program holds the store.
        """
        lock = held(self._folder / "lock")
        try:
            quarantine = _quarantine(self._folder, at)
            self._write_new(actor, at, quarantine.name)
            for image_id, file in self._mended.items():
                name = self._keys.file_name(image_id)
                write_whole(self._folder / "images" / name, file.read_bytes())
            _put_away(self._folder, quarantine)
            (self._folder / _DRAFT).replace(self._folder / DATABASE)
            sync_folder(self._folder)
            write_whole(quarantine / _DONE, b"")
        except (OSError, DatabaseError) as error:
            raise SalvageFailedError(
                "The new list of studies could not be written.", "Make room, then try again."
            ) from error
        finally:
            os.close(lock)
        return quarantine

    def _write_new(self, actor: str, at: datetime, quarantine: str) -> None:
        draft = self._folder / _DRAFT
        for ending in _ENDINGS:
            draft.with_name(f"{_DRAFT}{ending}").unlink(missing_ok=True)
        with closing(open_for_writing(draft, self._keys.database, may_create=True)) as database:
            database.execute("BEGIN IMMEDIATE")
            self._put_studies(database)
            self._put_the_rest(database)
            self._put_audit(database, actor, at, quarantine)
            database.execute("COMMIT")
            database.execute("PRAGMA journal_mode=DELETE")  # one file, to be renamed whole
        salt_file(draft).unlink(missing_ok=True)
        with draft.open("rb") as file:
            os.fsync(file.fileno())

    def _put_studies(self, database: Database) -> None:
        sequences = self._sequences()
        for study_id, study in self._studies.items():
            database.execute(
                "INSERT INTO study VALUES (?, ?, ?, ?, ?, ?, ?)",
                (study_id, study.version, sequences[study_id], words_of(study),
                 msgspec.json.encode(summary_of(study)), study.state.value,
                 msgspec.json.encode(study)),
            )  # fmt: skip

    def _sequences(self) -> dict[str, int]:
        """Return each study's place in the order; a lost one is a free one, by the audit."""
        known = {_text(row[0]): _number(row[2]) for row in self._found.table("study")}
        taken = set(known.values())
        free = (number for number in count(1) if number not in taken)
        return {study_id: known.get(study_id) or next(free) for study_id in self._due}

    def _put_the_rest(self, database: Database) -> None:
        hashes = {_text(row[0]): row for row in self._found.table("image")}
        for study in self._studies.values():
            for image in study.images:
                hashes.setdefault(image.image_id, (image.image_id, study.study_id, image.hash))
        self._put(database, "image", [r for r in hashes.values() if r[1] in self._studies])
        for table, owner in (("hold", 0), ("signed_version", 0), ("outbox", 2)):
            rows = [r for r in self._found.table(table) if r[owner] in self._studies]
            self._put(database, table, rows)
        jobs = {row[1] for row in self._found.table("outbox") if row[2] in self._studies}
        for table in ("outbox_file", "outbox_plan"):
            rows = [row for row in self._found.table(table) if row[0] in jobs]
            self._put(database, table, rows)
        for table in ("account", "tombstone", "doomed_file", "finished_copy"):
            self._put(database, table, list(self._found.table(table)))

    def _put(self, database: Database, table: str, rows: list[Row]) -> None:
        for row in rows:
            places = ", ".join("?" * len(row))
            database.execute(f"INSERT INTO {table} VALUES ({places})", row)  # noqa: S608  our own words

    def _put_audit(self, database: Database, actor: str, at: datetime, quarantine: str) -> None:
        """Keep the events up to the first that is missing, then say what happened here."""
        chain = AuditChain(database, self._keys.audit)
        events = self._events()
        kept = chain.adopt(events)
        told = self.outcome
        said = (
            f"salvaged: {len(told.whole)} studies whole, {len(told.older)} older,"
            f" {len(told.unnamed)} unnamed, {len(told.lost)} lost; {kept} audit events kept,"
            f" {len(events) - kept} readable ones after a gap not; the damaged list is {quarantine}"
        )
        acts = [(said, "", 0)]
        for act, ids in (("older", told.older), ("unnamed", told.unnamed), ("lost", told.lost)):
            acts += [(f"salvaged: {act}", s, self._due[s]) for s in ids]
        acts += [
            ("salvaged: a picture cannot be read", s, self._due[s]) for s, _ in told.unreadable
        ]
        for act, study_id, version in acts:
            event = AuditEvent(at, actor, EventKind.SECURITY_ALERT, act, study_id, version)
            chain.append(event)


def _damaged_lists(folder: Path) -> list[Path]:
    """Return the list in its place, and those of salvages that were cut short."""
    tried = sorted((folder / QUARANTINE).glob(f"*/{DATABASE}"))
    unfinished = [file for file in tried if not (file.parent / _DONE).exists()]
    return [file for file in (folder / DATABASE, *reversed(unfinished)) if file.exists()]


def _quarantine(folder: Path, at: datetime) -> Path:
    """Return a new folder for the damaged list."""
    name = place = folder / QUARANTINE / f"{at:%Y-%m-%d-%H%M%S}"
    number = 1
    while place.exists():
        number += 1
        place = name.with_name(f"{name.name}-{number}")
    ensure_folder(place)
    return place


def _put_away(folder: Path, quarantine: Path) -> None:
    """Move the damaged files; the log goes too, or it would be laid over the new list.

    All of them have two names for a moment, so that no power cut parts the list from its log.
    """
    files = [f for ending in _ENDINGS if (f := folder / f"{DATABASE}{ending}").exists()]
    for file in files:
        (quarantine / file.name).hardlink_to(file)
    sync_folder(quarantine)
    for file in files:
        file.unlink()
    sync_folder(folder)
