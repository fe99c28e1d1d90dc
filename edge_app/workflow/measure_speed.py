"""How much a reading costs beyond the runtime, in paired runs."""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_WARM_UP = 5


@dataclass(frozen=True, slots=True)
class PairedRuns:
    """Medians of paired runs; the ratio is the median of the pairs' ratios, not of medians."""

    session_run_ms: float
    pipeline_ms: float
    ratio: float


def _ms(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) * 1e3


def paired_runs(
    bare: Callable[[], object], pipeline: Callable[[], object], runs: int
) -> Iterator[tuple[float, float]]:
    """Yield milliseconds of the bare run and of the pipeline, taking turns at going first."""
    for _ in range(_WARM_UP):
        bare()
        pipeline()
    for number in range(runs):
        if number % 2:
            after = _ms(pipeline)
            yield _ms(bare), after
        else:
            yield _ms(bare), _ms(pipeline)


def summary(pairs: list[tuple[float, float]]) -> PairedRuns:
    """Return the medians of `pairs`."""
    return PairedRuns(
        session_run_ms=statistics.median(bare for bare, _ in pairs),
        pipeline_ms=statistics.median(whole for _, whole in pairs),
        ratio=statistics.median(whole / bare for bare, whole in pairs),
    )
