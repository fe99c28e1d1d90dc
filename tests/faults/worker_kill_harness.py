"""The detector's process is killed at random while the real window reads a stream of frames.

Run as `python -m tests.faults.worker_kill_harness --folder F --kills N --seed S --build sound`;
prints a tally. Each kill moves the supervisor's clock on by six minutes, as if the kills came
days apart in a clinic: else the third would start safe mode, which has tests of its own.
"""

import argparse
import faulthandler
import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QTimer
from PyQt6.QtWidgets import QApplication

from edge_app.compose.clock import SystemClock
from edge_app.compose.devices import scanners
from edge_app.domain.image import CapturedImage
from edge_app.domain.reading import Detection, Outcome, Reading
from edge_app.inference.choice import Choice
from edge_app.inference.loading import load_detector
from edge_app.inference.remote import RemoteDetector
from edge_app.ui.kiosk import KioskWindow
from edge_app.ui.lanes import Lane
from edge_app.ui.parts import KioskParts
from edge_app.ui.task_runner import TaskRunner
from edge_app.workflow import examine
from tests.fakes import FakeOutbox, FakeStore
from tests.faults.broken_workers import detector_of
from tests.smears import PACKAGE, a_field
from tests.ui.screenshots import to_capture

SIGNALS = (signal.SIGKILL, signal.SIGSEGV, signal.SIGSTOP)
_BASE_FIELDS = 12
_PACE_MS = 30
_LOST_AFTER_S = 20.0
_APART_S = 360.0
_CALM_S = 3.0
_BEAT_MS = 5


