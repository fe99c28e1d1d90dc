"""What can still be read of a damaged list of studies, and of the copy on another medium."""

from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from edge_app.domain.error import StudyDamagedError
from edge_app.domain.study import Study
from edge_app.storage.cipher import connected
from edge_app.storage.leaf_rows import Value, rows_on
from edge_app.storage.pages import PageFile
from edge_app.storage.saved_studies import decoded

Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    """How the rows of one table look.

    Attributes:
        kinds: A letter a column: t text, i integer, r real, b bytes.
        key: How many of the first columns tell one row from another.
        is_numbered: The first column is the rowid itself, which the record leaves out.
    """

    kinds: str
    key: int = 1
    is_numbered: bool = False

    def fits(self, values: Row) -> bool:
        """Return whether a row may be of this table."""
        fitting = (_is_of(kind, value) for kind, value in zip(self.kinds, values, strict=False))
        return len(values) == len(self.kinds) and all(fitting)


def _is_of(kind: str, value: Value) -> bool:
    wanted = {"t": (str,), "i": (int,), "r": (int, float), "b": (bytes,)}
    return isinstance(value, wanted[kind])


TABLES = {
    "study": _Table("tiitbtb"),
    "image": _Table("ttt"),
    "account": _Table("ttti"),
    "audit": _Table("itttttiib", is_numbered=True),
    "outbox": _Table("ittitttttitrr", is_numbered=True),
    "outbox_file": _Table("ttt", key=2),
    "outbox_plan": _Table("tb"),
    "hold": _Table("tttt"),
    "tombstone": _Table("titt"),
    "doomed_file": _Table("tt", key=2),
    "finished_copy": _Table("it", is_numbered=True),
    "signed_version": _Table("tib", key=2),
}


@dataclass(slots=True)
class Found:
    """The rows of one source, by table and key.

    Attributes:
        pages: How many pages the source has.
        damaged: How many of them nobody can read.
    """

    rows: dict[str, dict[Row, Row]] = field(default_factory=lambda: {name: {} for name in TABLES})
    pages: int = 0
    damaged: int = 0

    def table(self, name: str) -> Iterable[Row]:
        """Return the rows of one table."""
        return self.rows[name].values()

    def records(self) -> dict[str, Study]:
        """Return the newest record of each study that can be read, also one kept as signed."""
        newest: dict[str, Study] = {}
        bodies = [row[6] for row in self.table("study")]
        bodies += [row[2] for row in self.table("signed_version")]
        for body in bodies:
            with suppress(StudyDamagedError):
                study = decoded(_bytes(body))
                known = newest.get(study.study_id)
                if known is None or known.version < study.version:
                    newest[study.study_id] = study
        return newest

    def add(self, table: str, row: Row) -> None:
        """Take a row, unless a newer one of the same is there."""
        rows, key = self.rows[table], row[: TABLES[table].key]
        if table == "study" and not _is_newer(row, rows.get(key)):
            return
        rows.setdefault(key, row)
        if table == "study":
            rows[key] = row

    def merge(self, other: "Found") -> None:
        """Take the rows of another source that are missing here, or newer there."""
        for table, rows in other.rows.items():
            for row in rows.values():
                self.add(table, row)


def _bytes(value: Value) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _is_newer(row: Row, other: Row | None) -> bool:
    try:
        decoded(_bytes(row[6]))
    except StudyDamagedError:
        return False
    return other is None or _number(row[1]) > _number(other[1])


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _tables_of(values: Row) -> Iterator[tuple[str, Row]]:
    """Yield which tables a row of a page may be of, and the row as that table's."""
    rowid, *rest = values
    for name, table in TABLES.items():
        row = (rowid, *rest[1:]) if table.is_numbered and rest[:1] == [None] else tuple(rest)
        if table.is_numbered == (rest[:1] == [None]) and table.fits(row):
            yield name, row


def rows_in_pages(database: Path, key: bytes) -> Found:
    """Return every row that stands on a page which is as it was written.

    Raises:
        OSError: The file cannot be read.
    """
    found, threes = Found(), []
    with closing(PageFile(database, key)) as pages:
        for number in range(1, pages.count + 1):
            content = pages.page(number)
            for values in rows_on(content, number, pages.page) if content else ():
                for table, row in _tables_of(values):
                    threes.append(row) if table == "image" else found.add(table, row)
        found.pages, found.damaged = pages.count, len(pages.damaged)
    _tell_apart(found, threes)
    return found


def _tell_apart(found: Found, threes: list[Row]) -> None:
    """Sort rows of three texts: images name a study, files in the outbox a job of it."""
    found.rows["outbox_file"].clear()
    jobs = {row[1] for row in found.table("outbox")}
    for row in threes:
        found.add("outbox_file" if row[0] in jobs else "image", row)


def rows_in_copy(database: Path, key: bytes) -> Found:
    """Return every row of a sound database.

    Raises:
        DatabaseError: It cannot be read.
    """
    found = Found()
    with closing(connected(database, "mode=ro", key)) as copy:
        named = copy.execute("SELECT name FROM sqlite_schema WHERE type='table'").fetchall()
        for (table,) in named:
            if table in TABLES:
                for row in copy.execute(f"SELECT * FROM {table}").fetchall():  # noqa: S608  ours
                    found.add(table, row)
    return found
