"""How much each way of reading costs beyond the bare runtime, all ways taking turns."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_WARM_UP = 5
Turn = Mapping[str, float]
"""Milliseconds of one turn of every way, by its name."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way's median, and the median of its ratios to the bare run of the same turn."""

    ms: float
    ratio: float


def _ms(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) * 1e3


def turns(ways: Mapping[str, Callable[[], object]], runs: int) -> Iterator[Turn]:
    """Yield each turn's milliseconds; every way goes first as often as the others."""
    names = list(ways)
    for _ in range(_WARM_UP):
        for name in names:
            ways[name]()
    for number in range(runs):
        first = number % len(names)
        yield {name: _ms(ways[name]) for name in names[first:] + names[:first]}


def summary(found: Sequence[Turn], bare: str) -> dict[str, Way]:
    """Return each way's figures; ratios are taken turn by turn, not from medians."""
    return {
        name: Way(
            statistics.median(turn[name] for turn in found),
            statistics.median(turn[name] / turn[bare] for turn in found),
        )
        for name in found[0]
    }
