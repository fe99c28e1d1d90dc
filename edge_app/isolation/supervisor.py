"""Keeps one kind of child answering: restarts it, refuses what kills it, stops when it cannot."""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from edge_app.isolation.channel import Message
from edge_app.isolation.child import Child, ChildLostError
from edge_app.isolation.named_work import Patience
from edge_app.isolation.pace import Pace

Answer = TypeVar("Answer")
Start = Callable[[Callable[[], None]], Child]
"""Makes a child, not yet running, that calls what it is handed when its process is gone."""

_TRIES = 3
_KILLS_OF_A_POISON = 2
_MOST_INPUTS = 1000
_MOST_CRASHES = 3
_CRASHES_WITHIN_S = 300.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 30.0


class PoisonInputError(Exception):
    """This input ended the child twice; it is not handed to another one."""


class SafeModeError(Exception):
    """The child was lost too often; nothing is started until a person asks for it."""


class NonsenseError(Exception):
    """A child's answer cannot be: the child is ended as if it had crashed."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a child is asked first, and how long it may take.

    Attributes:
        first: The question that makes a new child ready, such as loading a model.
        first_s, most_s: The longest that the first question and a later one may take.
        patience: With work that the child names while it has a question; None takes none.
    """

    first: Message
    first_s: float
    most_s: float
    patience: Patience | None = None


@dataclass(frozen=True, slots=True)
class _Ready:
    child: Child
    first_answer: Message


def wait_before(losses_in_a_row: int) -> float:
    """Return the seconds to wait before the next child: none after the first loss."""
    if losses_in_a_row <= 1:
        return 0.0
    return min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(losses_in_a_row - 2, 10))


