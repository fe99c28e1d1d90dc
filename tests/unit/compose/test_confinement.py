"""Bubblewrap stands where it hides nothing that the detector needs."""

import pytest

from edge_app.compose.confinement import enclosure_for
from edge_app.compose.detector_worker import profile_of
from edge_app.inference.session import usable_providers


@pytest.mark.parametrize("node", ["nvidiactl", "nvhost-ctrl", "dri/renderD128", "kfd"])
def test_bubblewrap_never_hides_an_accelerator_that_may_be_used(tmp_path, node):
    (tmp_path / node).parent.mkdir(exist_ok=True)
    (tmp_path / node).touch()

    assert enclosure_for(tmp_path, "auto", tmp_path) is None
    assert enclosure_for(tmp_path, "cuda", tmp_path) is None
    assert enclosure_for(tmp_path, "cpu", tmp_path) is not None


def test_bubblewrap_stands_around_a_detector_on_a_machine_without_accelerator(tmp_path):
    assert enclosure_for(tmp_path, "auto", tmp_path) is not None


def test_a_detector_on_the_cpu_is_sealed_and_one_on_an_accelerator_keeps_its_device(tmp_path):
    assert profile_of(tmp_path, "cpu").is_sealed
    assert profile_of(tmp_path, "auto").is_sealed == (usable_providers() == ["cpu"])
    assert not profile_of(tmp_path, "cuda").is_sealed or usable_providers() == ["cpu"]
