"""Capture after capture: no memory, no open file and no thread is left behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CAPTURES = int(os.environ.get("EDGE_APP_GROWTH", "200"))
WARM = 1000
LONG = 10_000
MOST_KB = 1024


def grown(folder: Path, captures: int, warm: int, *leak: str) -> dict:
    """Return how much a process of its own grew."""
    asked = ["--folder", str(folder), "--captures", str(captures), "--warm", str(warm), *leak]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.growth_harness", *asked],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=300 + captures,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    growth = json.loads(done.stdout)
    print(f"\ngrowth {' '.join(leak)}: {growth}")  # noqa: T201
    return growth


@pytest.mark.skipif(sys.platform != "linux", reason="NOT TESTED, growth: needs /proc")
def test_captures_leave_no_file_open_no_thread_and_no_memory(tmp_path):
    is_long = CAPTURES >= LONG
    growth = grown(tmp_path, CAPTURES, WARM if is_long else 50)

    assert growth["captures"] >= CAPTURES
    assert (growth["files"], growth["threads"]) == (0, 0)
    # Few captures tell nothing of memory: the allocator's own steps are larger.
    assert growth["rss_kb"] < MOST_KB or not is_long


@pytest.mark.skipif(sys.platform != "linux", reason="NOT TESTED, growth: needs /proc")
def test_a_program_that_leaves_things_behind_is_caught(tmp_path):
    growth = grown(tmp_path, 200, 50, "--leak")

    assert growth["files"] > 0
    assert growth["threads"] > 0
    assert growth["rss_kb"] > 8 * MOST_KB
