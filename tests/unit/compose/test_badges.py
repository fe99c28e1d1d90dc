"""A badge says who somebody is: it brings back whoever is in, and opens nothing from cold."""

from itertools import product

import pytest

from edge_app.compose import badges as badges_module
from edge_app.compose.badges import Badges
from edge_app.compose.demo import DEMO_NAME, demo_entrance
from edge_app.compose.door import KioskDoor
from edge_app.compose.emergency import EMERGENCY
from edge_app.domain.account import ASSIGNABLE, RIGHTS, Account, Right, Role
from edge_app.domain.badge import LENGTH, MARK, BadgeRead, NextStep, badge_text, is_drawn
from edge_app.domain.error import NotAllowedError
from edge_app.settings import Settings
from edge_app.storage import attempts, key_slots
from edge_app.storage.attempts import TooManyTriesError
from edge_app.storage.badges import BadgeRefusedError, new_badge_text
from edge_app.storage.key_slots import Cost, LockedError

WORDS, PIN, CARD = "another four plain words", "280573", "0004711815"


@pytest.fixture
def clock(monkeypatch):
    """The machine's running time, which the test moves."""
    now = {"s": 1000.0}
    monkeypatch.setattr(key_slots, "measured_cost", lambda: Cost(64, 1, 1))
    for module in (attempts, badges_module):
        monkeypatch.setattr(module, "boot_clock_s", lambda: now["s"])
    return now


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path / "data", tmp_path)


@pytest.fixture
def door(settings, clock):
    return demo_entrance(settings)


@pytest.fixture
def store(door):
    entrance, who = door
    with entrance.store(who) as opened:
        opened.set_pin(PIN)
        opened.add(Account("Baraka", frozenset({Role.OPERATOR})), WORDS)
        yield opened


def drawn(badges, name: str) -> str:
    """Return the text of a badge that is drawn now."""
    texts = []
    badges.draw(name, texts.append)
    return texts[0]


def last_event(store):
    return store._store.audit_events()[-1]


def alone_for(settings, minutes: int) -> None:
    settings.devices_file.write_text(f"badge_alone_min = {minutes}\n", "utf-8")


def test_ones_own_badge_asks_for_the_pin_too_unless_the_site_wants_otherwise(store):
    text = drawn(store.badges, DEMO_NAME)

    assert store.badges.read(text) == BadgeRead(DEMO_NAME, NextStep.PIN)


def test_without_a_pin_it_asks_for_the_passphrase(door):
    entrance, who = door
    with entrance.store(who) as store:
        assert store.badges.read(drawn(store.badges, DEMO_NAME)).asks is NextStep.PASSPHRASE


def test_where_the_site_wants_it_a_badge_alone_brings_back_for_so_many_minutes(
    settings, door, clock
):
    alone_for(settings, 10)
    entrance, who = door
    with entrance.store(who) as store:
        store.set_pin(PIN)
        text = drawn(store.badges, DEMO_NAME)

        assert store.badges.read(text) == BadgeRead(DEMO_NAME, NextStep.NOTHING)
        assert last_event(store).act == "came back by badge"
        clock["s"] += 601
        assert store.badges.read(text).asks is NextStep.PIN
        store.come_back(PIN)
        assert store.badges.read(text).asks is NextStep.NOTHING


def test_a_badge_alone_never_makes_its_own_time_longer(settings, door, clock):
    alone_for(settings, 10)
    entrance, who = door
    with entrance.store(who) as store:
        text = drawn(store.badges, DEMO_NAME)
        for _ in range(2):
            clock["s"] += 290
            assert store.badges.read(text).asks is NextStep.NOTHING
        clock["s"] += 30
        assert store.badges.read(text).asks is NextStep.PASSPHRASE


def test_a_card_of_another_maker_is_never_enough_alone(settings, door):
    alone_for(settings, 10)
    entrance, who = door
    with entrance.store(who) as store:
        store.set_pin(PIN)
        store.badges.enrol(DEMO_NAME, CARD)

        assert store.badges.read(CARD) == BadgeRead(DEMO_NAME, NextStep.PIN)


def test_the_badge_of_somebody_else_opens_nothing_and_asks_for_their_passphrase(settings, door):
    alone_for(settings, 10)
    entrance, who = door
    with entrance.store(who) as store:
        store.add(Account("Baraka", frozenset({Role.OPERATOR})), WORDS)
        text = drawn(store.badges, "Baraka")

        assert store.badges.read(text) == BadgeRead("Baraka", NextStep.PASSPHRASE)


