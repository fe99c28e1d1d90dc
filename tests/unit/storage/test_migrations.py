"""A store of every earlier schema opens in this version with all that was in it."""

import pytest

from edge_app.storage.saved_studies import saved_studies
from edge_app.storage.schema import MIGRATIONS
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
