"""Making a detector ready is said while it goes on, and how long it took is remembered."""

from contextlib import suppress

import pytest

from edge_app.inference import loading
from edge_app.inference.engine_cache import EngineCache
from edge_app.inference.package import load_package
from edge_app.inference.preparation import Preparations, WhatIsPrepared
from edge_app.inference.providers import Tuning
from tests.smears import PACKAGE

TENSORRT = "tensorrt"


@pytest.fixture(scope="module")
def variant():
    return load_package(PACKAGE).variant("int8")


class Slow:
    """Preparations that take as many seconds as asked for, by a clock of their own."""

    def __init__(self, folder, monkeypatch, machine="this one", engines=None):
        self.heard, self._now = [], 0.0
        monkeypatch.setattr("edge_app.inference.preparation.time.monotonic", lambda: self._now)
        self._made = Preparations(folder, machine, engines, self.heard.append)

    def take(self, variant, seconds, provider=TENSORRT, name="blood-smear"):
        """Prepare once and return what was known before of how long it takes."""
        self.heard.clear()
        with self._made(name, variant, provider, Tuning()):
            self._now += seconds
        said, ended = self.heard
        assert ended is None
        return said.last_s


def test_how_long_it_took_is_known_the_next_time(variant, tmp_path, monkeypatch):
    slow = Slow(tmp_path, monkeypatch)

    assert slow.take(variant, 190.0) == 0
    assert slow.take(variant, 60.0) == 190.0
    assert Slow(tmp_path, monkeypatch).take(variant, 1.0) == 60.0


def test_each_detector_variant_and_provider_has_its_own_time(variant, tmp_path, monkeypatch):
    slow = Slow(tmp_path, monkeypatch)
    slow.take(variant, 190.0)

    assert slow.take(load_package(PACKAGE).variant("fp32"), 1.0) == 0
    assert slow.take(variant, 1.0, provider="openvino") == 0
    assert slow.take(variant, 1.0, name="another") == 0
    assert slow.take(variant, 1.0) == 190.0


def test_another_driver_forgets_it(variant, tmp_path, monkeypatch):
    Slow(tmp_path, monkeypatch).take(variant, 190.0)

    assert Slow(tmp_path, monkeypatch, "with a new driver").take(variant, 1.0) == 0


def test_what_failed_is_not_remembered(variant, tmp_path, monkeypatch):
    slow = Slow(tmp_path, monkeypatch)
    with suppress(RuntimeError), slow._made("blood-smear", variant, TENSORRT, Tuning()):
        raise RuntimeError

    assert slow.heard[-1] is None
    assert slow.take(variant, 1.0) == 0


def test_the_moments_of_loading_an_engine_do_not_hide_the_minutes_of_its_making(
    variant, tmp_path, monkeypatch
):
    engines = EngineCache(tmp_path / "engines", "this one")
    slow = Slow(tmp_path / "times", monkeypatch, engines=engines)
    slow.take(variant, 190.0)
    with engines.folder(variant.sha256, TENSORRT, Tuning()) as place:
        (place / "engine").write_bytes(b"compiled")

    assert slow.take(variant, 2.0) == 0
    assert slow.take(variant, 2.0) == 2.0
    (place / "engine").write_bytes(b"somebody else's")
    assert slow.take(variant, 2.0) == 190.0


def test_a_folder_that_cannot_be_written_costs_a_number_and_no_detector(
    variant, tmp_path, monkeypatch
):
    (tmp_path / "file").write_bytes(b"")
    slow = Slow(tmp_path / "file" / "below", monkeypatch)

    assert [slow.take(variant, 9.0), slow.take(variant, 9.0)] == [0, 0]


def test_a_broken_file_counts_as_no_time(variant, tmp_path, monkeypatch):
    slow = Slow(tmp_path, monkeypatch)
    slow.take(variant, 190.0)
    (tmp_path / "blood-smear.json").write_bytes(b"{")

    assert slow.take(variant, 5.0) == 0
    assert slow.take(variant, 5.0) == 5.0


@pytest.mark.parametrize(
    "nonsense",
    [
        WhatIsPrepared("d", "int8", "no such provider", 1.0),
        WhatIsPrepared("d", "int8", TENSORRT, float("nan")),
        WhatIsPrepared("d", "int8", TENSORRT, -1.0),
    ],
)
def test_what_a_process_could_not_mean_is_shown_to_nobody(nonsense):
    assert nonsense.after(1.0) is None
    assert WhatIsPrepared("d", "int8", TENSORRT, 1.0).after(1.0).title == "NVIDIA TensorRT"


def test_what_compiles_for_minutes_is_tried_last_where_nothing_was_measured(monkeypatch):
    monkeypatch.setattr(loading, "usable_providers", lambda: [TENSORRT, "cuda", "cpu"])

    tried = loading._untested(load_package(PACKAGE), loading.Choice())

    assert [c.provider for c in tried] == ["cuda"] * 2 + ["cpu"] * 2 + [TENSORRT] * 2
