"""A package that must not be opened is refused before the runtime, and quickly."""

import time

import pytest

from edge_app.domain.error import DetectorRefusedError
from edge_app.inference.choice import Choice
from edge_app.inference.loading import load_detector
from edge_app.inference.verify import verify_file, verify_package
from tests.hostile_models import HOSTILE, hostile_bytes
from tests.hostile_packages import FOLDERS, PACKAGES, a_package

LONGEST_S = 30
# What only `models verify` minds: a package in use may share a file, and hold what nobody opens.
HARMLESS_IN_USE = {
    "model that is a file of somewhere else", "library in the folder", "folder in the folder",
    "thousands of files",
}  # fmt: skip


class Runtime:
    """Stands where the runtime is opened, and notes whether it was."""

    def __init__(self):
        self.models = []

    def __call__(self, model, provider):
        self.models.append((model, provider))
        raise DetectorRefusedError("The runtime was opened.", "")


@pytest.mark.parametrize("name", PACKAGES)
def test_a_hostile_package_is_refused_before_the_runtime(tmp_path, name):
    folder, runtime = a_package(tmp_path), Runtime()
    change, said = PACKAGES[name]
    change(folder)
    began = time.monotonic()

    why = " ".join(c.why for c in verify_package(folder, runtime) if not c.ok)

    assert said in why
    assert runtime.models == []
    assert time.monotonic() - began < LONGEST_S


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_bare_file_is_refused_before_the_runtime(tmp_path, name):
    path, runtime = tmp_path / "bare.onnx", Runtime()
    path.write_bytes(hostile_bytes(name))

    checks = list(verify_file(path, runtime))

    is_wrong_for_one_package_only = HOSTILE[name][1] == "promises one"
    assert bool(runtime.models) == is_wrong_for_one_package_only
    assert not all(c.ok for c in checks)


@pytest.mark.parametrize("name", sorted(FOLDERS.keys() - HARMLESS_IN_USE))
def test_no_detector_comes_of_a_hostile_package(tmp_path, name):
    folder = a_package(tmp_path)
    FOLDERS[name][0](folder)

    with pytest.raises(DetectorRefusedError) as refused:
        load_detector(folder, Choice("int8", "cpu"))

    assert refused.value.what.isprintable()
    assert len(refused.value.what) < 600
    assert refused.value.remedy


def test_there_are_at_least_forty_hostile_packages():
    assert len(PACKAGES) >= 40


def test_the_package_that_the_hostile_ones_are_made_of_reaches_the_runtime(tmp_path):
    runtime = Runtime()

    checks = list(verify_package(a_package(tmp_path), runtime))

    assert len(runtime.models) >= 2
    assert all("The runtime was opened" in c.why for c in checks if not c.ok)
