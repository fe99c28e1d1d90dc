"""The program is killed in the middle of captures; what it had acknowledged must be there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = int(os.environ.get("EDGE_APP_KILLS", "60"))
SEED = int(os.environ.get("EDGE_APP_SEED", "20260302"))


def tally_of(store: str, folder: Path, kills: int) -> dict:
    """Return the tally of a harness in a process of its own: this one may have threads."""
    asked = ["--folder", str(folder), "--kills", str(kills), "--seed", str(SEED), "--store", store]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.kill_harness", *asked],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60 + 2 * kills,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def report(name: str, tally: dict) -> None:
    counts = {k: len(v) if isinstance(v, list) else v for k, v in tally.items()}
    print(f"\nSIGKILL, {name} store, seed {SEED}: {counts}")  # noqa: T201


def test_no_acknowledged_image_is_lost_by_a_kill(tmp_path):
    tally = tally_of("sound", tmp_path, KILLS)
    report("sound", tally)

    assert tally["lost"] == []
    assert tally["unsound"] == []
    assert tally["kills"] == KILLS


def test_the_kills_land_where_a_careless_store_would_lose_images(tmp_path):
    tally = tally_of("sound", tmp_path, 30)
    report("sound", tally)

    assert tally["acknowledged"] > 0
    assert tally["cut"] >= 10
    assert tally["in_opening"] >= 1


@pytest.mark.parametrize("store", ["early", "late-blob"])
def test_a_store_that_acknowledges_too_early_is_caught(tmp_path, store):
    tally = tally_of(store, tmp_path, 10)
    report(store, tally)

    assert tally["lost"] != []
