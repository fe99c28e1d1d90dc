"""The process that moves saved files is killed in the middle of it, again and again."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np

KILLS = max(6, int(os.environ.get("EDGE_APP_WORKER_KILLS", "0")))
FILES = 40


def dropped(folder: Path, number: int) -> bytes:
    pixels = np.random.default_rng(number).integers(0, 255, (16, 16, 3)).astype(np.uint8)
    content = cv2.imencode(".png", pixels)[1].tobytes()
    (folder / f"{number % FILES}.png").write_bytes(content)  # names come again in the next round
    return content


def killed_after(folder: Path, wait_s: float) -> None:
    command = [sys.executable, "-m", "tests.faults.moving_child", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout.read(1)
        time.sleep(wait_s)
        child.kill()


def test_no_file_is_lost_or_written_over_by_a_move_that_is_cut_off(tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311  a drill, not a secret
    written, n_moved = set(), []
    for kill in range(KILLS):
        for number in range(FILES):
            if not (tmp_path / f"{number}.png").exists():
                written.add(dropped(tmp_path, kill * FILES + number))
        killed_after(tmp_path, chance.uniform(0, 0.04))
        there = [file.read_bytes() for file in tmp_path.rglob("*.png")]
        assert sorted(content for content in there if content) == sorted(written)
        n_moved.append(sum(bool(f.stat().st_size) for f in (tmp_path / "saved").iterdir()))

    print(f"\n{KILLS} kills, moved so far after each: {n_moved[-8:]} of {len(written)}")  # noqa: T201
    assert n_moved[-1] > 0
