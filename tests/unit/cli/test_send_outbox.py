"""`edge-app send outbox` and `study export`: what is sent, what waits and why, for both readers."""

import json
import shutil
from contextlib import closing

import pytest

from edge_app.cli.program import run
from edge_app.compose.demo import DEMO_WORDS, demo_entrance
from edge_app.domain.account import Account, Role
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.settings import Settings
from edge_app.storage.outbox import OutboxRecords
from tests.fakes import NOON, a_detection, a_reading, an_image

WORDS = "four words that differ"


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A store with one read study, which nobody holds; the clinician asks."""
    settings = Settings(tmp_path / "kept", tmp_path)
    entrance, who = demo_entrance(settings)
    monkeypatch.setenv("EDGE_APP_USER", who.account.name)
    monkeypatch.setenv("EDGE_APP_PASSPHRASE_FILE", str(settings.data_dir / DEMO_WORDS))
    with entrance.store(who) as opened:
        image = an_image()
        study = opened.studies.start(Study("study-1", PatientRef("P-1", "Amina Test"), NOON))
        study = opened.studies.capture(study, image)
        reading = a_reading(image, (a_detection(),))
        opened.studies.save(study.with_reading(study.images[0].image_id, reading), "read")
        for role in (Role.TECHNICIAN, Role.AUDITOR):
            opened.add(Account(role.value, frozenset({role})), WORDS)
    (tmp_path / "words").write_text(f"{WORDS}\n")
    return settings.data_dir


@pytest.fixture
def asks(kept, capsys, monkeypatch, tmp_path):
    """Return what runs a command and returns its status and its JSON."""

    def asked(*words, role=None):
        if role:
            monkeypatch.setenv("EDGE_APP_USER", role.value)
            monkeypatch.setenv("EDGE_APP_PASSPHRASE_FILE", str(tmp_path / "words"))
        capsys.readouterr()
        status = run([*map(str, words), "--json", "--data-dir", str(kept)])
        return status, json.loads(capsys.readouterr().out)

    return asked


def an_export_that_failed(asks, folder):
    """Ask for the files where another file has the name of one of them; return the job."""
    folder.mkdir()
    (folder / "study-1-draft3.pdf").write_bytes(b"somebody's")
    status, answer = asks("study", "export", "study-1", "--out", folder)
    assert (status, answer["files"]) == (1, [])
    return answer["job"]


def test_an_export_says_its_files_and_leaves_nothing_in_the_outbox(asks, tmp_path):
    status, answer = asks("study", "export", "study-1", "--out", tmp_path / "out")

    assert (status, answer["schema"], answer["job"]["state"]) == (0, 1, "sent")
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        f.rsplit("/", 1)[-1] for f in answer["files"]
    }
    assert len(answer["files"]) == 3
    assert asks("send", "outbox", "list")[1]["jobs"] == []
    assert [j["state"] for j in asks("send", "outbox", "list", "--all")[1]["jobs"]] == ["sent"]


def test_the_same_export_again_is_the_same_job_and_puts_back_what_was_taken_away(asks, tmp_path):
    out = tmp_path / "out"
    first = asks("study", "export", "study-1", "--out", out)[1]
    (out / "study-1-draft3.json").unlink()
    kept = (out / "study-1-draft3.pdf").stat()

    status, again = asks("study", "export", "study-1", "--out", out)

    assert (status, again["job"]["id"]) == (0, first["job"]["id"])
    assert (out / "study-1-draft3.json").exists()
    assert (out / "study-1-draft3.pdf").stat().st_mtime_ns == kept.st_mtime_ns
    assert len(asks("send", "outbox", "list", "--all")[1]["jobs"]) == 1


def test_what_fails_is_listed_with_its_code_and_is_sent_when_tried_again(asks, tmp_path):
    job = an_export_that_failed(asks, tmp_path / "out")
    (listed,) = asks("send", "outbox", "list")[1]["jobs"]
    assert listed == job
    assert (job["state"], job["problem"], job["tries"]) == ("given up", "OUT-007", 1)

    assert asks("send", "outbox", "retry", job["id"])[0] == 1
    (tmp_path / "out" / "study-1-draft3.pdf").unlink()
    status, answer = asks("send", "outbox", "retry", job["id"])

    assert (status, answer["jobs"][0]["state"]) == (0, "sent")


def test_a_cancelled_job_is_not_sent(asks, tmp_path):
    job = an_export_that_failed(asks, tmp_path / "out")

    status, answer = asks("send", "outbox", "cancel", job["id"], "--reason", "mistake")

    assert (status, answer["jobs"][0]["state"]) == (0, "cancelled")
    assert asks("send", "outbox", "list")[1]["jobs"] == []
    assert asks("send", "outbox", "work") == (0, {"schema": 1, "jobs": []})
    assert (tmp_path / "out" / "study-1-draft3.pdf").read_bytes() == b"somebody's"


def test_what_waits_is_sent_by_the_command_that_works_through_the_outbox(
    asks, kept, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    status, answer = asks("study", "export", "study-1", "--out", out)
    assert status == 0
    with closing(OutboxRecords(kept, demo_entrance(Settings(kept, tmp_path))[1].keys)) as records:
        records.ask("study-1", 3, records.job(answer["job"]["id"]).send)
    shutil.rmtree(out)
    out.mkdir()

    status, answer = asks("send", "outbox", "work")

    assert (status, [j["state"] for j in answer["jobs"]]) == (0, ["sent"])
    assert len(list(out.iterdir())) == 3


def test_a_folder_that_cannot_be_made_is_refused_before_anything_is_asked_for(asks, tmp_path):
    (tmp_path / "file").write_bytes(b"")

    status, answer = asks("study", "export", "study-1", "--out", tmp_path / "file" / "out")

    assert (status, answer["error"]["code"]) == (1, "EXP-001")
    assert asks("send", "outbox", "list", "--all")[1]["jobs"] == []


def test_a_technician_sees_the_outbox_and_an_auditor_does_not(asks, tmp_path):
    an_export_that_failed(asks, tmp_path / "out")

    status, answer = asks("send", "outbox", "list", role=Role.TECHNICIAN)
    assert (status, len(answer["jobs"])) == (0, 1)
    assert "Amina" not in json.dumps(answer)
    status, answer = asks("send", "outbox", "list", role=Role.AUDITOR)
    assert (status, answer["error"]["code"]) == (1, "ACC-001")
    events = asks("audit", "list", role=Role.AUDITOR)[1]["events"]
    assert ("refused: use the outbox", "auditor", True) in [
        (e["act"], e["by"], e["is_refused"]) for e in events
    ]


def test_people_read_what_happened_and_what_to_do(kept, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "study-1-draft3.json").write_bytes(b"somebody's")

    run(["study", "export", "study-1", "--out", str(out), "--data-dir", str(kept)])

    said = capsys.readouterr().err
    assert "Given up: Another file of that name is there, and stays." in said
    assert "edge-app send outbox list" in said
    run(["send", "outbox", "list", "--data-dir", str(kept)])
    assert "OUT-007" in capsys.readouterr().out
