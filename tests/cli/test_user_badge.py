"""`edge-app user badge`: printed, enrolled, taken back; by oneself or by an administrator."""

import pytest
from click.testing import CliRunner

from edge_app.cli.user import command
from edge_app.compose.entrance import Entrance
from edge_app.domain.account import Account, Role
from edge_app.domain.badge import MARK, NextStep
from edge_app.settings import Settings
from edge_app.storage import key_slots
from edge_app.storage.key_slots import Cost

WORDS = {"Amina": "correct horse battery", "Baraka": "another four plain words"}
CARD = "0004711815"


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A device with an administrator and an operator; `as_` runs a command as one of them."""
    monkeypatch.setattr(key_slots, "measured_cost", lambda: Cost(64, 1, 1))
    data = tmp_path / "data"
    entrance = Entrance(Settings(data, tmp_path))
    who, _ = entrance.set_up("Amina", WORDS["Amina"])
    with entrance.store(who) as store:
        store.add(Account("Baraka", frozenset({Role.OPERATOR})), WORDS["Baraka"])
    for name, words in WORDS.items():
        (tmp_path / name).write_text(words)

    def as_(name, *arguments, typed=""):
        given = {"EDGE_APP_USER": name, "EDGE_APP_PASSPHRASE_FILE": str(tmp_path / name)}
        given["EDGE_APP_DATA_DIR"] = str(data)
        return CliRunner().invoke(command, ["badge", *map(str, arguments)], typed, given)

    as_.entrance, as_.folder = entrance, tmp_path
    return as_


def opened(site, name="Amina"):
    return site.entrance.store(site.entrance.log_in(name, WORDS[name]))


def test_it_is_drawn_into_a_file_that_only_its_owner_reads(site):
    card = site.folder / "badge.pdf"

    done = site("Baraka", "Baraka", "--print", card)

    assert done.exit_code == 0, done.output
    assert card.read_bytes().startswith(b"%PDF")
    assert card.stat().st_mode & 0o777 == 0o600
    assert MARK not in done.output
    with opened(site) as store:
        assert "account Baraka: another badge" in [e.act for e in store._store.audit_events()]


def test_a_card_is_read_twice_and_said_to_be_weak(site):
    (site.folder / "data" / "devices.toml").write_text('wedge = "~"\n')

    done = site("Amina", "Baraka", "--enrol", typed=f"~{CARD}\n{CARD}\n")

    assert done.exit_code == 0, done.output
    assert "the PIN is always asked" in done.output
    assert CARD not in done.output
    with opened(site, "Baraka") as store:
        store.set_pin("280573")
        assert store.badges.read(CARD).asks is NextStep.PIN


def test_a_card_that_was_read_differently_twice_is_not_taken(site):
    done = site("Amina", "Baraka", "--enrol", typed=f"{CARD}\n{CARD}9\n")

    assert done.exit_code == 1
    assert CARD not in done.output
    with opened(site) as store:
        assert store._store.badge_holder(CARD) is None


def test_a_lost_badge_is_taken_back_by_the_administrator(site):
    site("Baraka", "Baraka", "--enrol", typed=f"{CARD}\n{CARD}\n")

    assert site("Amina", "Baraka", "--revoke").exit_code == 0
    with opened(site) as store:
        assert store._store.badge_holder(CARD) is None


@pytest.mark.parametrize("how", [("--print", "x.pdf"), ("--enrol",), ("--revoke",)])
def test_nobody_else_changes_ones_badge(site, how):
    place = [site.folder / part if part == "x.pdf" else part for part in how]

    refused = site("Baraka", "Amina", *place, typed=f"{CARD}\n{CARD}\n")

    assert refused.exit_code == 1
    assert refused.exception.code == "ACC-001"
    assert not (site.folder / "x.pdf").exists()


def test_one_thing_is_said_at_a_time(site):
    assert site("Amina", "Amina").exit_code == 2
    assert site("Amina", "Amina", "--enrol", "--revoke").exit_code == 2


def test_where_the_file_cannot_be_written_the_badge_before_stays(site):
    site("Amina", "Baraka", "--enrol", typed=f"{CARD}\n{CARD}\n")

    assert site("Amina", "Baraka", "--print", site.folder / "none" / "x.pdf").exit_code == 1
    with opened(site) as store:
        assert store._store.badge_holder(CARD) is not None
