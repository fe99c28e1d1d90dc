"""The real detector's process with a fault: `... FOLDER VARIANT PROVIDER POINT LIVES WHEN HOW`.

LIVES is a file with the number of lives that are still faulty; each start takes one away, before
the sandbox closes. WHEN is "start", "load", "warm-up" or "run N" (after N good readings).
"""

import contextlib
import mmap
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from edge_app.compose.detector_worker import _Answering, profile_of
from edge_app.inference.choice import Choice
from edge_app.inference.messages import Present, Request
from edge_app.isolation.channel import Message
from edge_app.isolation.worker import serve


def eaten() -> None:
    """Take memory until there is no more, and keep it."""
    kept = []
    with contextlib.suppress(OSError):
        while True:
            kept.append(mmap.mmap(-1, 64 << 20))
    os.abort()  # what a native library does when it gets none


FAULTS: dict[str, Callable[[], object]] = {
    "segv": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "abort": os.abort,
    "memory": eaten,
    "hang": lambda: time.sleep(600),
    "slow": lambda: time.sleep(3),
    "exit": lambda: os._exit(0),
}


class Faulty:
    """Answers as the real one until its moment comes."""

    def __init__(self, real: _Answering, when: str, how: str) -> None:
        self._real = real
        self._when, _, after = when.partition(" ")
        self._good_left = int(after or 0)
        self._how = how

    def answer(self, question: Message) -> Message:
        request = msgspec.msgpack.decode(question.head, type=Request)
        if isinstance(request, Present):
            if self._when == "load":
                FAULTS[self._how]()
            answer = self._real.answer(question)
            if self._when == "warm-up":
                FAULTS[self._how]()
            return answer
        if self._when == "run" and self._good_left == 0:
            FAULTS[self._how]()
        self._good_left -= 1
        return self._real.answer(question)


class Stale:
    """A worker that gives each answer to the question after it."""

    def __init__(self, real: _Answering) -> None:
        self._real = real
        self._before: Message | None = None

    def answer(self, question: Message) -> Message:
        answer = self._real.answer(question)
        if isinstance(msgspec.msgpack.decode(question.head, type=Request), Present):
            return answer
        before, self._before = self._before, answer
        return before or answer


def faulty_life(lives: Path) -> bool:
    left = int(lives.read_text(encoding="ascii"))
    lives.write_text(str(max(0, left - 1)), encoding="ascii")
    return left > 0


if __name__ == "__main__":
    folder, variant, provider, point, lives, when, how = sys.argv[1:]
    real = _Answering(Path(folder), Choice(variant, provider, point))
    answer = real.answer
    if when == "stale":
        answer = Stale(real).answer
    elif faulty_life(Path(lives)):
        if when == "start":
            FAULTS[how]()
        answer = Faulty(real, when, how).answer
    serve(answer, profile_of(Path(folder), provider))
