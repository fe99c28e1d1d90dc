"""`edge-app study series`: a patient's counts over time, for people and for programs."""

import csv
import json
from datetime import timedelta

import pytest

from edge_app.cli.program import run
from edge_app.compose.demo import DEMO_WORDS, demo_entrance
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Verdict
from edge_app.settings import Settings
from edge_app.workflow import examine
from tests.fakes import NOON, FakeClock, a_detection, a_reading, an_image, some_pixels

COUNTS = (40, 22, 9, 5)


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Four signed studies of one patient, six hours apart, and one of somebody else."""
    settings = Settings(tmp_path / "kept", tmp_path)
    entrance, who = demo_entrance(settings)
    monkeypatch.setenv("EDGE_APP_USER", who.account.name)
    monkeypatch.setenv("EDGE_APP_PASSPHRASE_FILE", str(settings.data_dir / DEMO_WORDS))
    clock, ids = FakeClock(), []
    with entrance.store(who) as opened:
        for number, count in enumerate((*COUNTS, 7)):
            patient = PatientRef("P-1" if number < len(COUNTS) else "P-12")
            ids.append(a_signed_study(opened.studies, clock, patient, count).study_id)
            clock.pass_s(timedelta(hours=6).total_seconds())
    return settings.data_dir, ids


def a_signed_study(store, clock, patient, count):
    image = an_image(some_pixels(shift=count))
    study = examine.keep(store, examine.begin(store, clock, patient), image)
    said = a_reading(image, [a_detection("platelet")] * count)
    study = examine.keep_reading(store, study, study.images[0].image_id, said)
    for index in range(count):
        study = study.judged(index, Verdict.ACCEPTED)
    return examine.sign(store, clock, study, "Dr Test")


def series(capsys, store, *more):
    folder, ids = store
    assert run(["study", "series", ids[1], "--json", "--data-dir", str(folder), *more]) == 0
    return json.loads(capsys.readouterr().out)["series"]


def test_the_counts_of_one_patient_come_in_order_and_nobody_else_s(store, capsys):
    (found,) = series(capsys, store, "--label", "platelet")

    assert [v["count"] for v in found["visits"]] == list(COUNTS)
    assert [v["study_id"] for v in found["visits"]] == store[1][: len(COUNTS)]
    assert found["change"]["direction"] == "within the error of counting"


def test_a_treatment_gives_a_half_life_and_a_threshold_a_day(store, capsys):
    treated = NOON.strftime("%Y-%m-%dT%H:%M%z")

    (found,) = series(capsys, store, "--label", "platelet", "--treated", treated,
                      "--threshold", "1")  # fmt: skip

    assert 4 < found["clearance"]["half_life_hours"]["value"] < 9
    assert found["crossing"]["at"] > found["visits"][-1]["at"]


def test_the_table_is_written_for_a_spreadsheet_and_never_over_another_file(
    store, tmp_path, capsys
):
    folder, ids = store
    file = tmp_path / "counts.csv"
    asked = ["study", "series", ids[0], "--label", "platelet", "--csv", str(file)]

    assert run([*asked, "--data-dir", str(folder)]) == 0
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    assert [int(r["count"]) for r in rows] == list(COUNTS)
    assert "P-1" not in file.read_text(encoding="utf-8")
    assert "counting error only" in capsys.readouterr().out

    assert run([*asked, "--data-dir", str(folder)]) == 1
    assert len(file.read_text(encoding="utf-8").splitlines()) == 1 + len(COUNTS)
