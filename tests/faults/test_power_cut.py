"""The power goes in the middle of work; what was acknowledged must be there, and readable."""

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CUTS = int(os.environ.get("EDGE_APP_CUTS", "80"))
SEED = int(os.environ.get("EDGE_APP_SEED", "20260302"))
PROGRAMS = ("losetup", "mount", "umount", "mkfs.ext4")


def why_not() -> str:
    """Return why no power can be cut here, or nothing."""
    if os.geteuid() != 0:
        return "mounting needs root"
    if missing := [name for name in PROGRAMS if not shutil.which(name)]:
        return f"there is no {missing[0]}"
    if not Path("/dev/fuse").exists() or not Path("/dev/loop-control").exists():
        return "this kernel has no FUSE or no loop devices"
    if find_spec("mfusepy") is None:
        return "mfusepy is not installed"
    tried = subprocess.run(
        [sys.executable, "-c", "import mfusepy"], capture_output=True, text=True, check=False
    )
    return tried.stderr.strip()[-200:]


def tally_of(store: str, folder: Path, cuts: int) -> dict:
    """Return the tally of a harness in a process of its own."""
    if why := why_not():
        pytest.skip(f"NOT TESTED, no power cuts: {why}")
    asked = ["--folder", str(folder), "--cuts", str(cuts), "--seed", str(SEED), "--store", store]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.power_harness", *asked],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180 + 2 * cuts,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    tally = json.loads(done.stdout)
    counts = {k: len(v) if isinstance(v, list) else v for k, v in tally.items()}
    print(f"\npower cuts, {store} store, seed {SEED}: {counts}")  # noqa: T201
    return tally


def test_nothing_acknowledged_is_lost_by_a_power_cut(tmp_path):
    tally = tally_of("sound", tmp_path, CUTS)

    assert tally["lost"] == []
    assert tally["unsound"] == []
    assert tally["cuts"] == CUTS
    assert tally["promised"] > 20 * CUTS
    assert tally["dropped"] > CUTS


@pytest.mark.parametrize("work", ["migrating", "salvaging"])
def test_a_migration_or_a_salvage_that_is_cut_short_loses_nothing_of_the_store(tmp_path, work):
    tally = tally_of(work, tmp_path, max(24, CUTS // 3))

    assert tally["lost"] == []
    assert tally["unsound"] == []
    assert tally["promised"] >= tally["cuts"]


@pytest.mark.parametrize("store", ["normal", "no-blob-sync"])
def test_a_store_that_does_not_wait_for_the_disk_is_caught_by_power_cuts(tmp_path, store):
    tally = tally_of(store, tmp_path, 12)

    assert tally["lost"] != []
