"""The one door to the database library: what is opened here is encrypted, or it is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sqlcipher3 import dbapi2

PLAIN = b"SQLite format 3\0"
"""How a database begins that anybody can read."""

MOST_LOG = 32 * 1024 * 1024
"""How much the log may grow while somebody looks: nothing in it can be reused before they end."""
_LOOK_AFTER = 100_000  # steps of a statement: a few milliseconds
_PAGES_AT_ONCE = 1024

Row = tuple[str, ...]
"""Values as text; a number is read by int(), bytes by whoever decodes them."""
DatabaseError: type[Exception] = dbapi2.Error
INTERRUPTED = "interrupted"
"""What the library says of a look that gave way."""
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

    def backup(
        self, target: "Database", *, pages: int, progress: Callable[[int, int, int], None]
    ) -> None:
        """Copy everything into `target`, so many pages at once; `progress` is called after each."""

    def set_progress_handler(self, asked: Callable[[], bool], after: int) -> None:
        """Have a statement end where `asked`, after so many steps, says so."""

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

    One that cannot write gives way where others write so much meanwhile that the log would grow
    without a limit: the statement ends with an error that says INTERRUPTED.

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
    if how == "mode=ro":
        database.set_progress_handler(_has_grown(path), _LOOK_AFTER)
    return _keyed(database, key)


def _has_grown(path: Path) -> Callable[[], bool]:
    """Return what says whether the log beside a database has grown too much since now."""
    log = path.with_name(f"{path.name}-wal")

    def size() -> int:
        try:
            return log.stat().st_size
        except OSError:
            return 0

    most = size() + MOST_LOG
    return lambda: size() > most


def copied(source: Path, target: Path, key: bytes) -> None:
    """Copy a database that may be in use, as it was at one moment, into a new file.

    Raises:
        DatabaseError: It cannot be read or written, or others wrote too much meanwhile.
    """
    database, copy = connected(source, "mode=ro", key), connected(target, "mode=rwc", key)
    has_grown = _has_grown(source)

    def give_way(_status: int, _left: int, _of: int) -> None:
        if has_grown():
            raise DatabaseError("too much was written meanwhile")

    try:
        database.execute("BEGIN")  # one moment, however many steps it takes
        database.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        database.backup(copy, pages=_PAGES_AT_ONCE, progress=give_way)
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