@dataclass
class Tally:
    """What happened to the stream.

    Attributes:
        asked: Frames that were handed to the reading lane.
        lost: Frames for which neither a reading nor an error came back.
        wrong: Readings of another frame, or unlike the detector in this process.
        not_analysed: The reasons of readings that say so.
        next_good_s: From a kill to a good reading of a frame that was asked for after it.
        stall_ms, calm_stall_ms: Longest gaps between two beats of the window's loop, more
            than their distance, during the kills and in a stretch without any.
    """

    kills: dict[str, int] = field(default_factory=dict)
    asked: int = 0
    good: int = 0
    lost: list[int] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    not_analysed: dict[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    next_good_s: list[float] = field(default_factory=list)
    stall_ms: list[float] = field(default_factory=list)
    calm_stall_ms: list[float] = field(default_factory=list)


def frame(number: int) -> CapturedImage:
    """Return frame `number` of the stream: a field of the microscope that no other frame equals."""
    image, _ = a_field(7, number % _BASE_FIELDS)
    pixels = image.pixels.copy()
    pixels[0, :8, 0] = [(number >> (4 * place)) & 15 for place in range(8)]
    return CapturedImage(pixels, "stream", number, image.captured_at, time.monotonic_ns())


class Stream:
    """Reads one frame after the other in the window's reading lane."""

    def __init__(self, runner: TaskRunner, detector: RemoteDetector) -> None:
        self._runner = runner
        self._detector = detector
        self._number = 0
        self.asked_at: dict[int, float] = {}
        self.said: dict[int, tuple[str, Reading]] = {}
        self.errors: list[str] = []
        self.failed: set[int] = set()
        self.good = threading.Condition()
        self.newest_good = -1.0
        self.is_over = False

    def ask_next(self) -> None:
        if self.is_over:
            return
        number, self._number = self._number, self._number + 1
        self.asked_at[number] = time.monotonic()
        read, failed = partial(self._read, number), partial(self._failed, number)
        self._runner.submit(Lane.DETECT, read, self._answered, failed)

    def _read(self, number: int) -> tuple[int, str, Reading]:
        image = frame(number)
        return number, image.hash, examine.read(self._detector, image)

    def _answered(self, answer: tuple[int, str, Reading]) -> None:
        number, asked, reading = answer
        self.said[number] = (asked, reading)
        if reading.outcome is not Outcome.NOT_ANALYSED:
            with self.good:
                self.newest_good = self.asked_at[number]
                self.good.notify_all()
        QTimer.singleShot(_PACE_MS, self.ask_next)

    def _failed(self, number: int, error: Exception) -> None:
        self.errors.append(repr(error))
        self.failed.add(number)
        QTimer.singleShot(_PACE_MS, self.ask_next)

    def end(self) -> None:
        """Wait for what is under way, and ask no more."""
        self.is_over = True
        until = time.monotonic() + _LOST_AFTER_S
        while len(self.said) + len(self.failed) < len(self.asked_at) and time.monotonic() < until:
            QCoreApplication.processEvents()
            time.sleep(0.005)

    def good_after(self, moment: float, timeout_s: float) -> bool:
        """Wait for a good reading of a frame that was asked for after `moment`."""
        with self.good:
            return self.good.wait_for(lambda: self.newest_good > moment, timeout_s)


class Killer(threading.Thread):
    """Sends the signals, seeded; every fourth falls into the restart after the one before."""

    def __init__(self, kills: int, seed: int) -> None:
        super().__init__(daemon=True)
        self._kills = kills
        self._random = random.Random(seed)  # noqa: S311  chance that can be repeated
        self.sent: Counter[str] = Counter()
        self.next_good_s: list[float] = []
        self.later_s = 0.0
        self.is_killing = False

    def now(self) -> float:
        """The clock of the supervisor: kills lie six minutes apart."""
        return time.monotonic() + self.later_s

    def hunt(self, stream: Stream, detector: RemoteDetector) -> None:
        self._stream, self._detector = stream, detector
        self.start()

    def run(self) -> None:
        self._stream.good_after(0.0, 60.0)
        time.sleep(_CALM_S)
        self.is_killing = True
        while sum(self.sent.values()) < self._kills:
            killed_at = self._killed()
            is_last = sum(self.sent.values()) == self._kills
            if self._random.random() < 0.25 and not is_last:
                time.sleep(self._random.uniform(0.0, 0.5))
                continue
            if not self._stream.good_after(killed_at, _LOST_AFTER_S):
                return
            self.next_good_s.append(time.monotonic() - killed_at)
            time.sleep(self._random.uniform(0.0, 0.3))

    def _killed(self) -> float:
        while (pid := self._pid()) is None:
            time.sleep(0.001)
        chosen = self._random.choice(SIGNALS)
        self.later_s += _APART_S
        self.sent[chosen.name] += 1
        os.kill(pid, chosen)
        return time.monotonic()

    def _pid(self) -> int | None:
        child = self._detector._supervisor.child
        return child.pid if child else None


def wrong_ones(said: dict[int, tuple[str, Reading]]) -> list[int]:
    """Return the frames whose reading is of another frame, or not what this process reads."""
    local = load_detector(PACKAGE, Choice("int8", "cpu", ""))

    def seen(number: int) -> tuple[Detection, ...]:
        return local.read(frame(number)).detections

    return [
        number
        for number, (asked, reading) in said.items()
        if reading.outcome is not Outcome.NOT_ANALYSED
        and (reading.image_hash != asked or reading.detections != seen(number))
    ]


def stalls(beats: Sequence[float]) -> list[float]:
    """Return the ten longest gaps in ms, less the beat's own distance, longest first."""
    gaps = sorted(((b - a) * 1e3 - _BEAT_MS for a, b in pairwise(beats)), reverse=True)
    return [round(gap, 1) for gap in gaps[:10]]


class Heart:
    """Beats in the window's loop; its gaps are what a person would feel."""

    def __init__(self, killer: Killer) -> None:
        self._killer = killer
        self._beats: dict[bool, list[float]] = {False: [], True: []}
        self._timer = QTimer()
        self._timer.timeout.connect(self._beat)
        self._timer.start(_BEAT_MS)

    def _beat(self) -> None:
        self._beats[self._killer.is_killing].append(time.monotonic())
        if not self._killer.is_alive():
            self._timer.stop()
            QCoreApplication.exit()

    def stalls(self, *, while_killing: bool) -> list[float]:
        return stalls(self._beats[while_killing])


def run(application: QApplication, folder: Path, kills: int, seed: int, build: str) -> Tally:
    """Return the tally of one stream with `kills` kills; `application` outlives the window."""
    killer = Killer(kills, seed)
    detector = detector_of(build, killer.now)
    for number in range(_BASE_FIELDS):
        frame(number)  # drawn now, not while beats are counted
    parts = KioskParts(
        scanners(["microscope:7"]), detector, "CPU, int8", FakeStore(), FakeOutbox(),
        SystemClock(), analysis=detector,
    )  # fmt: skip
    window = KioskWindow(parts)
    window.show()
    to_capture(window)  # the live picture goes on beside the stream
    stream = Stream(window.runner, detector)
    stream.ask_next()
    killer.hunt(stream, detector)
    heart = Heart(killer)
    application.exec()
    stream.end()
    detector.close()
    window.close()
    reasons = [r.reason for _, r in stream.said.values() if r.outcome is Outcome.NOT_ANALYSED]
    return Tally(
        kills=dict(killer.sent),
        asked=len(stream.asked_at),
        good=len(stream.said) - len(reasons),
        lost=sorted(stream.asked_at.keys() - stream.said.keys() - stream.failed),
        wrong=wrong_ones(stream.said),
        not_analysed=dict(Counter(reasons)),
        errors=stream.errors,
        next_good_s=[round(s, 3) for s in killer.next_good_s],
        stall_ms=heart.stalls(while_killing=True),
        calm_stall_ms=heart.stalls(while_killing=False),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--kills", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--build", default="sound")
    asked = parser.parse_args()
    faulthandler.enable()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    qt = QApplication(sys.argv[:1])
    tally = run(qt, asked.folder, asked.kills, asked.seed, asked.build)
    sys.stdout.write(json.dumps(asdict(tally)))
    sys.stdout.flush()
    os._exit(0)
