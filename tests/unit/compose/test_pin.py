"""A PIN brings back whoever is in; guessing it gets slow and then stops."""

import pytest

from edge_app.compose.demo import demo_entrance
from edge_app.settings import Settings
from edge_app.storage import attempts
from edge_app.storage.attempts import TooManyTriesError
from edge_app.storage.pins import PinRefusedError, WeakPinError

PIN = "280573"


@pytest.fixture
def clock(monkeypatch):
    """The machine's running time, which the test moves."""
    now = {"s": 1000.0}
    monkeypatch.setattr(attempts, "boot_clock_s", lambda: now["s"])
    return now


@pytest.fixture
def door(tmp_path):
    return demo_entrance(Settings(tmp_path, tmp_path))


@pytest.fixture
def store(door, clock):
    entrance, who = door
    with entrance.store(who) as opened:
        opened.set_pin(PIN)
        yield opened


def guess(store, pin: str = "111222") -> None:
    with pytest.raises(PinRefusedError):
        store.come_back(pin)


def test_the_pin_brings_back_and_is_written_down(store):
    assert store.has_pin

    store.come_back(PIN)

    assert store._store.audit_events()[-1].act == "came back by PIN"


def test_a_wrong_pin_is_refused_and_written_down(store):
    guess(store)

    assert store._store.audit_events()[-1].is_refused


def test_the_sixth_try_waits_even_with_the_right_pin(store, clock):
    for _ in range(5):
        guess(store)

    with pytest.raises(TooManyTriesError):
        store.come_back(PIN)
    clock["s"] += 31
    store.come_back(PIN)


def test_after_ten_wrong_ones_only_the_passphrase_helps(door, store, clock):
    for _ in range(10):
        guess(store)
        clock["s"] += 3601

    with pytest.raises(PinRefusedError, match="10 wrong"):
        store.come_back(PIN)
    entrance, who = door
    words = (entrance._folder / "demo-passphrase.txt").read_text().strip()
    entrance.log_in(who.account.name, words)
    store.come_back(PIN)


ARABIC_ROW = "\u0661\u0662\u0663\u0664"


@pytest.mark.parametrize(
    "weak", ["", "123", "1234", "4321", "0000", "135792468", "12a4", ARABIC_ROW]
)
def test_a_weak_pin_is_refused_and_the_one_before_stays(store, weak):
    with pytest.raises(WeakPinError):
        store.set_pin(weak)

    store.come_back(PIN)


def test_nobody_comes_in_by_a_pin_alone(door, store, tmp_path):
    """It is kept in the database, which the store's secret opens, and the secret is in no PIN."""
    files = b"".join(p.read_bytes() for p in tmp_path.iterdir() if p.is_file())

    assert b"argon2id$" not in files
    assert PIN.encode() not in files


def test_an_account_without_a_pin_has_none(door, clock):
    entrance, who = door
    with entrance.store(who) as store:
        assert not store.has_pin
        guess(store, "")
