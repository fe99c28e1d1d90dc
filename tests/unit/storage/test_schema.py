"""The database is sound and ours, or it is refused and left as it is; audit rows stay."""

from contextlib import closing
from pathlib import Path

import pytest

from edge_app.domain.audit import AuditEvent, EventKind
from edge_app.domain.error import NotSavedError, StudyChangedError
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.storage.audit_note import note
from edge_app.storage.cipher import DatabaseError, connected
from edge_app.storage.saved_studies import saved_studies
from edge_app.storage.schema import MIGRATIONS, StoreDamagedError, StoreTooNewError
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.workflow import examine
from tests.fakes import NOON, FakeClock, a_reading, an_image
from tests.keys import KEYS

AMINA = PatientRef("P-1", "Amina Test")


def a_used_store(folder: Path) -> Path:
    """Keep one study of one image in `folder`; return the database's path."""
    with SqliteStudyStore(folder, KEYS) as store:
        store.capture(store.start(Study("study-1", AMINA, NOON)), an_image())
    return folder / "studies.db"


def opened(path: Path):
    return closing(connected(path, "mode=rw", KEYS.database))


def assert_refused_and_untouched(folder: Path, error: type[Exception], code: str) -> None:
    database = folder / "studies.db"
    before = database.read_bytes() if database.exists() else None
    for opening in (SqliteStudyStore, saved_studies):
        with pytest.raises(error) as refused, opening(folder, KEYS):
            pass
        assert refused.value.code == code
    assert (database.read_bytes() if database.exists() else None) == before


def of_a_newer_version(folder: Path) -> Path:
    """Keep a study in a database that has one table and one migration more than ours."""
    database = a_used_store(folder)
    with opened(database) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("CREATE TABLE of_tomorrow (words TEXT)")
        connection.execute("ALTER TABLE image ADD COLUMN of_tomorrow TEXT")
        connection.execute(f"PRAGMA user_version={len(MIGRATIONS) + 1}")
    return database


def test_a_database_of_a_newer_version_is_not_written_and_the_version_is_named(tmp_path):
    database = of_a_newer_version(tmp_path)
    before = database.read_bytes()

    with pytest.raises(StoreTooNewError) as refused:
        SqliteStudyStore(tmp_path, KEYS)

    assert refused.value.code == "STO-006"
    assert f"schema {len(MIGRATIONS) + 1}" in str(refused.value)
    assert database.read_bytes() == before


def test_a_database_of_a_newer_version_can_be_looked_at_and_is_untouched(tmp_path):
    database = of_a_newer_version(tmp_path)
    before = database.read_bytes()
    event = AuditEvent(NOON, "amina.n", EventKind.EXPORTED, "export studies")

    assert not note(tmp_path, KEYS, event)
    with saved_studies(tmp_path, KEYS) as store:
        study = store.study("study-1")
        assert study.patient == AMINA
        assert store.pixels(study, study.images[0].image_id).hash == an_image().hash

    assert database.read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"no database" * 500,
        lambda whole: bytes(len(whole)),
        lambda whole: bytes(100) + whole[100:],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:60] + bytes(4) + whole[64:],
        lambda whole: whole[:4096] + b"\xff" * 4096 + whole[8192:],
    ],
    ids=["empty", "text", "zeros", "no header", "half", "no version", "one page"],
)
def test_a_damaged_database_is_refused_and_not_made_anew(tmp_path, damage):
    database = a_used_store(tmp_path)
    database.write_bytes(damage(database.read_bytes()))

    assert_refused_and_untouched(tmp_path, StoreDamagedError, "STO-005")


@pytest.mark.parametrize("kept", ["images", "spool"])
def test_a_missing_database_is_not_made_anew_where_there_are_images(tmp_path, kept):
    a_used_store(tmp_path).unlink()
    (image,) = (tmp_path / "images").iterdir()
    image.rename(tmp_path / kept / image.name)

    assert_refused_and_untouched(tmp_path, StoreDamagedError, "STO-005")
    assert not (tmp_path / "studies.db").exists()


def test_a_database_whose_making_was_cut_short_is_made_again(tmp_path):
    (tmp_path / "studies.db").touch()

    a_used_store(tmp_path)

    with saved_studies(tmp_path, KEYS) as store:
        assert [line.study_id for line in store.studies()] == ["study-1"]


def test_any_flipped_byte_of_the_database_is_refused(tmp_path):
    database = a_used_store(tmp_path)
    whole = database.read_bytes()
    for place in range(0, len(whole), len(whole) // 150):
        database.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        with pytest.raises(StoreDamagedError), saved_studies(tmp_path, KEYS) as store:
            list(store.studies())


@pytest.mark.parametrize("change", ["UPDATE audit SET act='nothing'", "DELETE FROM audit"])
def test_audit_rows_cannot_be_changed_or_deleted(tmp_path, change):
    with opened(a_used_store(tmp_path)) as connection:
        before = connection.execute("SELECT * FROM audit").fetchall()

        with pytest.raises(DatabaseError, match="never"):
            connection.execute(change)

        assert connection.execute("SELECT * FROM audit").fetchall() == before


def test_each_change_writes_one_audit_row(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = store.start(Study("study-1", AMINA, NOON))
        study = store.capture(study, an_image())
        store.save(study, "looked at")

    with opened(tmp_path / "studies.db") as connection:
        rows = connection.execute("SELECT act, study_id, version FROM audit").fetchall()
    assert rows == [
        ("started", "study-1", 1),
        ("captured", "study-1", 2),
        ("looked at", "study-1", 3),
    ]


def test_a_refused_change_writes_no_audit_row(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        old = store.start(Study("study-1", AMINA, NOON))
        store.save(old, "looked at")
        with pytest.raises(StudyChangedError):
            store.save(old, "looked at")

    with opened(tmp_path / "studies.db") as connection:
        assert connection.execute("SELECT COUNT(*) FROM audit").fetchone() == (2,)


def test_a_change_whose_audit_row_fails_is_not_kept(tmp_path):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        study = store.start(Study("study-1", AMINA, NOON))
        with opened(tmp_path / "studies.db") as connection:
            connection.execute(
                "CREATE TRIGGER no_audit BEFORE INSERT ON audit"
                " BEGIN SELECT RAISE(ABORT, 'no room'); END"
            )

        with pytest.raises(NotSavedError):
            store.capture(study, an_image())

        assert store.study("study-1") == study
        with opened(tmp_path / "studies.db") as connection:
            connection.execute("DROP TRIGGER no_audit")
        assert store.capture(study, an_image()).version == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE signed_version SET body=x'00'",
        "DELETE FROM signed_version",
        "UPDATE study SET body=x'00', version=9 WHERE state<>'draft'",
    ],
)
def test_the_database_itself_keeps_what_was_signed(tmp_path, statement):
    with SqliteStudyStore(tmp_path, KEYS) as store:
        image = an_image()
        study = store.capture(store.start(Study("study-1", AMINA, NOON)), image)
        study = examine.keep_reading(store, study, study.images[0].image_id, a_reading(image))
        signed = examine.sign(store, FakeClock(), study, "Dr Test")

    with opened(tmp_path / "studies.db") as connection:
        connection.execute("UPDATE study SET words=words")  # its record as it is: allowed
        if "study SET" in statement:
            connection.execute(statement)  # kept before, so it may be opened again
            statement = "UPDATE study SET body=x'01', state='draft' WHERE state='signed'"
        with pytest.raises(DatabaseError, match="signed"):
            connection.execute(statement)

    with saved_studies(tmp_path, KEYS) as store:
        assert store.signed_version("study-1", signed.version) == signed
