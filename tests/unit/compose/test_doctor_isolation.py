"""The doctor says what confines the workers on this machine."""

from edge_app.compose import doctor_isolation
from edge_app.compose.doctor_isolation import confined_workers
from edge_app.isolation.sandbox import Layer
from edge_app.settings import settings_from


def test_each_kind_of_worker_is_really_started_and_says_what_confines_it():
    detector, capture = confined_workers(settings_from(None))

    assert "no new privileges" in detector.found
    assert "no core file, no file over 1 MiB" in detector.found
    assert "landlock" in detector.found
    assert "bubblewrap" in detector.found
    assert "no core file" in capture.found
    assert "landlock" not in capture.found


def test_a_missing_layer_is_a_warning_with_a_remedy_and_a_missing_extra_is_not():
    held = Layer("limits", in_force=True, words="")
    extra = Layer("bubblewrap", in_force=False, words="not installed")
    absent = Layer("landlock", in_force=False, words="Function not implemented")

    assert doctor_isolation._remedy((held, extra)) == ""
    assert "lacks landlock" in doctor_isolation._remedy((held, extra, absent))
    said = doctor_isolation._words((held, extra))
    assert said == "limits; without bubblewrap (not installed)"
