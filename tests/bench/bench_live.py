"""`python -m tests.bench.bench_live`: live marks for a minute in the real kiosk, in figures.

The simulated microscope in its process at 30 frames a second, the detector in its own, the real
window. Prints a table; gates nothing, for the machine may be busy with something else.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QEventLoop, Qt, QTimer
from PyQt6.QtWidgets import QApplication
from rich.console import Console
from rich.table import Table

from edge_app.ui.live_marks import LiveMarks
from edge_app.workflow.live_reading import LiveState
from tests.ui.screenshots import real_window, to_capture, wait

FRAME_MS = 1000 / 30
BEAT_MS = 5


class Watch:
    """What is measured while the window lives."""

    def __init__(self, window):
        self.page = window.capture_page
        self.latencies_ms = []
        self.beats_ns = []
        self.reads_ms = []
        self.stages_ms = []
        self.begun_ns = 0
        self._seen = -1
        self._paint = self.page.view.paintEvent
        self._answered = window.live._answered
        self._take = window.live.reading.take
        self.heart = QTimer()
        self.heart.setTimerType(Qt.TimerType.PreciseTimer)
        self.heart.timeout.connect(lambda: self.beats_ns.append(time.monotonic_ns()))

    def painted(self, event):
        """Paint, then note the age of each result that is on the screen for the first time."""
        self._paint(event)
        view = self.page.live.view(self.page.view.image)
        if view.state is LiveState.MARKED and view.sequence != self._seen:
            self._seen = view.sequence
            self.latencies_ms.append((time.monotonic_ns() - view.captured_ns) / 1e6)

    def answered(self, reading):
        self.reads_ms.append((time.monotonic_ns() - self.begun_ns) / 1e6)
        if reading.timing:
            self.stages_ms.append(reading.timing.total_ms)
        self._answered(reading)

    def taken(self):
        image = self._take()
        if image is not None:
            self.begun_ns = time.monotonic_ns()
        return image

    def stalls_ms(self):
        """Return how much later than due each heart beat came."""
        return np.maximum(np.diff(self.beats_ns) / 1e6 - BEAT_MS, 0)


def watched(window, seconds):
    page = window.capture_page
    watch = Watch(window)
    page.view.paintEvent = watch.painted
    LiveMarks._answered = lambda _live, reading: watch.answered(reading)
    window.live.reading.take = watch.taken
    page.live_panel.switch.setChecked(True)
    wait(lambda: window.live.reading.counts.read > 10)
    watch.latencies_ms.clear()
    watch.reads_ms.clear()
    watch.stages_ms.clear()
    before = window.feed.picture().sequence
    counts = window.live.reading.counts
    start = (counts.offered, counts.read, counts.skipped, counts.stale, counts.failed)
    watch.heart.start(BEAT_MS)
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()
    watch.heart.stop()
    end = (counts.offered, counts.read, counts.skipped, counts.stale, counts.failed)
    return watch, window.feed.picture().sequence - before, np.subtract(end, start)


def line(table, what, values, claim=""):
    shown = [f"{np.percentile(values, p):.1f}" for p in (50, 95, 99)]
    table.add_row(what, *shown, f"{np.max(values):.1f}", claim)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    seconds = parser.parse_args().seconds
    application = QApplication(sys.argv[:1])
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, real_window(Path(folder)) as window:
        to_capture(window)
        watch, frames, (offered, read, skipped, stale, failed) = watched(window, seconds)
    table = Table("milliseconds", "p50", "p95", "p99", "most", "wanted")
    bound = FRAME_MS + float(np.percentile(watch.reads_ms, 95))
    line(table, "captured -> its marks drawn", watch.latencies_ms, f"p95 <= {bound:.1f}")
    line(table, "reading, asked -> answered", watch.reads_ms)
    line(table, "reading, in its process", watch.stages_ms)
    line(table, "event loop late by", watch.stalls_ms(), "p99 <= 16")
    console = Console(width=110)
    console.print(table)
    console.print(
        f"{seconds:.0f} s: {frames / seconds:.1f} frames/s captured, {offered} offered, "
        f"{read} read ({read / seconds:.1f}/s), {skipped} skipped, {stale} stale, {failed} failed"
    )
    console.print(f"load average {load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end, "
                  f"{os.cpu_count()} cores; wanted = one frame + reading p95")  # fmt: skip
    del application


if __name__ == "__main__":
    main()
