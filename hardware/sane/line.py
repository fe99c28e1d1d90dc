"""One thread that makes all calls of one device, so that whoever waits for it can give up."""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from concurrent.futures import TimeoutError as NotYetError
from enum import Enum
from typing import TypeVar

_Answer = TypeVar("_Answer")
_LOOK_S = 0.05


class StuckError(Exception):
    """A call did not come back in time; the thread is lost, and with it the device."""


class Line:
    """Makes calls one after another on a thread that does not keep the program from ending."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._is_stuck = False
        threading.Thread(target=self._work, daemon=True).start()

    @property
    def is_stuck(self) -> bool:
        """Whether a call never came back, or the line was abandoned."""
        return self._is_stuck

    def ask(self, call: Callable[[], _Answer], limit_s: float) -> _Answer:
        """Return what `call` returns, or raise what it raises.

        Raises:
            StuckError: It did not come back within `limit_s`, or one before it did not.
        """
        return self.waited(self.begin(call), limit_s)

    def begin(self, call: Callable[[], _Answer]) -> "Future[_Answer]":
        """Have `call` made and return at once; raises StuckError where one never came back."""
        if self._is_stuck:
            raise StuckError
        answer: Future[_Answer] = Future()
        self._calls.put(lambda: _made(call, answer))
        return answer

    def waited(self, answer: "Future[_Answer]", limit_s: float) -> _Answer:
        """Return the answer of a call that was begun; raises likewise."""
        try:
            return answer.result(limit_s)
        except NotYetError:
            if answer.done():  # the call itself raised a time-out
                raise
            self._is_stuck = True
            raise StuckError from None

    def abandon(self) -> None:
        """Have no call made any more: the device is lost, and closing it could crash or hang."""
        self._is_stuck = True

    def hang_up(self) -> None:
        """End the thread after the calls that were begun."""
        self._calls.put(None)

    def _work(self) -> None:
        while call := self._calls.get():
            call()


def _made(call: Callable[[], _Answer], answer: "Future[_Answer]") -> None:
    try:
        answer.set_result(call())
    except BaseException as error:  # noqa: BLE001  it belongs to whoever waits
        answer.set_exception(error)


class End(Enum):
    """How waiting for a page ended."""

    OVER = "over"
    STALLED = "stalled"
    LATE = "late"


def waited_for(
    answer: "Future[None]", moved: Callable[[], int], stall_s: float, until: float
) -> End:
    """Return once `answer` is there, nothing has moved for `stall_s`, or the time is up.

    Before the first move only `until` counts: a lamp warms up, a feeder pulls the page in.
    """
    before, since = moved(), time.monotonic()
    while not answer.done():
        now = time.monotonic()
        if moved() != before:
            before, since = moved(), now
        if before and now - since > stall_s:
            return End.STALLED
        if now > until:
            return End.LATE if before else End.STALLED
        wait([answer], _LOOK_S)
    return End.OVER
