"""The database's numbered migrations, and the settings that make a commit durable."""

import sqlite3
from pathlib import Path

from edge_app.domain.error import EdgeAppError


class StoreDamagedError(EdgeAppError):
    """The database cannot be trusted; it is left as it is and never made anew."""

    code = "STO-005"
    safe = "Nothing was changed; the images are still on the disk."


class StoreTooNewError(EdgeAppError):
    """A newer version of the program wrote the database."""

    code = "STO-006"
    safe = "Nothing was changed."


_SETTINGS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA secure_delete=ON",
)

MIGRATIONS = (
    """
    CREATE TABLE study (
        study_id TEXT PRIMARY KEY,
        version INTEGER NOT NULL,
        sequence INTEGER NOT NULL UNIQUE,
        state TEXT NOT NULL,
        body BLOB NOT NULL
    ) STRICT;
    CREATE TABLE image (
        image_id TEXT PRIMARY KEY,
        study_id TEXT NOT NULL REFERENCES study,
        hash TEXT NOT NULL
    ) STRICT;
    CREATE TABLE audit (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        act TEXT NOT NULL,
        study_id TEXT NOT NULL,
        version INTEGER NOT NULL
    ) STRICT;
    CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END;
    CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit events are never deleted'); END;
    """,
)


_LOST = "Restore the studies from a backup."


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _check(connection: sqlite3.Connection) -> None:
    try:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise StoreDamagedError("The list of studies is damaged.", _LOST) from error
    if verdict != "ok":
        raise StoreDamagedError("The list of studies is damaged.", _LOST)
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise StoreTooNewError(
            "The studies were written by a newer version of this program.",
            f"Install a version that knows schema {version}.",
        )


def _migrate(connection: sqlite3.Connection) -> None:
    version = _version(connection)
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(f"BEGIN; {script} PRAGMA user_version={number}; COMMIT;")


def _beside(path: Path, ending: str) -> bool:
    """Return whether SQLite left something in the file next to the database."""
    beside = path.with_name(path.name + ending)
    return beside.exists() and beside.stat().st_size > 0


def _is_unborn(path: Path) -> bool:
    """Return whether nothing was ever kept here; a journal is used only while it is made."""
    if not path.exists() or path.stat().st_size == 0:
        return not _beside(path, "-wal")
    return _beside(path, "-journal")


def _connected(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}",
        uri=True,
        timeout=5,
        isolation_level=None,
        check_same_thread=False,
    )


def _checked(path: Path, how: str) -> sqlite3.Connection:
    connection = _connected(path, how)
    try:
        _check(connection)
    except (sqlite3.Error, EdgeAppError):
        connection.close()
        raise
    return connection


def open_for_reading(path: Path, *, may_be_missing: bool) -> sqlite3.Connection:
    """Return a checked connection that cannot write; an empty one where nothing was kept yet.

    Raises:
        StoreDamagedError: The file is not a sound database, or is missing where it must not be.
        StoreTooNewError: A newer version of the program wrote it.
    """
    if not _is_unborn(path):
        try:
            connection = _checked(path, "mode=ro")
        except sqlite3.OperationalError:
            if _beside(path, "-wal"):
                raise
            # A medium that cannot be written has no room for the locks; nobody writes there.
            connection = _checked(path, "immutable=1")
        if _version(connection) > 0:
            return connection
        connection.close()
    if not may_be_missing:
        raise StoreDamagedError("There are saved images but no list of studies.", _LOST)
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    _migrate(connection)
    return connection


def open_for_writing(path: Path, *, may_create: bool) -> sqlite3.Connection:
    """Return a checked connection for writing, migrated to this version's schema.

    It is checked through a connection that cannot write, so that what is refused is untouched.
    Raises as `open_for_reading` does.
    """
    open_for_reading(path, may_be_missing=may_create).close()
    connection = _connected(path, "mode=rwc")
    try:
        for setting in _SETTINGS:
            connection.execute(setting)
        _migrate(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
