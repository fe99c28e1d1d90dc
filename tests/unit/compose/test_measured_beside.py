"""The real benchmark beside the window: its figures come back, and a stop leaves nothing behind."""

import os
import threading
import time
from pathlib import Path

import pytest

from edge_app.compose.beside_window import BesideWindow
from edge_app.compose.commissioning import measured_beside
from edge_app.settings import Settings, settings_from

PATIENCE_S = 60


@pytest.fixture
def beside(tmp_path):
    return BesideWindow(Settings(tmp_path, settings_from(None).packages_dir))


def running_for(folder: Path) -> set[int]:
    """Return the processes that were told of `folder`."""
    found = set()
    for place in Path("/proc").iterdir():
        try:
            said = (place / "cmdline").read_bytes()
        except OSError:
            continue
        if place.name.isdigit() and str(folder).encode() in said:
            found.add(int(place.name))
    return found - {os.getpid()}


def wait(claim):
    until = time.monotonic() + PATIENCE_S
    while not claim() and time.monotonic() < until:
        time.sleep(0.05)
    assert claim()


def test_one_variant_is_measured_by_the_command_that_people_use(beside):
    (speed,) = measured_beside(beside, "blood-smear", "int8")

    assert (speed.detector, speed.variant, speed.provider) == ("blood-smear", "int8", "cpu")
    assert 0 < speed.session_run_ms < speed.pipeline_ms < speed.cold_start_ms
    assert speed.rss_mb > 10


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="Linux's list of processes")
def test_a_measuring_that_is_stopped_leaves_no_process(beside, tmp_path):
    said = []
    work = threading.Thread(
        target=lambda: said.append(measured_beside(beside, "blood-smear", "int8"))
    )
    work.start()
    wait(lambda: len(running_for(tmp_path)) > 1)  # the command, and its worker

    beside.stop()
    work.join(timeout=PATIENCE_S)

    assert said == [[]]
    wait(lambda: not running_for(tmp_path))
