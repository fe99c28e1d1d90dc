"""The one door to the database library: what is opened here is encrypted, or it is refused."""

from pathlib import Path
from typing import Protocol

from sqlcipher3 import dbapi2

PLAIN = b"SQLite format 3\0"
"""How a database begins that anybody can read."""

Row = tuple[str, ...]
"""Values as text; a number is read by int(), bytes by whoever decodes them."""
DatabaseError: type[Exception] = dbapi2.Error
BusyOrUnreadableError: type[Exception] = dbapi2.OperationalError


class NotEncryptedError(Exception):
    """The library cannot encrypt: whatever is written through it could be read by a thief."""


class Rows(Protocol):
    """The answer to one statement."""

    rowcount: int

    def fetchone(self) -> Row:
        """Return the next row; None after the last."""

    def fetchall(self) -> list[Row]:
        """Return all rows that are left."""


class Database(Protocol):
    """One connection, as the library gives it."""

    in_transaction: bool

    def execute(self, statement: str, values: tuple[object, ...] = ()) -> Rows:
        """Run one statement."""

    def executescript(self, script: str) -> Rows:
        """Run several statements."""

    def backup(self, target: "Database") -> None:
        """Copy everything into `target`."""

    def close(self) -> None:
        """Let go of the file."""


def _keyed(database: Database, key: bytes) -> Database:
    database.execute("PRAGMA cipher_log_level = NONE")  # what is wrong is raised, not printed
    # A key of SQLCipher's "raw" form: nothing is derived from it, for it is random already.
    database.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    if not database.execute("PRAGMA cipher_version").fetchall():
        raise NotEncryptedError("this build of the database library cannot encrypt")
    return database


def connected(path: Path, how: str, key: bytes) -> Database:
    """Return a connection to the database at `path` in SQLite's mode `how`, such as "mode=ro".

    Args:
        path: Of the file.
        how: The query of SQLite's URI.
        key: 32 random bytes.

    Raises:
        NotEncryptedError: Nothing could be encrypted.
    """
    database: Database = dbapi2.connect(
        f"{path.absolute().as_uri()}?{how}",
        uri=True,
        timeout=5,
        isolation_level=None,
        check_same_thread=False,
    )
    return _keyed(database, key)


def copied(source: Path, target: Path, key: bytes) -> None:
    """Copy a database that may be in use, as it was at one moment, into a new file.

    Raises:
        DatabaseError: It cannot be read or written.
    """
    database, copy = connected(source, "mode=ro", key), connected(target, "mode=rwc", key)
    try:
        database.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, and readable on a read-only medium
    finally:
        copy.close()
        database.close()


def in_memory() -> Database:
    """Return a database that is nowhere on a disk."""
    database: Database = dbapi2.connect(":memory:", isolation_level=None, check_same_thread=False)
    return database


def is_plain(path: Path) -> bool:
    """Return whether anybody could read the database at `path`."""
    with path.open("rb") as file:
        return file.read(len(PLAIN)) == PLAIN
