"""The clock on the wall jumps, stands or runs slowly: the order stays, no wait is got around."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
YEAR = 365 * 86_400
NOON = "@2026-12-01 12:00:00"
# What the clock shows at first, what after the jump, about how far that is, and how often somebody
# is asked about the date.
SCENARIOS = {
    "a dead clock that starts in 1970": ("@1970-01-01 00:00:05", "@1970-01-01 00:00:05", 0, 1),
    "a dead clock that starts in 2000": ("@2000-01-01 00:00:05", "@2000-01-01 00:00:05", 0, 1),
    "set right from 1970": ("@1970-01-01 00:00:05", NOON, 57 * YEAR, 1),
    "a year forward": (NOON, "@2027-12-01 12:00:00", YEAR, 1),
    "a year back": ("@2027-12-01 12:00:00", NOON, -YEAR, 1),
    "back to 1970 between two studies": (NOON, "@1970-01-01 00:00:05", -57 * YEAR, 1),
    "an hour forward": (NOON, "@2026-12-01 13:00:00", 3600, 1),
    "an hour back": (NOON, "@2026-12-01 11:00:00", -3600, 1),
    "summer time begins": ("@2027-03-28 01:59:59", "@2027-03-28 01:59:59", 0, 0),
    "summer time ends": ("@2027-10-31 02:59:59", "@2027-10-31 02:59:59", 0, 0),
    "a leap second is counted twice": ("@2026-12-31 23:59:59", "@2026-12-31 23:59:58", -1, 0),
    "a clock at half the speed": ("@2026-12-01 12:00:00 x0.5", "@2026-12-01 12:00:00 x0.5", 0, 0),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_whatever_the_clock_does_the_order_stays_and_nothing_is_refused_or_got_around(
    tmp_path, name
):
    if not LIBRARIES:
        pytest.skip("NOT TESTED, clocks that jump: libfaketime is not installed")
    first, second, jump_s, asked = SCENARIOS[name]
    times = tmp_path / "times"
    times.write_text(first)
    (tmp_path / "data").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.clock_child", tmp_path / "data", times, second],
        env={
            **os.environ,
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(times),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
            "TZ": "Europe/Berlin",
            "OPENBLAS_NUM_THREADS": "1",
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout)

    assert abs(said["jumped_s"] - jump_s) < 60 + abs(jump_s) / 100
    assert said["ordered"]
    assert said["faults"] == []
    assert said["tries"] == [True] * 5 + [False] * 3
    assert said["children"] == 1
    assert said["doubts"] == asked


def _wall_clocks(path: Path) -> set[str]:
    """Return the calls in a file that ask the clock on the wall."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            name = f"{node.value.id}.{node.attr}"
            if name in {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow"}:
                found.add(name)
    return found


# Where a time is written down for people; none of these waits for anything, or tells old from new.
WRITE_IT_DOWN = {
    "edge_app/compose/clock.py",
    "edge_app/compose/doctor.py",
    "edge_app/compose/files.py",
    "edge_app/storage/backup.py",
    "edge_app/storage/beside.py",
    "edge_app/storage/retention.py",
    "edge_app/storage/study_store.py",
}
# Ages of files on a share, which have no other clock.
AGES_OF_FILES = {"hardware/dicom_receiver/keeping.py"}


def test_nothing_waits_by_the_clock_on_the_wall():
    asking = {
        path.relative_to(ROOT).as_posix()
        for room in ("edge_app", "hardware")
        for path in (ROOT / room).rglob("*.py")
        if _wall_clocks(path)
    }

    assert asking <= WRITE_IT_DOWN | AGES_OF_FILES