def refused(store, text: str) -> None:
    with pytest.raises(BadgeRefusedError, match="not known"):
        store.badges.read(text)


def test_an_unknown_badge_is_refused_and_written_down_without_its_text(store):
    text = new_badge_text(DEMO_NAME)

    refused(store, text)

    assert last_event(store).is_refused
    assert last_event(store).act == "an unknown badge"
    assert all(text[len(MARK) :] not in e.act for e in store._store.audit_events())


@pytest.mark.parametrize("end", ["revoked", "replaced", "retired"])
def test_a_badge_that_counts_no_more_is_refused_like_an_unknown_one(store, end):
    text = drawn(store.badges, "Baraka")
    ends = {
        "revoked": lambda: store.badges.revoke("Baraka"),
        "replaced": lambda: drawn(store.badges, "Baraka"),
        "retired": lambda: store.retire("Baraka"),
    }
    ends[end]()

    refused(store, text)
    assert last_event(store).is_refused


def test_whoever_comes_again_after_being_retired_has_no_badge(store):
    text = drawn(store.badges, "Baraka")
    store.retire("Baraka")
    store.add(Account("Baraka", frozenset({Role.OPERATOR})), WORDS)

    refused(store, text)


def test_giving_and_taking_is_written_down_without_the_text(store):
    text = drawn(store.badges, "Baraka")
    store.badges.enrol("Baraka", CARD)
    store.badges.revoke("Baraka")

    acts = [e.act for e in store._store.audit_events()]
    assert acts[-3:] == ["account Baraka: another badge"] * 2 + ["account Baraka: badge taken back"]
    assert all(secret not in act for act in acts for secret in (text, CARD))


def test_every_try_counts_on_the_disk_before_the_badge_is_looked_at(store, monkeypatch):
    text = drawn(store.badges, DEMO_NAME)

    def killed(_text):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store._store, "badge_holder", killed)
        for _ in range(5):
            with pytest.raises(KeyboardInterrupt):
                store.badges.read(CARD)

    with pytest.raises(TooManyTriesError):
        store.badges.read(text)


def test_the_sixth_unknown_badge_waits_longer_and_longer_and_the_passphrase_ends_it(
    door, store, clock
):
    text = drawn(store.badges, DEMO_NAME)
    for _ in range(5):
        refused(store, CARD)
    with pytest.raises(TooManyTriesError):
        store.badges.read(text)
    clock["s"] += 31
    refused(store, CARD)
    clock["s"] += 31
    with pytest.raises(TooManyTriesError):
        store.badges.read(text)

    entrance, who = door
    words = (entrance._folder / "demo-passphrase.txt").read_text().strip()
    entrance.log_in(who.account.name, words)
    assert store.badges.read(text).name == DEMO_NAME


def test_the_text_is_kept_in_no_file_and_not_in_the_encrypted_list_either(store, tmp_path):
    texts = drawn(store.badges, DEMO_NAME), CARD
    store.badges.enrol("Baraka", CARD)
    refused(store, "9" * 10)

    files = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    database = store._store._db
    tables = [r[0] for r in database.execute("SELECT name FROM sqlite_schema WHERE type='table'")]
    rows = str([database.execute(f"SELECT * FROM {table}").fetchall() for table in tables])  # noqa: S608
    assert "Baraka" in rows
    for text in texts:
        assert text.encode() not in files
        assert text not in rows
        assert text[len(MARK) :] not in rows


def test_what_is_kept_is_by_the_key_of_the_store(store, tmp_path):
    other, who = demo_entrance(Settings(tmp_path / "other", tmp_path))
    asked = "SELECT hash FROM badge"
    with other.store(who) as elsewhere:
        elsewhere.badges.enrol(DEMO_NAME, CARD)
        store.badges.enrol(DEMO_NAME, CARD)

        kept = [s._store._db.execute(asked).fetchall() for s in (store, elsewhere)]
    assert kept[0] != kept[1]


def test_from_cold_a_badge_fills_in_the_name_and_opens_nothing(settings, door):
    alone_for(settings, 720)
    entrance, who = door
    with entrance.store(who) as store:
        text = drawn(store.badges, DEMO_NAME)
    kiosk = KioskDoor(settings, ())

    assert kiosk.read_badge(text) == BadgeRead(DEMO_NAME, NextStep.PASSPHRASE)
    with pytest.raises(LockedError), kiosk.kiosk():
        pass


