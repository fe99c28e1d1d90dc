"""A store of every earlier schema opens in this version with all that was in it."""

import sqlite3
from collections.abc import Iterator

import pytest

from edge_app.domain.error import NotSavedError
from edge_app.storage import schema as schemas
from edge_app.storage.salvaged_rows import rows_in_copy
from edge_app.storage.saved_studies import saved_studies
from edge_app.storage.schema import MIGRATIONS, copy_before
from edge_app.storage.study_store import SqliteStudyStore
from tests.keys import KEYS
from tests.old_stores.old_store import contents_of, copied_to, stored

KNOWN = range(1, len(MIGRATIONS) + 1)
OLD = sorted(stored())


def test_a_store_of_every_earlier_schema_is_kept_for_these_tests():
    assert set(KNOWN[:-1]) <= set(OLD)


@pytest.mark.parametrize("schema", OLD)
def test_an_old_store_has_all_its_studies_images_accounts_and_audit(tmp_path, schema):
    said = copied_to(tmp_path / "store", schema)

    with SqliteStudyStore(tmp_path / "store", KEYS) as store:
        assert contents_of(store) == said
        assert list(store.faults()) == []
        assert store.audit_verified().wrong == ""
        for line in store.studies():
            newest = store.study(line.study_id)
            signed = [newest.version] if newest.signature else []
            assert store.signed_versions(line.study_id)[-1:] == signed


@pytest.mark.parametrize("schema", OLD)
def test_an_old_store_can_be_looked_at_once_it_was_opened(tmp_path, schema):
    said = copied_to(tmp_path / "store", schema)
    SqliteStudyStore(tmp_path / "store", KEYS).close()

    with saved_studies(tmp_path / "store", KEYS) as store:
        assert contents_of(store) == said


@pytest.mark.parametrize("schema", OLD)
def test_a_store_as_it_was_is_kept_before_it_is_migrated(tmp_path, schema):
    said = copied_to(tmp_path / "store", schema)
    database = tmp_path / "store" / "studies.db"

    SqliteStudyStore(tmp_path / "store", KEYS).close()

    kept = rows_in_copy(copy_before(database, len(MIGRATIONS)), KEYS.database)
    assert len(kept.rows["study"]) == len(said["studies"])
    assert len(kept.rows["audit"]) == len(said["audit"])
    before = copy_before(database, len(MIGRATIONS)).read_bytes()
    SqliteStudyStore(tmp_path / "store", KEYS).close()
    assert copy_before(database, len(MIGRATIONS)).read_bytes() == before


def _statements(script: str) -> Iterator[str]:
    """Yield what comes before each statement of a migration but the first, and all of it."""
    for at, letter in enumerate(script):
        if letter == ";" and sqlite3.complete_statement(script[: at + 1]):
            yield script[: at + 1]


CUTS = [
    pytest.param(number, script, id=f"schema {number + 1} cut at statement {n}")
    for number, migration in enumerate(MIGRATIONS[1:], start=1)
    for n, script in enumerate(_statements(migration), start=1)
]


@pytest.mark.parametrize(("number", "script"), CUTS)
def test_a_migration_that_fails_at_any_statement_leaves_the_store_as_it_was(
    tmp_path, monkeypatch, number, script
):
    said = copied_to(tmp_path / "store", 1)
    broken = (*MIGRATIONS[:number], f"{script} NO STATEMENT;")
    monkeypatch.setattr(schemas, "MIGRATIONS", broken)
    with pytest.raises(NotSavedError):
        SqliteStudyStore(tmp_path / "store", KEYS)
    monkeypatch.undo()

    with SqliteStudyStore(tmp_path / "store", KEYS) as store:
        assert contents_of(store) == said
        assert list(store.faults()) == []
