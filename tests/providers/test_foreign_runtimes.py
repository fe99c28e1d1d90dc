"""Providers of other runtimes: a true second one, one that cannot start, one without a device."""

import json
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge_app.inference import golden
from edge_app.inference.binding import BoundRuns
from edge_app.inference.choice import Choice
from edge_app.inference.engine_cache import EngineCache
from edge_app.inference.fingerprint import machine_words
from edge_app.inference.loading import load_detector
from edge_app.inference.package import load_package
from edge_app.inference.preprocess import prepare
from edge_app.inference.providers import Tuning, provider_named
from edge_app.inference.remote import RemoteDetector
from edge_app.inference.selftest import Combination, Opener, Ways, batched
from edge_app.inference.session import Level, provider_state
from edge_app.inference.site_tuning import SiteTuning
from tests.free_batches import a_free_package
from tests.smears import PACKAGE, a_field

ROOT = Path(__file__).parents[2]


def states(*names):
    return [provider_state(provider_named(name)) for name in names]


def program(home, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "edge_app", *map(str, arguments), "--data-dir", str(home)],
        capture_output=True, text=True, check=False, timeout=300, cwd=ROOT,
    )  # fmt: skip


@pytest.mark.provider("openvino")
def test_a_second_provider_starts_is_tested_and_answers_as_it_must(machine, record):
    assert states("openvino", "cpu") == [
        state for state in states("openvino", "cpu") if state.usable
    ]
    judged = [v for v in record.verdicts if v.combination.provider == "openvino"]
    assert len(judged) == 2 * len(Level)
    assert [v for v in judged if v.ok]

    reading = load_detector(PACKAGE, Choice(provider="openvino"), machine).read(a_field(7)[0])

    assert reading.certificate.provider == "openvino"
    assert reading.detections


@pytest.mark.provider("openvino")
def test_the_two_providers_decide_alike(machine, record):
    assert record.chosen
    image = a_field(11)[0]

    found = [
        load_detector(PACKAGE, Choice("fp32", name), machine).read(image).counts()
        for name in ("openvino", "cpu")
    ]

    assert found[0] == found[1]


def compiled(tmp_path):
    """Return the cache and its one folder after a session was opened through it."""
    engines = EngineCache(tmp_path, machine_words())
    package = load_package(PACKAGE)
    combination = Combination("fp32", "openvino", Level.ALL)
    session = Opener(engines)(package, combination, Tuning())
    assert golden.passed(package, package.variant("fp32"), session)
    (place,) = tmp_path.iterdir()
    return place


@pytest.mark.provider("openvino")
def test_what_was_compiled_is_sealed_and_found_again(tmp_path):
    place = compiled(tmp_path)

    assert {p.suffix for p in place.iterdir()} == {".blob", ".json"}
    assert compiled(tmp_path) == place  # whether it is loaded, this provider decides by itself


@pytest.mark.provider("openvino")
def test_an_engine_that_somebody_touched_is_never_loaded_but_built_anew(tmp_path):
    engine = next(p for p in compiled(tmp_path).iterdir() if p.suffix == ".blob")
    whole = engine.read_bytes()
    engine.write_bytes(whole[:-100] + bytes(100))
    (engine.parent / "stranger.blob").write_bytes(b"not ours")

    place = compiled(tmp_path)

    assert not (place / "stranger.blob").exists()
    assert engine.stat().st_size == len(whole)
    assert not engine.read_bytes().endswith(bytes(100))


@pytest.mark.provider("openvino")
def test_a_second_provider_answers_a_batch_as_each_picture_alone(tmp_path):
    package = load_package(a_free_package(tmp_path))
    opener, ways = Opener(), Combination("fp32", "openvino", Level.ALL)

    found = batched(package, ways, Tuning(), Ways(opener, SiteTuning()))

    assert [(v.size, v.why) for v in found] == [(1, ""), (2, ""), (4, ""), (8, "")]
    assert all(v.tile_ms > 0 for v in found)