def test_where_the_new_badge_cannot_be_printed_the_one_before_stays(store):
    text = drawn(store.badges, DEMO_NAME)

    def cannot(_text):
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011  the test's own
        store.badges.draw(DEMO_NAME, cannot)
    assert store.badges.read(text).name == DEMO_NAME


@pytest.mark.parametrize(
    "text",
    [CARD, new_badge_text("Nobody"), MARK, ""],
    ids=["a card", "a drawn one", "a mark", "nothing"],
)
def test_from_cold_a_badge_of_nobody_here_is_refused(settings, door, text):
    with pytest.raises(BadgeRefusedError):
        KioskDoor(settings, ()).read_badge(text)


def test_a_drawn_badge_holds_128_random_bits_and_letters_that_every_latin_keyboard_has_alike():
    texts = {new_badge_text("Amina") for _ in range(200)}

    assert len({text[-32:] for text in texts}) == 200
    assert {len(text) for text in texts} == {LENGTH}
    assert all(is_drawn(text) for text in texts)
    assert not set("".join(texts)) & set("AQZWYM0123456789")
    spread = [len({text[place] for text in texts}) for place in range(LENGTH - 32, LENGTH)]
    assert min(spread) > 8, "each of the 32 letters is drawn"


def test_names_in_any_script_have_badges_in_latin_letters():
    assert is_drawn(badge_text("\u0623\u0645\u064a\u0646\u0629", bytes(16)))


@pytest.mark.parametrize(
    "card",
    ["", "123", new_badge_text("Amina"), new_badge_text("A").lower()],
    ids=["nothing", "three digits", "a drawn one", "in small letters"],
)
def test_a_card_that_is_too_short_or_passes_for_a_drawn_one_is_not_taken(store, card):
    with pytest.raises(BadgeRefusedError):
        store.badges.enrol(DEMO_NAME, card)


def test_one_card_is_of_one_person(store):
    store.badges.enrol(DEMO_NAME, CARD)

    with pytest.raises(BadgeRefusedError, match="Somebody else"):
        store.badges.enrol("Baraka", CARD)
    assert store.badges.read(CARD).name == DEMO_NAME


def test_nobody_who_cannot_log_in_has_a_badge(store):
    for act in (
        lambda n: drawn(store.badges, n),
        store.badges.revoke,
        lambda n: store.badges.enrol(n, CARD),
    ):
        with pytest.raises(LockedError):
            act("Chuma")


COMMANDS = {
    "draw": drawn,
    "enrol": lambda badges, name: badges.enrol(name, CARD + name),
    "revoke": lambda badges, name: badges.revoke(name),
}
FREE = {"read", "proved"}


@pytest.mark.parametrize(("role", "command"), list(product(ASSIGNABLE, COMMANDS)))
def test_a_role_changes_the_badges_of_others_only_if_it_manages_accounts(
    door, store, role, command
):
    name = "Chuma"
    store.add(Account(name, frozenset({role})), WORDS)
    asked = []

    def ensure_may(right):
        asked.append(right)
        if right not in RIGHTS[role]:
            raise NotAllowedError("No.", "No.")

    _, who = door
    theirs = type(who)(Account(name, frozenset({role})), who.secret)
    badges = Badges(store._store, theirs, store._attempts, ensure_may, 0.0)
    COMMANDS[command](badges, name)
    assert asked == []
    if Right.MANAGE_ACCOUNTS in RIGHTS[role]:
        COMMANDS[command](badges, "Baraka")
    else:
        with pytest.raises(NotAllowedError):
            COMMANDS[command](badges, "Baraka")
    assert asked == [Right.MANAGE_ACCOUNTS]


def test_no_command_for_badges_is_missing_above():
    ways = {name for name in vars(Badges) if not name.startswith("_")}

    assert ways == COMMANDS.keys() | FREE
    assert [r for r in Role if Right.MANAGE_ACCOUNTS in RIGHTS[r]] == [Role.ADMINISTRATOR]


def test_an_emergency_has_no_badge_and_gives_none(door, store):
    _, who = door
    theirs = type(who)(EMERGENCY, who.secret)
    with pytest.raises(NotAllowedError):
        store.add(Account(EMERGENCY.name, frozenset({Role.OPERATOR})), WORDS)
    badges = Badges(store._store, theirs, store._attempts, store.ensure_may, 0.0)

    with pytest.raises(LockedError):
        drawn(badges, EMERGENCY.name)
