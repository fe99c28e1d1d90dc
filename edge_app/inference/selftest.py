"""The self-test that can say no: every way to run a detector here, held against its golden answers.

What disagrees is not used; of what agrees the fastest, measured here, is chosen.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import numpy as np

from edge_app.domain.error import EdgeAppError
from edge_app.domain.image import Pixels
from edge_app.inference import golden
from edge_app.inference.detector import Checked, OnnxDetector
from edge_app.inference.engine_cache import EngineCache
from edge_app.inference.kind import read_kind
from edge_app.inference.package import DetectorPackage
from edge_app.inference.preparation import Prepare, unsaid
from edge_app.inference.preprocess import prepare
from edge_app.inference.providers import CPU, PROVIDERS, Provider, Tuning, provider_named
from edge_app.inference.session import (
    Level,
    Session,
    is_built_in,
    open_session,
    provider_state,
)
from edge_app.inference.site_tuning import SiteTuning

_ROUNDS = 9
_WARM_UP = 2
_SIZES = (1, 2, 4, 8)  # 8 tiles of a large picture are a few MB
_WORTH = 0.95  # a busier setting must save this much to be taken


@dataclass(frozen=True, slots=True)
class Combination:
    """One way to run a detector."""

    variant: str
    provider: str
    level: Level

    @property
    def words(self) -> str:
        """The combination as a technician reads it."""
        provider = provider_named(self.provider)
        title = provider.title if provider else self.provider
        return f"{self.variant} on {title}, optimisation {self.level.value}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the self-test came to for one combination.

    Attributes:
        why: The first thing that is wrong; empty where all agrees.
        median_ms: One warm run, measured here; 0 where it was not measured.
        share: Part of the graph's nodes that the provider really runs.
    """

    combination: Combination
    ok: bool
    why: str
    median_ms: float = 0.0
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class BatchVerdict:
    """What it came to, to read several pictures at once by the chosen combination.

    Attributes:
        size: How many at once.
        why: What is wrong with it; empty where each is answered as it is alone.
        tile_ms: A warm run divided by `size`, measured here; 0 where it was not measured.
    """

    size: int
    why: str
    tile_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class SelftestRecord:
    """All verdicts of one self-test of one detector on one machine, and the choice from them.

    Attributes:
        fingerprint: Of machine and package; another one makes the record void.
        chosen: The fastest that agrees, or None: then this machine gives no findings.
        tuning: The threads that were fastest for it.
        batches: How it reads several pictures at once; empty on the CPU, where that gains nothing,
            and for a graph that cannot.
        batch: How many at once are fastest.
    """

    detector: str
    fingerprint: str
    tested_at: datetime
    verdicts: tuple[Verdict, ...]
    chosen: Combination | None
    tuning: Tuning
    batches: tuple[BatchVerdict, ...] = ()
    batch: int = 1


OpenSession = Callable[[DetectorPackage, Combination, Tuning], Session]


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens the session of a combination; what a provider compiles is kept in `engines`."""

    engines: EngineCache | None = None

    def __call__(
        self, package: DetectorPackage, combination: Combination, tuning: Tuning
    ) -> Session:
        """Return the session.

        Raises:
            DetectorRefusedError: The file, the variant or the provider cannot be used.
        """
        variant = package.variant(combination.variant)
        model = package.model(variant)
        provider = provider_named(combination.provider)
        if self.engines is None or provider is None or not provider.keeps_engines:
            return open_session(model, combination.provider, combination.level, tuning)
        with self.engines.folder(variant.sha256, combination.provider, tuning) as folder:
            return open_session(model, combination.provider, combination.level, tuning, folder)


@dataclass(frozen=True, slots=True)
class Ways:
    """How sessions are opened here, what the site fixes for them, and who hears of it."""

    opener: OpenSession
    site: SiteTuning
    prepare: Prepare = unsaid

    def passing(
        self, package: DetectorPackage, wanted: Combination, tuning: Tuning
    ) -> tuple[Session, str]:
        """Return a session that passed its golden check, and that check's id.

        Some providers compile when they are made, others at their first run; both are in here.

        Raises:
            DetectorRefusedError: It cannot be opened, or answers otherwise.
        """
        variant = package.variant(wanted.variant)
        with self.prepare(package.manifest.name, variant, wanted.provider, tuning):
            session = self.opener(package, wanted, tuning)
            return session, golden.passed(package, variant, session)


def _levels(provider: Provider) -> list[Level]:
    """Return the levels to try: one where the provider replaces the graph or cannot start."""
    is_plain = provider is CPU or (
        not provider.builds_for_minutes and provider_state(provider).usable
    )
    return list(Level) if is_plain else [Level.ALL]


def combinations(package: DetectorPackage) -> list[Combination]:
    """Return every way to run the package here."""
    here = [p for p in PROVIDERS if is_built_in(p)]
    return [
        Combination(variant.name, provider.name, level)
        for provider in here
        for variant in package.manifest.variants
        for level in _levels(provider)
    ]


def verdicts(
    package: DetectorPackage, wanted: Sequence[Combination], ways: Ways
) -> Iterator[tuple[Verdict, Session | None]]:
    """Yield each combination's verdict, not yet timed, with the session of those that agree."""
    for combination in wanted:
        try:
            tuning = ways.site.applied(combination.provider, Tuning())
            session, _ = ways.passing(package, combination, tuning)
        except EdgeAppError as error:
            yield Verdict(combination, ok=False, why=error.what), None
        else:
            yield Verdict(combination, ok=True, why="", share=session.share), session