@pytest.mark.provider("openvino")
def test_a_second_provider_answers_bound_what_it_answers_plain():
    package = load_package(PACKAGE)
    session = Opener()(package, Combination("fp32", "openvino", Level.ALL), Tuning())
    tied = replace(session, bound=BoundRuns(session.inner, "cpu"))
    tensors = [prepare(a_field(n)[0].pixels, package.manifest.input).tensor for n in (7, 11, 7)]

    for tensor in tensors:
        for one, other in zip(session.run(tensor), tied.run(tensor), strict=True):
            assert np.array_equal(one, other)
    assert golden.passed(package, package.variant("fp32"), tied)


@pytest.mark.provider("openvino")
def test_what_is_compiled_is_said_while_the_runtime_lets_nothing_else_run_and_remembered(tmp_path):
    manifest = load_package(PACKAGE).manifest

    def started():
        """Return what was said while a detector was made ready in its process."""
        arguments = (str(PACKAGE), "int8", "openvino", "", str(tmp_path))
        made = RemoteDetector(manifest, "edge_app.compose.detector_worker", arguments)
        seen, ready = [], threading.Thread(target=made.wait_until_ready)
        ready.start()
        while ready.is_alive():
            seen.append(made.preparing)
            ready.join(0.02)
        assert made.read(a_field(7)[0]).certificate.provider == "openvino"
        made.close()
        return [p for p in seen if p]

    made_first, loaded, again = started(), started(), started()

    assert {p.title for p in made_first} == {"Intel OpenVINO"}
    assert max(p.so_far_s for p in made_first) > 0.3
    assert made_first[-1].last_s == loaded[-1].last_s == 0  # nothing was loaded before
    assert again[-1].last_s > 0
    took = json.loads((tmp_path / "selftests/preparations/blood-smear.json").read_text())
    assert {key.rpartition(" ")[2] for key in took["seconds"]} == {"made", "loaded"}


@pytest.mark.provider("cuda")
def test_a_runtime_for_gpus_without_one_is_noticed_said_and_worked_around(machine, record):
    tensorrt, cuda, cpu = states("tensorrt", "cuda", "cpu")

    assert cpu.usable
    assert not tensorrt.usable
    assert not cuda.usable
    assert "libcublasLt.so.13 is missing" in cuda.why
    assert "is missing" in tensorrt.why
    assert record.chosen
    assert record.chosen.provider == "cpu"
    detector = load_detector(PACKAGE, Choice(), machine)
    assert detector.certificate.provider == "cpu"
    assert any("cuda is not used" in said and "libcublas" in said for said in detector.passed_over)


@pytest.mark.provider("cuda")
def test_asking_for_the_gpu_that_does_not_start_is_refused_and_never_the_cpu_in_its_name(tmp_path):
    picture = PACKAGE / "golden" / "field-1.png"

    ended = program(tmp_path, "analyze", picture, "--provider", "cuda", "--json")

    assert ended.returncode == 1
    (reading,) = json.loads(ended.stdout)["readings"]
    assert reading["outcome"] == "not analysed"
    assert "libcublasLt.so.13 is missing" in reading["reason"]


@pytest.mark.provider("cuda")
def test_the_doctor_tells_the_technician_what_the_gpu_lacks(tmp_path):
    ended = program(tmp_path, "doctor", "--json", "--quiet")

    checks = {c["id"]: c for c in json.loads(ended.stdout)["checks"]}
    assert "libcublasLt.so.13 is missing" in checks["provider cuda"]["found"]
    assert "cuDNN" in checks["provider cuda"]["remedy"]
    assert checks["provider cpu"]["ok"]


@pytest.mark.provider("openvino-plugin")
def test_a_plug_in_is_registered_and_where_it_has_no_device_the_cpu_is_used(machine, record):
    (plugin,) = states("openvino-plugin")

    if plugin.usable:  # an Intel processor
        assert [v for v in record.verdicts if v.combination.provider == "openvino-plugin" and v.ok]
    else:
        assert "no device" in plugin.why
        assert record.chosen
        assert record.chosen.provider == "cpu"
    assert load_detector(PACKAGE, Choice(), machine).read(a_field(7)[0]).detections
