"""What works through the outbox is killed; each thing comes to its place once all the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = int(os.environ.get("EDGE_APP_OUTBOX_KILLS", "60"))
SEED = int(os.environ.get("EDGE_APP_SEED", "20260302"))


def tally_of(build: str, folder: Path, kills: int, seed: int = SEED) -> dict:
    """Return the tally of a harness in a process of its own: this one may have threads."""
    folder.mkdir(exist_ok=True)
    asked = ["--folder", str(folder), "--kills", str(kills), "--seed", str(seed), "--build", build]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.outbox_harness", *asked],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120 + 4 * kills,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    tally = json.loads(done.stdout)
    counts = {k: len(v) if isinstance(v, list) else v for k, v in tally.items()}
    print(f"\nSIGKILL of the outbox, {build} build, seed {seed}: {counts}")  # noqa: T201
    return tally


def test_each_thing_is_delivered_once_whenever_the_program_is_killed(tmp_path):
    tally = tally_of("sound", tmp_path, KILLS)

    assert (tally["lost"], tally["doubled"]) == ([], [])
    assert tally["kills"] == KILLS
    assert tally["cut"] >= KILLS // 3
    assert 3 * tally["delivered"] == 7 * tally["jobs"]  # a report, three files and three without


@pytest.mark.parametrize(
    ("build", "caught"),
    [
        ("at its place", "lost"),
        ("over", "doubled"),
        ("early", "lost"),
        ("half left", "doubled"),
        ("drawn anew", "lost"),
    ],
)
def test_a_build_that_is_broken_on_purpose_is_caught(tmp_path, build, caught):
    """Twenty kills may all miss the moment that tells; a hundred do not."""
    rows = (tally_of(build, tmp_path / str(n), 20, SEED + n)[caught] for n in range(5))

    assert any(rows)
