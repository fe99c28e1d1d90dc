"""A provider that compiles for minutes is waited for, and said; one that hangs is not."""

import time

import pytest

from edge_app.domain.error import DetectorRefusedError
from edge_app.inference import remote
from edge_app.inference.package import load_package
from edge_app.inference.remote import RemoteDetector
from edge_app.isolation.named_work import Patience
from tests.smears import PACKAGE, a_field

WORKER = "tests.faults.slow_provider_worker"


@pytest.fixture
def slow(tmp_path, monkeypatch):
    """Return a way to start a detector whose provider is slow; every deadline is cut short."""
    made = []
    monkeypatch.setattr(remote, "_FIRST_S", 12.0)
    monkeypatch.setattr(remote, "Patience", lambda *rest: Patience(*rest, still_s=3.0))

    def start(seconds, how):
        arguments = (str(PACKAGE), str(tmp_path), str(seconds), how)
        made.append(RemoteDetector(load_package(PACKAGE).manifest, WORKER, arguments))
        return made[-1]

    yield start
    for detector in made:
        detector.close()


@pytest.mark.parametrize("how", ["work", "hold"])
def test_a_provider_that_compiles_longer_than_the_deadline_is_waited_for_and_reads(slow, how):
    detector = slow(15, how)
    started, said = time.monotonic(), None
    while (said is None or said.so_far_s < 2) and time.monotonic() - started < 14:
        time.sleep(0.1)
        said = detector.preparing

    detector.wait_until_ready()

    assert time.monotonic() - started > 15
    assert (said.title, said.variant) == ("CPU", "int8")
    assert said.so_far_s >= 2
    assert detector.preparing is None
    assert detector.read(a_field(7)[0]).detections


def test_a_provider_that_hangs_while_it_compiles_is_noticed_and_refused(slow):
    started = time.monotonic()

    with pytest.raises(DetectorRefusedError, match="stood still"):
        slow(300, "stop").wait_until_ready()

    assert time.monotonic() - started < 30


def test_a_provider_that_compiles_without_end_is_ended_at_what_is_known_of_it(slow, monkeypatch):
    monkeypatch.setattr(remote, "_longest_s", lambda _: 3.0)

    with pytest.raises(DetectorRefusedError, match="longer than 3 s"):
        slow(300, "work").wait_until_ready()