def _golden_picture(package: DetectorPackage) -> Pixels:
    first = golden.golden_set(package).pictures[0]
    return golden.golden_pixels(package.folder, first)


def _runs(package: DetectorPackage, sessions: Sequence[Session]) -> list[Callable[[], object]]:
    tensor = prepare(_golden_picture(package), package.manifest.input).tensor
    return [partial(session.run, tensor) for session in sessions]


def _readings(
    package: DetectorPackage, variant: str, sessions: Sequence[Session]
) -> list[Callable[[], object]]:
    """Return whole readings of the golden picture, with all that works beside the graph."""
    said, picture = package.manifest, _golden_picture(package)
    point, floors = said.points[0], np.ones(len(said.labels), np.float32)
    kind = read_kind(package.folder, said.kind)
    checked = [Checked(package.variant(variant), session, "") for session in sessions]
    return [partial(OnnxDetector(said, c, point, kind=kind).see, picture, floors) for c in checked]


def medians_ms(runs: Sequence[Callable[[], object]]) -> list[float]:
    """Return each run's median in milliseconds; they take turns, so load hits all."""
    took: list[list[float]] = [[] for _ in runs]
    for turn in range(_WARM_UP + _ROUNDS):
        for run, mine in zip(runs, took, strict=True):
            started = time.perf_counter()
            run()
            if turn >= _WARM_UP:
                mine.append((time.perf_counter() - started) * 1e3)
    return [statistics.median(mine) for mine in took]


def fastest(found: Sequence[Verdict]) -> Combination | None:
    """Return the fastest combination that agrees, or None where none does."""
    agreeing = [v for v in found if v.ok]
    return min(agreeing, key=lambda v: v.median_ms).combination if agreeing else None


def tuned(package: DetectorPackage, chosen: Combination, ways: Ways) -> Tuning:
    """Return the number of threads that reads fastest here, the smaller one where it is close.

    Whole readings are measured: with every processor in the graph, what works beside it waits.
    Threads that wait busily are never chosen: alone they are faster, but with the window and the
    camera there, the marks of one picture in twenty came twice as late. What the site fixes is not
    tried otherwise.
    """
    if chosen.provider != CPU.name:
        return ways.site.applied(chosen.provider, Tuning())
    cores = os.cpu_count() or 1
    tried = (ways.site.applied(CPU.name, Tuning(threads=n)) for n in (1, max(1, cores // 2), cores))
    gentle_first = list(dict.fromkeys(tried))
    sessions = [ways.opener(package, chosen, t) for t in gentle_first]
    best, best_ms = gentle_first[0], float("inf")
    took = medians_ms(_readings(package, chosen.variant, sessions))
    for tuning, ms in zip(gentle_first, took, strict=True):
        if ms < best_ms * _WORTH:
            best, best_ms = tuning, ms
    return best


def batched(
    package: DetectorPackage, chosen: Combination, tuning: Tuning, ways: Ways
) -> tuple[BatchVerdict, ...]:
    """Return what each number of pictures at once came to, one first; nothing where none can be.

    Raises:
        DetectorRefusedError: The session cannot be opened any more.
    """
    variant = package.variant(chosen.variant)
    if chosen.provider == CPU.name:
        return ()
    with ways.prepare(package.manifest.name, variant, chosen.provider, tuning):
        session = ways.opener(package, chosen, tuning)
        if not session.takes_batches:
            return ()
        found = [
            BatchVerdict(n, golden.batch_trouble(package, variant, session, n)) for n in _SIZES
        ]
    sizes = [v.size for v in found if not v.why]
    tensor = prepare(_golden_picture(package), package.manifest.input).tensor
    took = medians_ms([partial(session.run_batch, [tensor] * size) for size in sizes])
    each = {size: round(ms / size, 3) for size, ms in zip(sizes, took, strict=True)}
    return tuple(replace(v, tile_ms=each.get(v.size, 0.0)) for v in found)


def fastest_batch(found: Sequence[BatchVerdict]) -> int:
    """Return the number of pictures at once that is fastest, the smaller one where it is close."""
    best, best_ms = 1, next((v.tile_ms for v in found if v.size == 1 and not v.why), 0.0)
    for verdict in found:
        if not verdict.why and verdict.tile_ms < best_ms * _WORTH:
            best, best_ms = verdict.size, verdict.tile_ms
    return best


def selftest(
    package: DetectorPackage, identity: str, now: datetime, ways: Ways
) -> Iterator[Verdict | SelftestRecord]:
    """Yield a verdict a combination as it is found, and at last the record of the whole."""
    found: list[Verdict] = []
    sessions: list[Session] = []
    for verdict, session in verdicts(package, combinations(package), ways):
        yield verdict
        found.append(verdict)
        sessions += [session] if session else []
    took = iter(medians_ms(_runs(package, sessions)))
    timed = tuple(replace(v, median_ms=round(next(took), 3)) if v.ok else v for v in found)
    chosen = fastest(timed)
    tuning = tuned(package, chosen, ways) if chosen else Tuning()
    batches = batched(package, chosen, tuning, ways) if chosen else ()
    batch = fastest_batch(batches)
    yield SelftestRecord(
        package.manifest.name, identity, now, timed, chosen, tuning, batches, batch
    )
