"""Who may work beside the window: one lane a resource, in which work is done one after another."""

from collections.abc import Callable
from enum import Enum
from typing import Protocol, TypeVar

Answer = TypeVar("Answer")


class Lane(Enum):
    """A resource that one thread at a time may use."""

    DEVICE = "device"
    STORE = "store"
    DETECT = "detect"
    OUTBOX = "outbox"
    EXPORT = "export"
    SELFTEST = "selftest"
    LOOK = "look"
    UPKEEP = "upkeep"
    MACHINE = "machine"


class Ticket:
    """A numbered request; whoever dropped it never gets its answer, but errors still come."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.is_dropped = False

    def drop(self) -> None:
        """Let a late answer fall."""
        self.is_dropped = True


class Runner(Protocol):
    """Runs work in a lane and brings the answer back to the thread of the window."""

    def submit(
        self,
        lane: Lane,
        work: Callable[[], Answer],
        done: Callable[[Answer], None],
        failed: Callable[[Exception], None],
    ) -> Ticket:
        """Queue `work`; later call exactly one of `done` and `failed`, on the window's thread."""
