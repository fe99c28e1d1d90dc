"""`edge-app study` looks at the store while the window holds it."""

import json

import pytest

from edge_app.cli.program import run
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.storage.study_store import SqliteStudyStore
from tests.fakes import NOON, a_detection, a_reading, an_image


@pytest.fixture
def held(tmp_path):
    """A store that is open for writing, with one read study."""
    with SqliteStudyStore(tmp_path / "kept") as store:
        image = an_image()
        study = store.start(Study("study-1", PatientRef("P-1", "Amina Test"), NOON))
        study = store.capture(study, image)
        reading = a_reading(image, (a_detection(),))
        store.save(study.with_reading(study.images[0].image_id, reading), "read")
        yield tmp_path / "kept"


def test_studies_are_listed_while_the_window_holds_the_store(held, capsys):
    status = run(["study", "list", "--json", "--data-dir", str(held)])

    (line,) = json.loads(capsys.readouterr().out)["studies"]
    assert (status, line["study_id"], line["n_findings"]) == (0, "study-1", 1)


def test_a_study_is_shown_while_the_window_holds_the_store(held, capsys):
    status = run(["study", "show", "study-1", "--json", "--data-dir", str(held)])

    assert (status, json.loads(capsys.readouterr().out)["state"]) == (0, "read")


def test_a_study_is_exported_while_the_window_holds_the_store(held, capsys, tmp_path):
    status = run(["study", "export", "study-1", "--out", str(tmp_path), "--data-dir", str(held)])

    assert status == 0
    assert {"study-1.pdf", "study-1.json"} <= {path.name for path in tmp_path.iterdir()}


def test_a_study_that_is_not_there_is_one_line(tmp_path, capsys):
    status = run(["study", "show", "nobody-s", "--data-dir", str(tmp_path / "none")])

    assert status == 1
    assert capsys.readouterr().err.startswith("STO-002")
    assert not (tmp_path / "none").exists()
