"""`edge-app study hold|release|holds|retire`, as an administrator types them."""

import json
from datetime import date

import pytest

from edge_app.cli.program import run
from edge_app.compose.demo import DEMO_WORDS, demo_entrance
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.settings import Settings
from edge_app.workflow import examine
from tests.fakes import NOON, FakeClock, an_image

TODAY = date.today().isoformat()  # noqa: DTZ011  as a person at this machine says it


@pytest.fixture
def asks(tmp_path, monkeypatch, capsys):
    """Return what runs a command on a store with two signed studies, and returns its answer."""
    settings = Settings(tmp_path / "kept", tmp_path)
    entrance, who = demo_entrance(settings)
    monkeypatch.setenv("EDGE_APP_USER", who.account.name)
    monkeypatch.setenv("EDGE_APP_PASSPHRASE_FILE", str(settings.data_dir / DEMO_WORDS))
    with entrance.store(who) as opened:
        for number, study_id in enumerate(("study-1", "study-2")):
            study = opened.studies.start(Study(study_id, PatientRef("P-1", "Amina Test"), NOON))
            study = opened.studies.capture(study, an_image(sequence=number))
            study = examine.read_by_eye(opened.studies, study, study.images[0].image_id)
            examine.sign(opened.studies, FakeClock(), study, "Dr Njeri")

    def asked(*words):
        capsys.readouterr()
        status = run([*words, "--json", "--data-dir", str(settings.data_dir)])
        return status, json.loads(capsys.readouterr().out)

    asked.folder = settings.data_dir
    return asked


def rule(asks, text):
    (asks.folder / "retention.toml").write_text(text)


def kept_by(answer):
    return {s["study_id"]: s["kept_by"] for s in answer["studies"]}


def test_the_list_says_why_each_study_stays_and_removes_nothing(asks):
    status, answer = asks("study", "retire")

    assert status == 0
    assert answer["removed"] == []
    assert all("the site keeps everything" in why for why in kept_by(answer).values())
    assert len(asks("study", "list")[1]["studies"]) == 2


def test_a_study_that_was_sent_and_backed_up_waits_for_its_day_and_a_held_one_for_its_release(
    asks, tmp_path
):
    """Report written, copied, one held; all that is left is the day."""
    rule(asks, "days = 1")
    assert asks("send", "outbox", "work")[0] == 0
    assert all(
        "not in a finished backup" in w for w in kept_by(asks("study", "retire")[1]).values()
    )
    assert asks("backup", "--to", str(tmp_path / "stick"))[0] == 0
    assert asks("study", "hold", "study-2", "--reason", "court order 12")[0] == 0
    assert asks("study", "show", "study-2")[1]["is_held"] is True
    assert asks("study", "show", "study-1")[1]["is_held"] is False
    (held,) = asks("study", "holds")[1]["holds"]
    assert (held["study_id"], held["reason"]) == ("study-2", "court order 12")

    answer = asks("study", "retire", "--remove", "--today", TODAY)[1]
    assert answer["removed"] == []
    assert kept_by(answer) == {
        "study-1": ["signed less than 1 days ago"],
        "study-2": ["signed less than 1 days ago", "legal hold"],
    }
    assert (asks.folder / "reports" / "study-1.sealed").exists()


def test_a_removal_needs_the_day_said(asks, capsys):
    assert run(["study", "retire", "--remove", "--data-dir", str(asks.folder)]) == 2
    assert "--today" in capsys.readouterr().err
    status, answer = asks("study", "retire", "--remove", "--today", "2020-01-01")
    assert (status, answer["error"]["code"]) == (1, "STU-001")


def test_a_wrong_rule_is_said_and_removes_nothing(asks):
    rule(asks, "days = 'many'")

    status, answer = asks("study", "retire", "--remove", "--today", TODAY)

    assert (status, answer["error"]["code"]) == (1, "SET-001")
    assert len(asks("study", "list")[1]["studies"]) == 2


def test_a_hold_is_lifted_with_a_reason_and_both_are_in_the_audit(asks):
    asks("study", "hold", "study-1", "--reason", "court order 12")

    assert asks("study", "release", "study-1", "--reason", "case closed")[0] == 0

    assert asks("study", "holds")[1]["holds"] == []
    acts = [e["act"] for e in asks("audit", "list")[1]["events"]]
    assert "legal hold: court order 12" in acts
    assert "legal hold lifted: case closed" in acts
    assert asks("audit", "verify")[0] == 0
