"""`python -m tests.bench.bench_window`: how soon the window is there, how large, how steady.

Starts the real program (its way in, and the demonstration's kiosk) until a key that is typed stands
in its field, then works through captures in the real kiosk. Prints a table; gates nothing, for the
machine may be busy with something else.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QCoreApplication, Qt, QTimer
from PyQt6.QtWidgets import QApplication
from rich.console import Console
from rich.table import Table

from edge_app.ui.study_flow import Step
from tests.ui.screenshots import real_window, to_capture, turn, wait

BEAT_MS = 5
ROOT = Path(__file__).parents[2]


def rss_mb():
    line = next(x for x in Path("/proc/self/status").read_text().splitlines() if "VmRSS" in x)
    return int(line.split()[1]) / 1000


def started(folder, words, rounds):
    """Return the milliseconds of each start; the first one warms the disk and is left out."""
    took = []
    for _ in range(rounds + 1):
        ended = subprocess.run(
            [sys.executable, "-m", "tests.bench.window_side", *words],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
            env={**os.environ, "EDGE_APP_DATA_DIR": str(folder)},
        )  # fmt: skip
        said = [x for x in ended.stdout.splitlines() if x.startswith("USABLE")]
        if not said:
            raise RuntimeError(ended.stderr[-1000:])
        took.append(float(said[0].split()[1]))
    return took[1:]


def worked(window, captures):
    """Return from the shutter to the drawn findings in ms, how late each beat came, and memory."""
    beats, drawn = [], []
    heart = QTimer()
    heart.setTimerType(Qt.TimerType.PreciseTimer)
    heart.timeout.connect(lambda: beats.append(time.monotonic_ns()))
    to_capture(window)
    turn(window, stage_x=0.1024)
    view = window.findings_page.view
    paint = view.paintEvent
    painted = []

    def note(event):
        paint(event)
        if window.flow.step is Step.REVIEW and window.flow.reading and window.flow.study.findings:
            painted.append(time.monotonic_ns())

    view.paintEvent = note
    heart.start(BEAT_MS)
    for _ in range(captures):
        wait(window.footer.primary.isEnabled)
        painted.clear()
        begin = time.monotonic_ns()
        window.footer.primary.click()
        while not painted:
            QCoreApplication.processEvents()
        drawn.append((painted[0] - begin) / 1e6)
        memory = rss_mb()
        wait(lambda: window.flow.is_settled)
        window.flow.retake()
        wait(lambda: window.flow.step is Step.CAPTURE and window.feed.picture())
    heart.stop()
    return drawn, np.maximum(np.diff(beats) / 1e6 - BEAT_MS, 0), memory


def line(table, what, values, claim):
    shown = [f"{np.percentile(values, p):.0f}" for p in (50, 95, 99)]
    table.add_row(what, *shown, f"{np.max(values):.0f}", claim)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--captures", type=int, default=40)
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    table = Table("milliseconds", "p50", "p95", "p99", "most", "wanted")
    with tempfile.TemporaryDirectory() as folder:
        way_in = started(Path(folder) / "in", ["--quiet"], asked.rounds)
        line(table, "start -> way in is usable", way_in, "<= 1500")
        shown = started(
            Path(folder) / "demo", ["demo", "--out", str(Path(folder) / "o")], asked.rounds
        )
        line(table, "start -> kiosk of the demonstration is usable", shown, "<= 1500")
        application = QApplication(sys.argv[:1])
        with real_window(Path(folder) / "work") as window:
            drawn, late, memory = worked(window, asked.captures)
        line(table, "shutter -> findings drawn", drawn, "p95 <= 300")
        line(table, "event loop late by, while capturing and reading", late, "p99 <= 16")
    console = Console(width=120)
    console.print(table)
    console.print(f"Window's process with a study open: {memory:.0f} MB (wanted: <= 250).")
    console.print(f"Load average {load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end, "
                  f"{os.cpu_count()} cores.")  # fmt: skip
    del application


if __name__ == "__main__":
    main()
