"""The real detector's process, whose runtime compiles as a fake provider does: `... SECONDS HOW`.

HOW is "work" (a thread computes), "hold" (nothing else of the interpreter runs meanwhile, as with
some runtimes) or "stop" (it hangs: no thread computes).
"""

import sys
import time
from pathlib import Path

from edge_app.compose.clock import SystemClock
from edge_app.compose.detector_worker import _Answering, profile_of, said_by
from edge_app.inference.choice import Choice
from edge_app.inference.machine import Machine
from edge_app.inference.selftest import Opener
from edge_app.isolation.worker import Voice, serve
from edge_app.settings import Settings


class SlowOpener:
    """Opens what the real one opens, after a while that a compiler would take."""

    def __init__(self, seconds, how):
        self._seconds, self._how = seconds, how

    def __call__(self, package, combination, tuning):
        if self._how == "stop":
            time.sleep(self._seconds)
        if self._how == "hold":
            sys.setswitchinterval(1000)  # whoever computes is asked for the interpreter no more
        end = time.monotonic() + self._seconds
        while time.monotonic() < end:
            sum(range(10_000))
        return Opener()(package, combination, tuning)


if __name__ == "__main__":
    folder, data_dir, seconds, how = sys.argv[1:]
    voice = Voice()
    machine = Machine.at(Settings(Path(data_dir), Path(folder).parent), SystemClock(),
                         told=said_by(voice))  # fmt: skip
    slow = Machine(machine.records, machine.clock, SlowOpener(float(seconds), how), machine.site,
                   machine.prepare)  # fmt: skip
    answering = _Answering(Path(folder), Choice("int8", "cpu"), slow)
    serve(answering.answer, profile_of((Path(folder),), "cpu"), voice)
