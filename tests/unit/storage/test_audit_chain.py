"""No event of the audit can be changed, taken out, put in or cut off unnoticed."""

import os
import random
from contextlib import closing

import pytest

from edge_app.domain.audit import EventKind
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.storage.audit_chain import AuditChain
from edge_app.storage.cipher import connected
from edge_app.storage.study_store import SqliteStudyStore
from tests.fakes import NOON
from tests.keys import KEYS

EDITS = int(os.environ.get("EDGE_APP_AUDIT_EDITS", "400"))
EVENTS = 40
COLUMNS = ("at", "by", "kind", "act", "study_id", "version", "is_refused", "code")


@pytest.fixture
def database(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        store.actor = "Amina"
        study = store.start(Study("study-1", PatientRef("P-1"), NOON))
        for number in range(EVENTS - 2):
            study = store.save(study, f"looked at {number}")
        store.note(EventKind.SECURITY_ALERT, "refused: sign", is_refused=True)
    with closing(connected(tmp_path / "studies.db", "mode=rw", KEYS.database)) as opened:
        for trigger in ("audit_is_never_changed", "audit_is_never_deleted", "audit_head_stays"):
            opened.execute(f"DROP TRIGGER {trigger}")
        yield opened


def wrong(database) -> str:
    return AuditChain(database, KEYS.audit).verified().wrong


def test_an_audit_that_nobody_touched_is_whole(database):
    found = AuditChain(database, KEYS.audit).verified()

    assert (found.wrong, found.count) == ("", EVENTS)
    assert found.head == AuditChain(database, KEYS.audit).head
    assert found.head.startswith(f"{EVENTS}-")


def test_every_event_says_who_did_what(database):
    events = list(AuditChain(database, KEYS.audit).events())

    assert {e.by for e in events} == {"Amina"}
    assert [e.act for e in events][:2] == ["started", "looked at 0"]
    assert events[-1].is_refused
    assert [e.sequence for e in events] == list(range(1, EVENTS + 1))


def change(database, row: int, draw: random.Random) -> None:
    column = draw.choice(COLUMNS)
    new = {"version": 99, "is_refused": 7, "code": os.urandom(32)}.get(column, f"x{row}")
    database.execute(f"UPDATE audit SET {column}=? WHERE sequence=?", (new, row))  # noqa: S608


def delete(database, row: int, draw: random.Random) -> None:
    database.execute("DELETE FROM audit WHERE sequence=?", (row,))


def swap(database, row: int, draw: random.Random) -> None:
    other = row % EVENTS + 1
    for old, new in ((row, -1), (other, row), (-1, other)):
        database.execute("UPDATE audit SET sequence=? WHERE sequence=?", (new, old))


def cut(database, row: int, draw: random.Random) -> None:
    database.execute("DELETE FROM audit WHERE sequence>=?", (row,))
    if draw.random() < 0.5:
        database.execute("UPDATE audit_head SET count=?", (row - 1,))


def insert(database, row: int, draw: random.Random) -> None:
    database.execute("UPDATE audit SET sequence=sequence+1000 WHERE sequence>=?", (row,))
    database.execute(
        "INSERT INTO audit SELECT ?, at, by, kind, 'exported', study_id, version, is_refused,"
        " code FROM audit LIMIT 1",
        (row,),
    )
    database.execute("UPDATE audit SET sequence=sequence-999 WHERE sequence>1000")


def behead(database, row: int, draw: random.Random) -> None:
    field = draw.choice(["count=count+1", "code=randomblob(32)", "key=randomblob(32)"])
    database.execute(f"UPDATE audit_head SET {field}")  # noqa: S608


def test_no_edit_stays_unnoticed(database):
    draw = random.Random(20261126)  # noqa: S311
    missed = []
    for _ in range(EDITS):
        database.execute("BEGIN")
        edit = draw.choice([change, delete, swap, cut, insert, behead])
        row = draw.randint(1, EVENTS)
        edit(database, row, draw)
        if not wrong(database):
            missed.append(f"{edit.__name__} {row}")
        database.execute("ROLLBACK")

    print(f"\naudit: {EDITS} edits, {len(missed)} unnoticed")  # noqa: T201
    assert missed == []
    assert wrong(database) == ""


def test_the_first_wrong_event_is_named(database):
    database.execute("UPDATE audit SET act='nothing' WHERE sequence=17")

    assert wrong(database) == "event 17 was changed"


def test_a_chain_written_by_another_key_is_noticed(database):
    assert AuditChain(database, bytes(32)).verified().wrong == "event 1 was changed"
