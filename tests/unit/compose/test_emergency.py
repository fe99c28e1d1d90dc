"""The emergency code: opens reading and capturing once, is written down, told, and then spent."""

import pytest

from edge_app.compose.demo import demo_entrance
from edge_app.compose.door import KioskDoor
from edge_app.domain.account import EMERGENCY_NAME, Account, EmergencyReason, Right, Role
from edge_app.domain.error import NotAllowedError, NotSavedError
from edge_app.settings import Settings
from edge_app.storage import attempts
from edge_app.storage.attempts import TooManyTriesError
from edge_app.storage.key_slots import KeySlots, LockedError

NOBODY = EmergencyReason.NOBODY_THERE


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path / "data", tmp_path)


@pytest.fixture
def door(settings):
    return demo_entrance(settings)


@pytest.fixture
def code(door):
    entrance, who = door
    with entrance.store(who) as store:
        return store.new_emergency_code()


def acts(entrance, who) -> list[str]:
    with entrance.store(who) as store:
        return [event.act for event in store._store.audit_events()]


def test_it_reads_and_captures_and_does_nothing_else(door, code):
    entrance, _ = door
    who = entrance.break_glass(code, "Chuma", NOBODY)

    assert {right for right in Right if who.account.may(right)} == {
        Right.SEE_STUDIES,
        Right.CAPTURE,
    }
    with entrance.store(who) as store:
        assert store.is_emergency
        assert list(store.studies.studies()) == []
        for act in (store.accounts, store.new_emergency_code, store.emergencies):
            with pytest.raises(NotAllowedError):
                act()


def test_it_is_written_down_with_name_and_reason_before_anything_is_open(door, code):
    entrance, who = door
    entrance.break_glass(code, "Chuma", EmergencyReason.DANGER)

    assert "emergency access by Chuma: a patient is in danger" in acts(entrance, who)


def test_it_is_spent_by_its_use(door, code):
    entrance, _ = door
    assert entrance.has_emergency_code
    entrance.break_glass(code, "Chuma", NOBODY)

    assert not entrance.has_emergency_code
    with pytest.raises(LockedError, match="no emergency code"):
        entrance.break_glass(code, "Chuma", NOBODY)


def test_one_that_cannot_be_written_down_opens_nothing_and_is_not_spent(door, code, settings):
    entrance, _ = door
    (settings.data_dir / "studies.db").write_bytes(b"damaged" * 1000)

    with pytest.raises((LockedError, NotSavedError)):
        entrance.break_glass(code, "Chuma", NOBODY)
    assert entrance.has_emergency_code


def test_every_try_counts_before_it_is_looked_at(door, code, monkeypatch):
    entrance, _ = door
    monkeypatch.setattr(attempts, "boot_clock_s", lambda: 1000.0)
    for _ in range(5):
        with pytest.raises(LockedError):
            entrance.break_glass("AAAA-AAAA-AAAA-AAAA-AAAA", "Chuma", NOBODY)

    with pytest.raises(TooManyTriesError):
        entrance.break_glass(code, "Chuma", NOBODY)


def test_a_kiosk_that_somebody_left_locked_does_not_keep_it_out(door, code):
    entrance, who = door
    with entrance.store(who):
        assert entrance.break_glass(code, "Chuma", NOBODY).account.name == EMERGENCY_NAME


def test_an_administrator_is_told_until_it_was_seen_and_nobody_else_is(settings, door, code):
    entrance, who = door
    used = entrance.break_glass(code, "Chuma", NOBODY)
    with entrance.store(who) as store:
        (use,) = store.emergencies()
        assert (use.name, use.reason) == ("Chuma", NOBODY)
        store.see_emergencies()
        assert store.emergencies() == []
    kiosk = KioskDoor(settings, ())
    with entrance.store(used) as store:
        kiosk._store = store
        assert kiosk.emergencies() == ()


def test_its_pin_lasts_as_long_as_its_session(door, code):
    entrance, _ = door
    who = entrance.break_glass(code, "Chuma", NOBODY)
    with entrance.store(who) as store:
        assert not store.has_pin
        store.set_pin("280573")
        store.come_back("280573")
    with entrance.store(who) as store:
        assert not store.has_pin


@pytest.mark.parametrize("name", ["Emergency access", "emergency ACCESS"])
def test_no_account_passes_for_it(door, name):
    entrance, who = door
    with entrance.store(who) as store:
        for account in (
            Account(name, frozenset({Role.OPERATOR})),
            Account("Chuma", frozenset({Role.EMERGENCY})),
        ):
            with pytest.raises(NotAllowedError):
                store.add(account, "four words that fit not")
            with pytest.raises(NotAllowedError):
                store.change_roles(account)


def test_a_slot_of_its_own_is_no_account_and_neither_opens_the_other(door, code, settings):
    slots = KeySlots(settings.data_dir, b"")

    assert slots.names() == (door[1].account.name,)
    with pytest.raises(LockedError):
        slots.opened_by_recovery_key(code)
    with pytest.raises(LockedError):
        slots.opened("\0emergency", code)
    slots.take_back("\0emergency")
    assert slots.has_emergency_code
