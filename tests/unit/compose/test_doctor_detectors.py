"""The doctor says what the self-test of a detector came to, and runs none that still stands."""

import shutil
from pathlib import Path

from edge_app.compose import doctor
from edge_app.settings import Settings

SHIPPED = Path(__file__).parents[3] / "models" / "onnx" / "blood-smear"


def said(settings) -> doctor.DoctorCheck:
    (check,) = doctor._detectors(settings)
    return check


def test_a_self_test_that_stands_is_told_and_not_run_again(tmp_path, monkeypatch):
    shutil.copytree(SHIPPED, tmp_path / "packages" / "blood-smear")
    settings = Settings(tmp_path / "data", tmp_path / "packages")
    first = said(settings)
    assert first.ok
    assert "as tested on 20" in first.found

    monkeypatch.setattr(doctor, "tested", lambda *_: iter(()))

    assert said(settings) == first


def test_a_self_test_is_run_again_where_the_detector_was_changed(tmp_path):
    folder = shutil.copytree(SHIPPED, tmp_path / "packages" / "blood-smear")
    settings = Settings(tmp_path / "data", tmp_path / "packages")
    assert said(settings).ok

    (folder / "model.int8.onnx").write_bytes(b"another")

    assert not said(settings).ok
