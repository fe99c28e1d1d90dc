"""Setting the clock a year ahead or back neither hurries nor stalls what waits to be sent."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from edge_app.domain.outbox import Problem, Send, SendKind, wait_after
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study
from edge_app.storage.outbox import OutboxRecords
from edge_app.storage.study_store import SqliteStudyStore
from tests.fakes import NOON
from tests.faults.outbox_clock_child import CLOCKS
from tests.keys import KEYS

TRIES = 9


def a_job_that_waits(folder: Path, build: str) -> None:
    """Keep a study whose files failed so often that they wait for 1280 seconds."""
    with SqliteStudyStore(folder, KEYS) as store:
        store.start(Study("study-1", PatientRef("P-1"), NOON))
    with closing(OutboxRecords(folder, KEYS, "", CLOCKS[build])) as records:
        job = records.ask("study-1", 1, Send(SendKind.FILES, "/media/stick", "/media"))
        for _ in range(TRIES):
            records.failed(records.begin(records.job(job.key)), Problem.NOT_THERE)


def seen_after(jump: str, folder: Path, build: str) -> dict:
    """Return what a program sees whose clock was set so."""
    if shutil.which("faketime") is None:
        pytest.skip("NOT TESTED HERE: faketime is not installed, so the clock cannot be set")
    child = [sys.executable, "-m", "tests.faults.outbox_clock_child", str(folder), build]
    done = subprocess.run(
        ["faketime", "-f", jump, *child],
        env={**os.environ, "FAKETIME_DONT_FAKE_MONOTONIC": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize(("jump", "years"), [("+370d", 1), ("-370d", -1), ("+0d", 0)])
def test_a_wait_is_as_long_whatever_the_clock_says(tmp_path, jump, years):
    a_job_that_waits(tmp_path, "sound")

    seen = seen_after(jump, tmp_path, "sound")

    assert abs(seen["year"] - (datetime.now().year + years)) <= 1  # noqa: DTZ005
    assert (seen["year"] != datetime.now().year) is (years != 0)  # noqa: DTZ005
    assert wait_after(TRIES) - 60 < seen["wait_s"] <= wait_after(TRIES)


def test_a_build_that_waits_by_the_wall_is_caught(tmp_path):
    a_job_that_waits(tmp_path, "wall")

    assert seen_after("+370d", tmp_path, "wall")["wait_s"] == 0
