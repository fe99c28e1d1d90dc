"""`edge-app study` looks at the store while the window holds it."""

import json

import pytest

from edge_app.cli.program import run
from edge_app.compose.demo import DEMO_WORDS, demo_entrance
from edge_app.domain.geometry import Box
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import OTHER, Called, DrawnFinding, Study, Verdict
from edge_app.settings import Settings
from edge_app.storage.upkeep_record import UpkeepRecord, keep_upkeep_record
from edge_app.workflow import examine
from tests.fakes import NOON, FakeClock, a_detection, a_reading, an_image


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """A store that is open for writing, with one read study, and its folder."""
    settings = Settings(tmp_path / "kept", tmp_path)
    entrance, who = demo_entrance(settings)
    monkeypatch.setenv("EDGE_APP_USER", who.account.name)
    monkeypatch.setenv("EDGE_APP_PASSPHRASE_FILE", str(settings.data_dir / DEMO_WORDS))
    with entrance.store(who) as opened:
        store = opened.studies
        image = an_image()
        study = store.start(Study("study-1", PatientRef("P-1", "Amina Test"), NOON))
        study = store.capture(study, image)
        reading = a_reading(image, (a_detection(),))
        store.save(study.with_reading(study.images[0].image_id, reading), "read")
        yield store, tmp_path / "kept"


@pytest.fixture
def held(opened):
    """The folder of a store that is open for writing, with one read study."""
    return opened[1]


def test_studies_are_listed_while_the_window_holds_the_store(held, capsys):
    status = run(["study", "list", "--json", "--data-dir", str(held)])

    (line,) = json.loads(capsys.readouterr().out)["studies"]
    assert (status, line["study_id"], line["n_findings"]) == (0, "study-1", 1)


def test_a_study_is_shown_while_the_window_holds_the_store(held, capsys):
    status = run(["study", "show", "study-1", "--json", "--data-dir", str(held)])

    assert (status, json.loads(capsys.readouterr().out)["state"]) == (0, "read")


def test_a_study_shows_what_people_drew_and_renamed(opened, capsys):
    store, folder = opened
    study = store.study("study-1").renamed(0, Called(OTHER, "a fold"))
    box, image_id = Box(30, 30, 40, 40), study.images[0].image_id
    drawn = DrawnFinding(Called("platelet"), box, image_id, "Amina", NOON)
    store.save(study.with_drawn(drawn), "finding drawn")

    run(["study", "show", "study-1", "--data-dir", str(folder)])
    said = capsys.readouterr().out
    run(["study", "show", "study-1", "--json", "--data-dir", str(folder)])
    (told,) = json.loads(capsys.readouterr().out)["study"]["drawn"]

    assert "other: a fold (the detector: red-cell)" in said
    assert "drawn by a person" in said
    assert (told["called"]["label"], told["verdict"], told["drawn_by"]) == (
        "platelet", "accepted", "Amina",
    )  # fmt: skip


def test_a_study_shows_which_of_its_images_were_found_damaged(opened, capsys):
    store, folder = opened
    image_id = store.study("study-1").images[0].image_id
    found = UpkeepRecord(damaged=(("study-1", image_id), ("study-2", "another")))
    keep_upkeep_record(folder, found)

    status = run(["study", "show", "study-1", "--json", "--data-dir", str(folder)])
    told = json.loads(capsys.readouterr().out)
    run(["study", "show", "study-1", "--data-dir", str(folder)])

    assert (status, told["damaged"]) == (0, [image_id])
    assert f"Damaged: image {image_id}." in capsys.readouterr().out


def test_an_amended_study_shows_what_was_signed_before_and_why_it_was_amended(opened, capsys):
    store, folder = opened
    study = examine.judge(store, store.study("study-1"), 0, Verdict.ACCEPTED)
    signed = examine.sign(store, FakeClock(), study, "Dr Test")
    study = examine.amend(store, FakeClock(), signed, "Dr Other", "The other hand.")
    examine.judge(store, study, 0, Verdict.REJECTED)

    def shown(*more):
        assert run(["study", "show", "study-1", "--json", "--data-dir", str(folder), *more]) == 0
        return json.loads(capsys.readouterr().out)

    now, then = shown(), shown("--version", str(signed.version))

    assert now["signed_versions"] == [signed.version]
    assert (now["state"], now["study"]["amendments"][0]["reason"]) == (
        "reviewed",
        "The other hand.",
    )
    assert (then["state"], then["study"]["findings"][0]["verdict"]) == ("signed", "accepted")


def test_a_study_is_exported_while_the_window_holds_the_store(held, capsys, tmp_path):
    status = run(["study", "export", "study-1", "--out", str(tmp_path), "--data-dir", str(held)])

    assert status == 0
    written = {path.name for path in tmp_path.iterdir()}
    assert {"study-1-draft3.pdf", "study-1-draft3.json"} <= written


def test_a_study_that_is_not_there_is_one_line(held, capsys):
    status = run(["study", "show", "nobody-s", "--data-dir", str(held)])

    assert status == 1
    assert capsys.readouterr().err.startswith("STO-002")


def test_where_nobody_can_log_in_nothing_is_shown_and_nothing_made(tmp_path, capsys):
    status = run(["study", "list", "--data-dir", str(tmp_path / "none")])

    assert status == 1
    assert capsys.readouterr().err.startswith("KEY-010")
    assert not (tmp_path / "none").exists()


def test_looking_beside_the_window_is_written_down_in_one_chain(held, capsys):
    for command in (["study", "show", "study-1"], ["study", "list"]):
        run([*command, "--json", "--data-dir", str(held)])
    capsys.readouterr()

    assert run(["audit", "list", "--json", "--data-dir", str(held)]) == 0
    events = json.loads(capsys.readouterr().out)["events"]
    assert [(e["act"], e["study_id"]) for e in events[-3:]] == [
        ("see studies", "study-1"),
        ("see studies", ""),
        ("read the audit", ""),
    ]
    assert run(["audit", "verify", "--data-dir", str(held)]) == 0


def test_what_is_unusual_is_told_with_its_reason(held, capsys):
    for _ in range(6):
        run(["study", "export", "study-1", "--out", str(held / "out"), "--data-dir", str(held)])
    capsys.readouterr()

    assert run(["audit", "watch", "--data-dir", str(held)]) == 0
    assert "exported 6 times within an hour; at most 0 before" in capsys.readouterr().out
