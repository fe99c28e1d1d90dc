"""`edge-app study salvage`: who may, what is asked before, and what is written down."""

import pytest

from tests.cli.conftest import Program


@pytest.fixture
def words(tmp_path):
    file = tmp_path / "words.txt"
    file.write_text("correct horse battery\n")
    return file


@pytest.fixture
def amina(words):
    return ("Amina", words)


@pytest.fixture
def damaged(program, tmp_path, words, amina) -> Program:
    """Return the program of a device whose list of studies has a spoilt first page."""
    given = ("--passphrase-file", words)
    program("user", "setup", "Amina", *given, "--recovery-key-out", tmp_path / "key")
    program("user", "add", "Otto", "--role", "operator", *given, who=amina)
    database = tmp_path / "home" / "data" / "studies.db"
    whole = database.read_bytes()
    database.write_bytes(whole[:200] + b"\xff" + whole[201:])
    return program


def test_a_damaged_list_is_told_with_what_to_do_and_nothing_is_made_anew(damaged, tmp_path, amina):
    before = (tmp_path / "home" / "data" / "studies.db").read_bytes()

    refused = damaged("study", "list", who=amina)

    assert (refused.status, refused.err[:7]) == (1, "STO-005")
    assert "study salvage" in refused.err
    assert (tmp_path / "home" / "data" / "studies.db").read_bytes() == before


def test_nothing_is_changed_before_somebody_agrees(damaged, tmp_path, amina):
    before = (tmp_path / "home" / "data" / "studies.db").read_bytes()

    looked = damaged("study", "salvage", "--json", who=amina)

    assert looked.status == 1
    assert looked.answer["written"] is False
    assert looked.answer["damaged_pages"] == 1
    assert (tmp_path / "home" / "data" / "studies.db").read_bytes() == before


def test_an_administrator_agrees_and_it_is_written_down_who(damaged, tmp_path, amina):
    done = damaged("study", "salvage", "--agree", "--json", who=amina)

    assert done.status == 0, done.err
    assert done.answer["written"] is True
    kept = list((tmp_path / "home" / "data" / "quarantine").glob("*/studies.db"))
    assert [str(kept[0].parent)] == [done.answer["quarantine"]]
    events = damaged("audit", "list", "--json", who=amina).answer["events"]
    (told,) = [e for e in events if e["act"].startswith("salvaged")]
    assert told["by"] == "Amina"
    assert damaged("audit", "verify", who=amina).status == 0
    assert damaged("study", "check", who=amina).status == 0


def test_an_operator_may_not_salvage(damaged, tmp_path, words):
    before = (tmp_path / "home" / "data" / "studies.db").read_bytes()

    refused = damaged("study", "salvage", "--agree", who=("Otto", words))

    assert (refused.status, refused.err[:7]) == (1, "ACC-001"), refused.err
    assert (tmp_path / "home" / "data" / "studies.db").read_bytes() == before


def test_whoever_has_the_recovery_key_may_where_no_account_can_be_read(damaged, tmp_path, amina):
    database = tmp_path / "home" / "data" / "studies.db"
    database.write_bytes(bytes(database.stat().st_size))
    unknown = damaged("study", "salvage", "--agree", who=amina)
    key = ("--recovery-key-file", tmp_path / "key")

    done = damaged("study", "salvage", "--agree", *key, "--json")

    assert (unknown.status, unknown.err[:7]) == (1, "STO-013")
    assert done.answer["written"] is True
    assert done.answer["damaged_pages"] == done.answer["pages"]
    assert done.answer["accounts"] == 0
    for nobody in (amina, ("Otto", amina[1])):  # nobody becomes an administrator by being first
        refused = damaged("study", "list", who=nobody)
        assert (refused.status, refused.err[:7]) == (1, "KEY-001")


def test_a_sound_list_is_left_alone(program, tmp_path, words, amina):
    given = ("--passphrase-file", words, "--recovery-key-out", tmp_path / "key")
    program("user", "setup", "Amina", *given)

    refused = program("study", "salvage", "--agree", who=amina)

    assert (refused.status, refused.err[:7]) == (1, "STO-012")
    assert not (tmp_path / "home" / "data" / "quarantine").exists()
