"""The audit's chain: no event can be changed, taken out, put in or cut off unnoticed.

Each event's code is an HMAC over the code before it and the event, by a key that is used once and
then forgotten for its hash (Schneier and Kelsey, USENIX Security 1998). The last code and the
number of events are kept beside the events; a report that carries them is an anchor on paper.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from edge_app.domain.audit import AuditEvent, EventKind
from edge_app.storage.cipher import Database, Row

_FIRST = bytes(32)
_SHORT = 12
_COLUMNS = "sequence, at, by, kind, act, study_id, version, is_refused"

SCHEMA = """
    CREATE TABLE audit (
        sequence INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        by TEXT NOT NULL,
        kind TEXT NOT NULL,
        act TEXT NOT NULL,
        study_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        is_refused INTEGER NOT NULL,
        code BLOB NOT NULL
    ) STRICT;
    CREATE INDEX audit_by_study ON audit (study_id);
    CREATE TABLE audit_head (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        count INTEGER NOT NULL,
        key BLOB NOT NULL,
        code BLOB NOT NULL
    ) STRICT;
    CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END;
    CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit events are never deleted'); END;
    CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
        BEGIN SELECT RAISE(ABORT, 'the audit has a head'); END;
"""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look over the whole chain found.

    Attributes:
        count: Events looked at, up to the first that is wrong.
        head: The last code as people read it, such as on a report.
        wrong: What is wrong first, in words; empty where nothing is.
    """

    count: int
    head: str
    wrong: str = ""


def short(code: bytes, count: int) -> str:
    """Return a chain's head for paper: the number of events and the beginning of the code."""
    letters = code.hex()[:_SHORT].upper()
    return f"{count}-{letters[:4]}-{letters[4:8]}-{letters[8:]}"


class AuditChain:
    """The events of one database."""

    def __init__(self, database: Database, first_key: bytes) -> None:
        self._db, self._first_key = database, first_key

    def append(self, event: AuditEvent) -> None:
        """Add one event, within the transaction that the caller has begun for the act."""
        count, key, code = self._head()
        values = _values(replace(event, sequence=count + 1))
        self._add(values, key, _code(key, code, values))

    def adopt(self, rows: Sequence[tuple[object, ...]]) -> int:
        """Keep the events of a damaged audit, up to the first that is missing or was changed.

        Args:
            rows: Of its table, in order; within a transaction that the caller has begun.

        Returns:
            How many were kept.
        """
        count, key, code = self._head()
        for *values, said in rows:
            due = _code(key, code, tuple(values))
            if values[0] != count + 1 or said != due:
                break
            self._add(tuple(values), key, due)
            count, key, code = count + 1, _next(key), due
        return count

    def _add(self, values: tuple[object, ...], key: bytes, code: bytes) -> None:
        self._db.execute(
            f"INSERT INTO audit ({_COLUMNS}, code) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  our own words
            (*values, code),
        )
        self._db.execute(
            "INSERT INTO audit_head VALUES (1, ?, ?, ?) ON CONFLICT (only) DO UPDATE"
            " SET count=excluded.count, key=excluded.key, code=excluded.code",
            (values[0], _next(key), code),
        )

    def _head(self) -> tuple[int, bytes, bytes]:
        row = self._db.execute("SELECT count, key, code FROM audit_head").fetchall()
        return (int(row[0][0]), _bytes(row[0][1]), _bytes(row[0][2])) if row else self._start()

    def _start(self) -> tuple[int, bytes, bytes]:
        return 0, self._first_key, _FIRST

    @property
    def head(self) -> str:
        """The present head for paper."""
        count, _, code = self._head()
        return short(code, count)

    def events(self) -> Iterator[AuditEvent]:
        """Yield every event in the order of the acts, unverified."""
        for row in self._rows():
            yield _event(row)

    def since(self, begins: str, seen: str) -> list[AuditEvent]:
        """Return the events whose act begins so, after the last one whose act is `seen`."""
        asked = self._db.execute(
            f"SELECT {_COLUMNS}, code FROM audit WHERE substr(act, 1, ?)=? AND sequence >"  # noqa: S608
            " COALESCE((SELECT MAX(sequence) FROM audit WHERE act=?), 0) ORDER BY sequence",
            (len(begins), begins, seen),
        )
        return [_event(row) for row in asked.fetchall()]

    def _rows(self) -> Iterator[Row]:
        asked = self._db.execute(f"SELECT {_COLUMNS}, code FROM audit ORDER BY sequence")  # noqa: S608
        while (row := asked.fetchone()) is not None:
            yield row

    def verified(self) -> Verified:
        """Return whether every event is as it was written, and none is missing."""
        count, key, code = self._start()
        for *values, said in self._rows():
            if int(values[0]) != count + 1:
                return Verified(count, short(code, count), f"event {count + 1} is missing")
            due = _code(key, code, tuple(values))
            if not hmac.compare_digest(due, _bytes(said)):
                return Verified(count, short(code, count), f"event {count + 1} was changed")
            count, key, code = count + 1, _next(key), due
        if self._head() != (count, key, code):
            return Verified(count, short(code, count), f"what came after event {count} is missing")
        return Verified(count, short(code, count))


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def _next(key: bytes) -> bytes:
    return hashlib.sha256(b"edge-app audit key" + key).digest()


def _values(event: AuditEvent) -> tuple[object, ...]:
    return (
        event.sequence,
        event.at.isoformat(),
        event.by,
        event.kind.value,
        event.act,
        event.study_id,
        event.version,
        int(event.is_refused),
    )


def _event(row: Row) -> AuditEvent:
    sequence, at, by, kind, act, study_id, version, is_refused, _ = row
    return AuditEvent(
        datetime.fromisoformat(at),
        by,
        EventKind(kind),
        act,
        study_id,
        int(version),
        bool(int(is_refused)),
        int(sequence),
    )


def _code(key: bytes, before: bytes, values: tuple[object, ...]) -> bytes:
    return hmac.digest(key, before + msgspec.json.encode(values), "sha256")
