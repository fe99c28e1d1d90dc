"""The database's numbered migrations, and the settings that make a commit durable."""

import os
from pathlib import Path

from edge_app.domain.error import EdgeAppError, ListDamagedError
from edge_app.durable import sync_folder, write_whole
from edge_app.storage.audit_chain import SCHEMA as AUDIT_SCHEMA
from edge_app.storage.cipher import (
    BusyOrUnreadableError,
    Database,
    DatabaseError,
    connected,
    copied,
    in_memory,
    is_plain,
)
from edge_app.storage.pages import SALT, log_is_damaged, salt_file


class StoreDamagedError(ListDamagedError):
    """The database cannot be trusted; it is left as it is and never made anew."""

    code = "STO-005"
    safe = "Nothing was changed; the images are still on the disk."


class StoreTooNewError(EdgeAppError):
    """A newer version of the program wrote the database."""

    code = "STO-006"
    safe = "Nothing was changed."


class StoreReadableError(EdgeAppError):
    """The database is not encrypted; nothing is read from it and nothing added to it."""

    code = "STO-009"
    safe = "Nothing was changed."


_SETTINGS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA secure_delete=ON",
    "PRAGMA wal_checkpoint(TRUNCATE)",  # a log holds the changes of one run and of no other
    "PRAGMA journal_size_limit=16777216",  # bytes that a log keeps, once it had to grow
    "PRAGMA cache_size=-32768",  # KiB: what a search goes through stays decrypted
)

MIGRATIONS = (
    f"""
    CREATE TABLE study (
        study_id TEXT PRIMARY KEY,
        version INTEGER NOT NULL,
        sequence INTEGER NOT NULL UNIQUE,
        words TEXT NOT NULL,
        summary BLOB NOT NULL,
        state TEXT NOT NULL,
        body BLOB NOT NULL
    ) STRICT;
    CREATE INDEX study_by_words ON study (sequence, words);
    CREATE TABLE image (
        image_id TEXT PRIMARY KEY,
        study_id TEXT NOT NULL REFERENCES study,
        hash TEXT NOT NULL
    ) STRICT;
    CREATE INDEX image_by_hash ON image (hash);
    CREATE TABLE account (
        name TEXT PRIMARY KEY,
        roles TEXT NOT NULL,
        pin TEXT NOT NULL,
        is_active INTEGER NOT NULL
    ) STRICT;
    {AUDIT_SCHEMA}
    """,
    """
    CREATE TABLE outbox (
        number INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        study_id TEXT NOT NULL REFERENCES study,
        version INTEGER NOT NULL,
        kind TEXT NOT NULL,
        target TEXT NOT NULL,
        mount TEXT NOT NULL,
        state TEXT NOT NULL,
        problem TEXT NOT NULL,
        tries INTEGER NOT NULL,
        boot TEXT NOT NULL,
        due_s REAL NOT NULL,
        left_s REAL NOT NULL
    ) STRICT;
    CREATE INDEX outbox_by_study ON outbox (study_id);
    CREATE INDEX outbox_by_state ON outbox (state);
    CREATE TABLE outbox_file (
        key TEXT NOT NULL REFERENCES outbox (key) ON DELETE CASCADE,
        name TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        PRIMARY KEY (key, name)
    ) STRICT;
    CREATE TABLE outbox_plan (
        key TEXT PRIMARY KEY REFERENCES outbox (key) ON DELETE CASCADE,
        plan BLOB NOT NULL
    ) STRICT;
    CREATE TABLE hold (
        study_id TEXT PRIMARY KEY REFERENCES study,
        reason TEXT NOT NULL,
        by TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE tombstone (
        study_id TEXT PRIMARY KEY,
        version INTEGER NOT NULL,
        by TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE doomed_file (
        folder TEXT NOT NULL,
        name TEXT NOT NULL,
        PRIMARY KEY (folder, name)
    ) STRICT;
    CREATE TABLE badge (
        name TEXT PRIMARY KEY REFERENCES account,
        hash TEXT NOT NULL UNIQUE,
        is_drawn INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE finished_copy (
        audit_count INTEGER PRIMARY KEY,
        at TEXT NOT NULL
    ) STRICT;
    CREATE TRIGGER held_study_stays BEFORE DELETE ON study
        WHEN EXISTS (SELECT 1 FROM hold WHERE study_id = OLD.study_id)
        BEGIN SELECT RAISE(ABORT, 'a study under legal hold is never removed'); END;
    CREATE TRIGGER unsigned_study_stays BEFORE DELETE ON study WHEN OLD.state <> 'signed'
        BEGIN SELECT RAISE(ABORT, 'a study that is not signed is never removed'); END;
    CREATE TRIGGER tombstone_stays BEFORE DELETE ON tombstone
        BEGIN SELECT RAISE(ABORT, 'tombstones are never deleted'); END;
    CREATE TABLE signed_version (
        study_id TEXT NOT NULL REFERENCES study ON DELETE CASCADE,
        version INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (study_id, version)
    ) STRICT;
    INSERT INTO signed_version SELECT study_id, version, body FROM study WHERE state = 'signed';
    CREATE TRIGGER signed_version_is_kept BEFORE UPDATE ON signed_version
        BEGIN SELECT RAISE(ABORT, 'what was signed is never changed'); END;
    CREATE TRIGGER signed_version_stays BEFORE DELETE ON signed_version
        WHEN EXISTS (SELECT 1 FROM study WHERE study_id = OLD.study_id)
        BEGIN SELECT RAISE(ABORT, 'what was signed goes with its study only'); END;
    CREATE TRIGGER signed_study_is_kept BEFORE UPDATE ON study
        WHEN OLD.state = 'signed' AND NOT EXISTS (SELECT 1 FROM signed_version
            WHERE study_id = OLD.study_id AND version = OLD.version AND body = OLD.body)
        BEGIN SELECT RAISE(ABORT, 'a signed study is kept before it is amended'); END;
    """,
)


