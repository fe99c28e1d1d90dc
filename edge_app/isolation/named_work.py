"""Work that a child names while it has a question: it may take minutes, as long as it goes on."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from edge_app.isolation.channel import Channel, ChannelBrokenError, Message

NAMED = (1 << 64) - 1
"""The number of a message that is no answer, but says what the child is at."""

_LOOK_S = 0.5
_MOST_NAMED = 64  # for one question
_LEAST_SHARE = 0.01  # of a processor: below it, nothing goes on
_REST_S = 10.0  # for the rest of a message whose beginning is there

Spent = Callable[[], float | None]
"""Seconds of processor time that the child has taken; None where nobody can tell."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a child may take for work that it named.

    It is not asked whether it lives: a runtime's call may hold the interpreter for minutes, so
    that no thread of the child could answer. What counts is that it takes processor time.

    Attributes:
        longest_s: The longest that what it said, a message's head, may take; 0 for nonsense.
        told: Called with each such head, and with None once the question is answered or lost.
        still_s: How long it may stand still meanwhile.
    """

    longest_s: Callable[[bytes], float]
    told: Callable[[bytes | None], None]
    still_s: float = 30.0


def received(
    channel: Channel, until: float, patience: Patience, spent_s: Spent
) -> tuple[int, Message]:
    """Return the next answer with its number, waiting through the work that the child names.

    Raises:
        ChannelBrokenError: As `Channel.receive`; or it stood still, took longer than its work
            may take, or named work without end.
    """
    try:
        number, said = channel.receive(until)
        for _ in range(_MOST_NAMED):
            if number != NAMED:
                return number, said
            patience.told(said.head)
            _waited(channel, patience.longest_s(said.head), patience.still_s, spent_s)
            number, said = channel.receive(time.monotonic() + _REST_S)
    finally:
        patience.told(None)
    raise ChannelBrokenError("it names work without end")


def _waited(channel: Channel, longest_s: float, still_s: float, spent_s: Spent) -> None:
    """Return once the child says the next word."""
    started = moved_at = time.monotonic()
    moved_s = spent_s()
    while not channel.has_word(_LOOK_S):
        now, present_s = time.monotonic(), spent_s()
        if now - started > longest_s:
            raise ChannelBrokenError(f"it took longer than {longest_s:.0f} s for what it named")
        least_s = _LEAST_SHARE * (now - moved_at)
        if present_s is None or moved_s is None or present_s - moved_s >= least_s:
            moved_at, moved_s = now, present_s
        elif now - moved_at > still_s:
            raise ChannelBrokenError(f"it stood still for {still_s:.0f} s")
