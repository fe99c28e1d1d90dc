"""The detector's process is killed at random; no reading is lost without a word, none is wrong."""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = int(os.environ.get("EDGE_APP_WORKER_KILLS", "12"))
SEED = int(os.environ.get("EDGE_APP_SEED", "20260302"))
MUTANT_KILLS = 4
MUTANT_SEED = 3


def tally_of(build: str, folder: Path, kills: int, seed: int) -> dict:
    """Return the tally of a harness in a process of its own, as its window is."""
    asked = ["--folder", str(folder), "--kills", str(kills), "--seed", str(seed), "--build", build]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.worker_kill_harness", *asked],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120 + 10 * kills,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def report(name: str, seed: int, tally: dict) -> None:
    waits = sorted(tally["next_good_s"])
    counts = {k: len(v) if isinstance(v, list) else v for k, v in tally.items()}
    print(f"\nworker kills, {name} build, seed {seed}: {counts}")  # noqa: T201
    if waits:
        print(  # noqa: T201
            f"next good reading: median {statistics.median(waits):.2f} s, "
            f"95 % {waits[int(len(waits) * 0.95)]:.2f} s, longest {waits[-1]:.2f} s; "
            f"window's longest stalls {tally['stall_ms'][:3]} ms, "
            f"without kills {tally['calm_stall_ms'][:3]} ms; load {os.getloadavg()[0]:.1f}"
        )


def test_no_reading_is_lost_or_wrong_when_the_worker_is_killed(tmp_path):
    tally = tally_of("sound", tmp_path, KILLS, SEED)
    report("sound", SEED, tally)

    assert sum(tally["kills"].values()) == KILLS
    assert (tally["lost"], tally["wrong"], tally["errors"]) == ([], [], [])
    assert all(tally["not_analysed"])
    assert tally["good"] > KILLS
    assert max(tally["next_good_s"]) < 15  # generous: a busy build machine
    assert max(tally["stall_ms"]) < 1000


@pytest.mark.parametrize(("build", "what"), [("believing", "wrong"), ("patient", "lost")])
def test_a_broken_build_is_caught(tmp_path, build, what):
    tally = tally_of(build, tmp_path, MUTANT_KILLS, MUTANT_SEED)
    report(build, MUTANT_SEED, tally)

    assert tally[what] != []
