"""Whoever has a slot opens the store; nobody else does, and one lost slot loses nothing."""

import base64
import hashlib
import os

import msgspec
import pytest

from edge_app.storage import key_slots
from edge_app.storage.key_slots import (
    SLOTS_FILES,
    Cost,
    KeysDamagedError,
    KeySlots,
    LockedError,
    WeakPassphraseError,
    measured_cost,
)
from edge_app.storage.recovery_key import MistypedError, new_paper_key, secret_in

WORDS, OTHER = "correct horse battery", "another four plain words"
DEVICE = bytes(range(32))


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """Guesses that cost nothing; what they cost at a clinic has a test of its own."""
    monkeypatch.setattr(key_slots, "measured_cost", lambda: Cost(64, 1, 1))


@pytest.fixture
def slots(tmp_path):
    return KeySlots(tmp_path, DEVICE)


def test_the_passphrase_opens_what_was_set_up(slots):
    secret, _ = slots.set_up("Amina", WORDS)

    assert slots.opened("Amina", WORDS) == secret
    assert slots.names() == ("Amina",)


@pytest.mark.parametrize("typed", ["", "Correct horse battery", WORDS + " ", OTHER])
def test_another_passphrase_opens_nothing(slots, typed):
    slots.set_up("Amina", WORDS)

    with pytest.raises(LockedError):
        slots.opened("Amina", typed)


def test_the_passphrase_is_worth_nothing_without_the_device(tmp_path, slots):
    slots.set_up("Amina", WORDS)

    with pytest.raises(LockedError):
        KeySlots(tmp_path, bytes(32)).opened("Amina", WORDS)


def test_the_recovery_key_opens_it_on_any_device(tmp_path, slots):
    secret, key = slots.set_up("Amina", WORDS)

    assert KeySlots(tmp_path, b"").opened_by_recovery_key(key.lower()) == secret


def test_the_recovery_key_of_another_store_is_refused(slots):
    slots.set_up("Amina", WORDS)

    with pytest.raises(LockedError, match="another recovery key"):
        slots.opened_by_recovery_key(new_paper_key())


def test_a_new_recovery_key_ends_the_one_before(slots):
    secret, before = slots.set_up("Amina", WORDS)
    now = slots.give_recovery_key(secret)

    assert slots.opened_by_recovery_key(now) == secret
    with pytest.raises(LockedError):
        slots.opened_by_recovery_key(before)


def test_losing_one_slot_loses_no_other(slots):
    secret, key = slots.set_up("Amina", WORDS)
    slots.give(secret, "Baraka", OTHER)
    slots.take_back("Amina")

    assert slots.opened("Baraka", OTHER) == secret
    assert slots.opened_by_recovery_key(key) == secret
    with pytest.raises(LockedError):
        slots.opened("Amina", WORDS)


def test_a_slot_moved_under_another_name_opens_nothing(tmp_path, slots):
    slots.set_up("Amina", WORDS)
    text = (tmp_path / SLOTS_FILES[0]).read_bytes().partition(b"\n")[2]
    moved = msgspec.json.decode(text.replace(b"Amina", b"Mercy"), type=key_slots.Slots)
    slots._write(moved)

    with pytest.raises(LockedError):
        slots.opened("Mercy", WORDS)


@pytest.mark.parametrize("spoilt", SLOTS_FILES)
@pytest.mark.parametrize("harm", ["gone", "cut", "flipped"])
def test_one_of_the_two_files_may_be_lost(tmp_path, slots, spoilt, harm):
    secret, _ = slots.set_up("Amina", WORDS)
    damage(tmp_path / spoilt, harm)

    assert slots.opened("Amina", WORDS) == secret


def damage(path, harm: str) -> None:
    whole = path.read_bytes()
    if harm == "gone":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    else:
        path.write_bytes(whole[:200] + bytes([whole[200] ^ 1]) + whole[201:])


def test_both_files_lost_are_told_and_never_made_anew(tmp_path, slots):
    slots.set_up("Amina", WORDS)
    for name in SLOTS_FILES:
        damage(tmp_path / name, "cut")
    before = [(tmp_path / name).read_bytes() for name in SLOTS_FILES]

    with pytest.raises(KeysDamagedError):
        slots.opened("Amina", WORDS)
    with pytest.raises(LockedError):
        slots.set_up("Somebody", WORDS)
    assert [(tmp_path / name).read_bytes() for name in SLOTS_FILES] == before


@pytest.mark.parametrize("weak", ["", "short", "aaaaaaaaaaaaaaaa", "12121212121212"])
def test_a_weak_passphrase_makes_nothing(tmp_path, slots, weak):
    with pytest.raises(WeakPassphraseError):
        slots.set_up("Amina", weak)

    assert list(tmp_path.iterdir()) == []


def test_letters_typed_on_another_keyboard_are_the_same_passphrase(slots):
    secret, _ = slots.set_up("Amina", "caf\u00e9 caf\u00e9 quatre mots")

    assert slots.opened("Amina", "cafe\u0301 cafe\u0301 quatre mots") == secret


def test_what_lies_on_the_disk_shows_neither_secret_nor_passphrase(tmp_path, slots):
    secret, key = slots.set_up("Amina", WORDS)
    content = b"".join((tmp_path / name).read_bytes() for name in SLOTS_FILES)

    for hidden in (secret, secret.hex().encode(), WORDS.encode(), key.encode(), secret_in(key)):
        assert hidden not in content


def test_a_guess_costs_at_least_what_was_promised():
    cost = measured_cost()

    assert cost.memory_kib >= 64 * 1024
    assert cost.passes >= 3


@pytest.mark.parametrize("place", range(44))
def test_a_mistyped_character_of_the_recovery_key_is_told(place):
    key = "ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23-4567-"
    key = _with_check(key)
    if key[place] == "-":
        return
    wrong = "A" if key[place] != "A" else "B"

    with pytest.raises(MistypedError):
        secret_in(key[:place] + wrong + key[place + 1 :])


def _with_check(key: str) -> str:
    secret = base64.b32decode(key.replace("-", ""))
    return key + base64.b32encode(hashlib.sha256(secret).digest()).decode()[:4]


def test_a_recovery_key_may_be_typed_with_misread_letters():
    key = _with_check("OIBO-IBOI-BOIB-OIBO-IBOI-BOIB-OIBO-IBOI-")

    assert secret_in(key.replace("O", "0").replace("I", "1").replace("B", "8")) == secret_in(key)


def test_no_two_recovery_keys_are_the_same():
    assert len({new_paper_key() for _ in range(50)}) == 50


def test_a_half_written_change_leaves_the_slots_as_they_were(tmp_path, slots, monkeypatch):
    secret, _ = slots.set_up("Amina", WORDS)

    def torn(_from, _to):
        raise OSError("no power")

    monkeypatch.setattr(os, "rename", torn)
    monkeypatch.setattr("pathlib.Path.replace", torn)
    with pytest.raises(OSError, match="no power"):
        slots.give(secret, "Baraka", OTHER)
    monkeypatch.undo()
    monkeypatch.setattr(key_slots, "measured_cost", lambda: Cost(64, 1, 1))

    assert slots.opened("Amina", WORDS) == secret
    assert slots.names() == ("Amina",)
