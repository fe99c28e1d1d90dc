"""When the last session ends, the program holds no key of the store any more."""

import gc
from dataclasses import replace

import pytest

from edge_app.compose.demo import demo_entrance
from edge_app.compose.door import KioskDoor
from edge_app.compose.unlocked import Unlocked
from edge_app.domain.account import Account
from edge_app.settings import Settings
from edge_app.storage.store_keys import StoreKeys


def held() -> list[object]:
    gc.collect()
    return [each for each in gc.get_objects() if isinstance(each, (Unlocked, StoreKeys))]


@pytest.fixture
def came_in(tmp_path):
    """Return the door of a store, and a name and passphrase that open it."""
    settings = Settings(tmp_path / "data", tmp_path / "no packages")
    name = demo_entrance(settings)[1].account.name
    words = (tmp_path / "data" / "demo-passphrase.txt").read_text().strip()
    return KioskDoor(settings, ("microscope:7",)), name, words


@pytest.mark.parametrize("comes_back_by_passphrase", [False, True])
def test_no_key_stays_when_the_session_ends(came_in, comes_back_by_passphrase):
    door, name, words = came_in
    before = len(held())
    door.log_in(name, words)
    with door.kiosk():
        if comes_back_by_passphrase:
            door.log_in(name, words)
        assert len(held()) > before

    assert len(held()) == before


def test_another_person_who_logs_in_while_it_is_locked_comes_in(came_in):
    door, name, words = came_in
    door.log_in(name, words)
    with door.kiosk():
        open_for = door._store
        open_for._who = replace(open_for._who, account=Account("Baraka", frozenset()))
        door.log_in(name, words)

    with door.kiosk():
        assert door._store.who == name
