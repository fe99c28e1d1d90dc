"""What must be on the disk, and in which order, before an image is acknowledged."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CALLS = "trace=fsync,fdatasync,rename,write"


def strace_refusal() -> str:
    """Return why strace cannot be used here, or nothing."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(["strace", "-qq", "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"strace may not trace here: {tried.stderr.strip()}"


def run_child(folder: Path, study_id: str, *tracing: str) -> None:
    """Capture two images in a child, under strace where asked to."""
    child = [sys.executable, "-m", "tests.faults.capture_child", str(folder), study_id]
    lean = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [*tracing, *child], env=lean, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def steps_of(log: Path, said: str) -> list[str]:
    """Return what was done between two acknowledgements, each file by the place it is in."""
    names = {"spool": "spool", "images": "images", "wal": "database"}
    steps = []
    for line in log.read_text().split(said)[1].splitlines():
        done = re.search(r"\b(fsync|fdatasync|rename)\(.*?(spool|images|wal)(/?)", line)
        if done:
            call, place, is_file = done.groups()
            what = f"{names[place]} file" if is_file else names[place]
            steps.append(f"{'rename' if call == 'rename' else 'sync'} {what}")
    return steps


def test_an_image_is_acknowledged_only_after_each_file_and_its_folder_are_synced(tmp_path):
    refusal = strace_refusal()
    if refusal:
        pytest.skip(f"NOT TESTED, the order of syncs: {refusal}")
    log = tmp_path / "strace.log"
    run_child(tmp_path / "store", "before")

    tracing = ("strace", "-f", "-qq", "-y", "-o", str(log), "-e", CALLS)
    run_child(tmp_path / "store", "study-1", *tracing)

    assert steps_of(log, '"acknowledged ') == [
        *("sync spool file", "rename spool file", "sync spool"),
        *("sync images file", "rename images file", "sync images"),
        "sync database",
    ]
