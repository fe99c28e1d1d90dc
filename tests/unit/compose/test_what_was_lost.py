"""What was lost is said, and nothing is ever made anew over it."""

import pytest

from edge_app.compose.demo import DEMO_NAME, DEMO_WORDS, demo_entrance
from edge_app.compose.entrance import Entrance
from edge_app.domain.account import Right, Role
from edge_app.domain.audit import EventKind
from edge_app.domain.error import NotSavedError
from edge_app.settings import Settings
from edge_app.storage.cipher import connected
from edge_app.storage.key_slots import SLOTS_FILES, KeysDamagedError, LockedError
from edge_app.storage.study_store import SqliteStudyStore

WORDS = "correct horse battery"


@pytest.fixture
def place(tmp_path):
    return Settings(tmp_path / "data", tmp_path)


def words_of(settings: Settings) -> str:
    return (settings.data_dir / DEMO_WORDS).read_text().strip()


def test_a_store_without_its_keys_is_not_set_up_anew(place):
    demo_entrance(place)
    kept = {name: (place.data_dir / name).read_bytes() for name in SLOTS_FILES}
    for name in SLOTS_FILES:
        (place.data_dir / name).unlink()
    entrance = Entrance(place)

    assert entrance.is_set_up
    for lost in (entrance.names, lambda: entrance.set_up("Somebody", WORDS)):
        with pytest.raises(KeysDamagedError, match="missing"):
            lost()
    assert not any((place.data_dir / name).exists() for name in SLOTS_FILES)

    for name, content in kept.items():
        (place.data_dir / name).write_bytes(content)
    assert entrance.log_in(DEMO_NAME, words_of(place)).account.name == DEMO_NAME


def test_a_set_up_that_the_power_cut_short_is_gone_on_with(place, monkeypatch):
    def cut(*_given):
        raise OSError("no power")

    with monkeypatch.context() as patched:
        patched.setattr(SqliteStudyStore, "put_account", cut)
        with pytest.raises(OSError, match="no power"):
            Entrance(place).set_up("Amina", WORDS)

    who = Entrance(place).log_in("Amina", WORDS)

    assert Role.ADMINISTRATOR in who.account.roles
    with Entrance(place).store(who) as store:
        assert store.new_recovery_key()


def test_a_weak_passphrase_leaves_the_folder_as_it_was(place):
    with pytest.raises(Exception, match="too easily"):
        Entrance(place).set_up("Amina", "short")

    assert not place.data_dir.exists()


def test_a_try_that_cannot_be_counted_opens_nothing(place):
    entrance, _ = demo_entrance(place)
    (place.data_dir / "attempts.json.draft").mkdir()

    with pytest.raises(LockedError, match="counted"):
        entrance.log_in(DEMO_NAME, words_of(place))


def test_nobody_looks_at_studies_while_it_cannot_be_written_down(place, monkeypatch):
    entrance, who = demo_entrance(place)
    monkeypatch.setattr("edge_app.storage.audit_note.connected", _refusing)

    with (
        pytest.raises(NotSavedError, match="written down"),
        entrance.saved(who, Right.SEE_STUDIES, EventKind.QUERIED),
    ):
        pass


def _refusing(path, how, key):
    database = connected(path, how, key)
    database.execute("PRAGMA query_only=ON")
    return database