_MOST_PAGES = 65_536  # 256 MiB: less than a second
_LOST = "Ask the administrator to run edge-app study salvage: it saves what can be read."


def _version(database: Database) -> int:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    return int(version)


def _is_sound(database: Database) -> bool:
    """Return whether nothing is wrong; a large database is only glanced at, or a start would wait.

    Each page carries its own code, so that what is spoilt is refused when it is read at the latest.
    """
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    if int(pages) > _MOST_PAGES:
        database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        return True
    (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
    return verdict == "ok"


def _check(database: Database) -> None:
    try:
        sound = _is_sound(database)
    except BusyOrUnreadableError:
        raise
    except DatabaseError as error:
        raise StoreDamagedError("The list of studies is damaged.", _LOST) from error
    if not sound:
        raise StoreDamagedError("The list of studies is damaged.", _LOST)


def is_too_new(database: Database) -> bool:
    """Return whether a newer version of the program wrote it, so that it is not written to."""
    return _version(database) > len(MIGRATIONS)


def _refuse_newer(database: Database) -> None:
    if is_too_new(database):
        raise StoreTooNewError(
            "The studies were written by a newer version of this program.",
            f"Install a version that knows schema {_version(database)}; this one can show and"
            " export them by edge-app study.",
        )


def copy_before(path: Path, version: int) -> Path:
    """Return where the database lies as it was before it got schema `version`."""
    return path.with_name(f"{path.stem}.before-schema-{version}{path.suffix}")


def copies_before(path: Path) -> list[Path]:
    """Return every copy of the database from before a migration, with what it left beside it."""
    return sorted(path.parent.glob(f"{path.stem}.before-schema-*"))


def _keep_as_it_was(path: Path, key: bytes, version: int) -> None:
    """Copy a database that is about to be migrated; the copy is whole, or not under its name."""
    kept = copy_before(path, version)
    draft = kept.with_name(f"{kept.name}.draft")
    draft.unlink(missing_ok=True)
    copied(path, draft, key)
    draft.chmod(0o600)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(kept)
    sync_folder(kept.parent)


def _migrate(database: Database) -> None:
    version = _version(database)
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        database.executescript(f"BEGIN; {script} PRAGMA user_version={number}; COMMIT;")


def _beside(path: Path, ending: str) -> bool:
    """Return whether SQLite left something in the file next to the database."""
    beside = path.with_name(path.name + ending)
    return beside.exists() and beside.stat().st_size > 0


def _is_unborn(path: Path) -> bool:
    """Return whether nothing was ever kept here; a journal is used only while it is made."""
    if not path.exists() or path.stat().st_size == 0:
        return not _beside(path, "-wal")
    return _beside(path, "-journal")


def _checked(path: Path, how: str, key: bytes) -> Database:
    if is_plain(path):
        raise StoreReadableError(
            "These studies are not encrypted: they are of a version before this one.",
            "Keep the folder, and name another one by --data-dir.",
        )
    if log_is_damaged(path):
        raise StoreDamagedError("The newest changes of the studies are damaged.", _LOST)
    database = connected(path, how, key)
    try:
        _check(database)
    except (DatabaseError, EdgeAppError):
        database.close()
        raise
    return database


def open_for_reading(path: Path, key: bytes, *, may_be_missing: bool) -> Database:
    """Return a checked connection that cannot write; an empty one where nothing was kept yet.

    Raises:
        StoreDamagedError: The file is not a sound database, or is missing where it must not be.
        StoreReadableError: It is not encrypted.
    """
    if not _is_unborn(path):
        try:
            database = _checked(path, "mode=ro", key)
        except BusyOrUnreadableError:
            if _beside(path, "-wal"):
                raise
            # A medium that cannot be written has no room for the locks; nobody writes there.
            database = _checked(path, "immutable=1", key)
        if _version(database) > 0:
            return database
        database.close()
    if not may_be_missing:
        raise StoreDamagedError("There are saved images but no list of studies.", _LOST)
    database = in_memory()
    _migrate(database)
    return database


def _keep_salt(path: Path) -> None:
    """Keep the database's salt a second time: it is what tells whole pages from damaged ones."""
    with path.open("rb") as file:
        salt = file.read(SALT)
    beside = salt_file(path)
    if len(salt) == SALT and not (beside.exists() and beside.read_bytes() == salt):
        write_whole(beside, salt)


def open_for_writing(path: Path, key: bytes, *, may_create: bool) -> Database:
    """Return a checked connection for writing, migrated to this version's schema.

    It is checked through a connection that cannot write, so that what is refused is untouched.

    Raises:
        StoreTooNewError: A newer version of the program wrote it.
        StoreDamagedError, StoreReadableError: As `open_for_reading`.
    """
    checked = open_for_reading(path, key, may_be_missing=may_create)
    try:
        _refuse_newer(checked)
    finally:
        checked.close()
    database = connected(path, "mode=rwc", key)
    try:
        path.chmod(0o600)
        for setting in _SETTINGS:
            database.execute(setting)
        if 0 < _version(database) < len(MIGRATIONS):
            _keep_as_it_was(path, key, len(MIGRATIONS))
        _migrate(database)
        # Written again so that the log's file is there before the caller syncs the folder: SQLite
        # does that too, and does not look whether it worked.
        database.execute(f"PRAGMA user_version={len(MIGRATIONS)}")
        _keep_salt(path)
    except (DatabaseError, OSError):
        database.close()
        raise
    return database


def open_beside(path: Path, key: bytes) -> Database:
    """Return a connection for writing to a store that somebody has opened and checked already.

    Raises as `open_for_reading` does.
    """
    try:
        database = connected(path, "mode=rw", key)
        if _version(database) != len(MIGRATIONS):  # nobody has opened it for writing yet
            database.close()
            return open_for_writing(path, key, may_create=False)
        for setting in _SETTINGS:
            database.execute(setting)
    except DatabaseError as error:
        raise StoreDamagedError(
            f"The list of studies cannot be written: {error}.", _LOST
        ) from error
    return database