class Supervisor:
    """Answers questions by a child that may be lost at any time, without losing a question.

    It watches that answers come, not that a process lives. A lost child is replaced at once in
    the background, the next ones after a wait that doubles from 0.1 to 30 s until an answer
    comes. Three losses within five minutes of `clock`, which is monotonic, are safe mode.
    """

    def __init__(
        self, start: Start, terms: Terms, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._start = start
        self._terms = terms
        self._clock = clock
        self._pace = Pace(terms.most_s)
        self._changing = threading.RLock()
        self._closing = threading.Event()
        self._background = ThreadPoolExecutor(1, thread_name_prefix="restart")
        self._child: Child | None = None
        self._crashes: deque[float] = deque(maxlen=_MOST_CRASHES)
        self._losses_in_a_row = 0
        self._kills: dict[str, int] = {}
        self._is_off = False
        self._coming = self._launched()

    @property
    def is_off(self) -> bool:
        """Whether safe mode is on."""
        return self._is_off

    @property
    def child(self) -> Child | None:
        """The present child."""
        return self._child

    def start_again(self) -> None:
        """Leave safe mode, as a person asked."""
        with self._changing:
            if self._is_off and not self._closing.is_set():
                self._is_off = False
                self._crashes.clear()
                self._coming = self._launched()

    def renew(self) -> None:
        """Have a new child, ready, take the place of the present one, which answers until then.

        It is not a loss, and a question under way is still answered. Where there is no child now,
        the next one is a new one anyway. Nothing where it is off.
        """
        with self._changing:
            present = self._child
            if self._is_off or self._closing.is_set():
                return
            if present is None:
                self._coming = self._launched()
                return
        fresh = self._started_beside()
        with self._changing:
            if fresh is None or self._child is not present or self._closing.is_set():
                replaced = fresh.child if fresh else None
            else:
                replaced, self._child = present, fresh.child
                self._coming = Future()
                self._coming.set_result(fresh)
                self._pace.start_anew()
        if replaced:
            replaced.end("another took its place")
        if fresh is None:
            self._lost(present)

    def _started_beside(self) -> _Ready | None:
        """Return a child that is ready, beside the present one; None where it was lost."""
        child = self._start(lambda: self._lost(child))
        try:
            return _Ready(child, self._first_of(child))
        except ChildLostError:
            return None

    def _first_of(self, child: Child) -> Message:
        return child.ask(self._terms.first, self._terms.first_s, self._terms.patience)

    def first_answer(self) -> Message:
        """Return what the present child answered to the first question; raises as `ask`."""
        return self._tried(lambda ready: ready.first_answer, "")

    def ask(self, question: Message, key: str, understood: Callable[[Message], Answer]) -> Answer:
        """Return what `understood` makes of the answer; a lost child costs a try, of three.

        `key` names the input: what killed two children is refused from then on. `understood`
        raises `NonsenseError` for an answer that cannot be.

        Raises:
            PoisonInputError: The input ended two children, now or before.
            SafeModeError: No child is running, and none is started until a person asks.
            ChildLostError: Every try ended without an answer.
        """
        return self._tried(lambda ready: self._answer_of(ready.child, question, understood), key)

    def _tried(self, attempt: Callable[[_Ready], Answer], key: str) -> Answer:
        until = time.monotonic() + self._terms.first_s
        for tries_left in range(_TRIES - 1, -1, -1):
            if self._kills.get(key, 0) >= _KILLS_OF_A_POISON:
                break
            try:
                return attempt(self._ready())
            except ChildLostError as lost:
                if key and lost.was_answering:
                    self._blame(key)
                if not tries_left or self._closing.is_set() or time.monotonic() > until:
                    raise
        raise PoisonInputError("it ended the process twice")

    def _ready(self) -> _Ready:
        """Return a child that has answered the first question, waiting for it."""
        with self._changing:
            if self._is_off:
                raise SafeModeError("it was lost three times within five minutes")
            coming = self._coming
        return coming.result()

    def _answer_of(
        self, child: Child, question: Message, understood: Callable[[Message], Answer]
    ) -> Answer:
        size = memoryview(question.payload).nbytes
        started = time.monotonic()
        try:
            deadline_s = self._pace.deadline_s(size)
            answer = understood(child.ask(question, deadline_s, self._terms.patience))
        except ChildLostError:
            self._lost(child)
            raise
        except NonsenseError as error:
            child.end(str(error))
            self._lost(child)
            raise ChildLostError(str(error), was_answering=True) from error
        with self._changing:
            self._pace.answered(size, time.monotonic() - started)
            self._losses_in_a_row = 0
        return answer

    def _blame(self, key: str) -> None:
        with self._changing:
            self._kills[key] = self._kills.pop(key, 0) + 1
            while len(self._kills) > _MOST_INPUTS:
                del self._kills[next(iter(self._kills))]

    def _lost(self, child: Child) -> None:
        """Count a lost child once, and have the next one come or safe mode begin."""
        with self._changing:
            if child is not self._child or self._closing.is_set():
                return
            self._child = None
            now = self._clock()
            self._crashes.append(now)
            self._losses_in_a_row += 1
            is_full = len(self._crashes) == _MOST_CRASHES
            self._is_off = is_full and now - self._crashes[0] <= _CRASHES_WITHIN_S
            if not self._is_off:
                self._coming = self._launched()
        child.close()

    def _launched(self) -> Future[_Ready]:
        """Have a child started and asked the first question, in the background."""
        self._pace.start_anew()
        return self._background.submit(self._made_ready, wait_before(self._losses_in_a_row))

    def _made_ready(self, wait_s: float) -> _Ready:
        self._closing.wait(wait_s)
        with self._changing:
            if self._closing.is_set():
                raise ChildLostError("it was closed", was_answering=False)
            child = self._start(lambda: self._lost(child))
            before, self._child = self._child, child
        if before:
            before.end("another took its place")
        try:
            return _Ready(child, self._first_of(child))
        except ChildLostError as lost:
            self._lost(child)
            raise ChildLostError(str(lost), was_answering=False) from lost

    def close(self) -> None:
        """End the child; nothing is started any more."""
        with self._changing:
            self._closing.set()
            child = self._child
        if child:
            child.close()
        self._background.shutdown(wait=False)
