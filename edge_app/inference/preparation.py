"""Making a detector ready on a provider: what it takes is said while it goes on, and remembered."""

import contextlib
import hashlib
import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import msgspec

from edge_app.domain.manifest import VariantSpec
from edge_app.domain.preparing import Preparing
from edge_app.durable import ensure_folder, write_whole
from edge_app.inference.engine_cache import EngineCache
from edge_app.inference.providers import CPU, Tuning, provider_named

_LONG_S = 300.0  # the longest of what takes minutes
Prepare = Callable[[str, VariantSpec, str, Tuning], AbstractContextManager[None]]
"""Around the making ready of a detector's variant on a provider with a tuning."""


def unsaid(_: str, __: VariantSpec, ___: str, ____: Tuning) -> AbstractContextManager[None]:
    """Return a `Prepare` that tells nobody and remembers nothing."""
    return nullcontext()


class WhatIsPrepared(msgspec.Struct, frozen=True, tag="preparing", forbid_unknown_fields=True):
    """One variant on one provider, both by name; `last_s` is 0 where nobody knows."""

    detector: str
    variant: str
    provider: str
    last_s: float

    def after(self, so_far_s: float) -> Preparing | None:
        """Return it as people are told; None for a provider that we never use, or no duration."""
        provider = provider_named(self.provider)
        if provider is None or not (math.isfinite(self.last_s) and self.last_s >= 0):
            return None
        is_long = provider.longest_start_s >= _LONG_S
        return Preparing(self.variant, provider.title, so_far_s, self.last_s, is_long)


class _Took(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds by what was prepared, on the machine whose words have that hash."""

    machine: str
    seconds: dict[str, float]


class Preparations:
    """How long each detector took to get ready here, a file a detector below one folder.

    An engine that lies compiled in `engines` is loaded in moments; that time is kept apart from
    the minutes that its making took. Another driver, runtime or processor forgets all of it.
    """

    def __init__(
        self,
        folder: Path,
        machine: str,
        engines: EngineCache | None = None,
        told: Callable[[WhatIsPrepared | None], None] = lambda _: None,
    ) -> None:
        """Keep durations in `folder`; `told` hears what begins, and None when it has ended."""
        self._folder = folder
        self._machine = hashlib.sha256(machine.encode()).hexdigest()
        self._engines = engines
        self._told = told

    @contextmanager
    def __call__(
        self, detector: str, variant: VariantSpec, provider: str, tuning: Tuning
    ) -> Iterator[None]:
        """Say what begins; where the block ends well, remember how long it took."""
        key = self._key(variant, provider, tuning)
        last_s = self._took(detector).get(key, 0.0)
        self._told(WhatIsPrepared(detector, variant.name, provider, last_s))
        started = time.monotonic()
        try:
            yield
        finally:
            self._told(None)
        if provider != CPU.name:  # moments; and its process may write nothing
            self._keep(detector, key, time.monotonic() - started)

    def _key(self, variant: VariantSpec, provider: str, tuning: Tuning) -> str:
        known = provider_named(provider)
        keeps = self._engines is not None and known is not None and known.keeps_engines
        is_there = keeps and self._engines and self._engines.holds(variant.sha256, provider, tuning)
        return f"{variant.sha256} {provider} {'loaded' if is_there else 'made'}"

    def _path(self, detector: str) -> Path:
        return self._folder / f"{detector}.json"

    def _took(self, detector: str) -> dict[str, float]:
        try:
            kept = msgspec.json.decode(self._path(detector).read_bytes(), type=_Took)
        except (OSError, msgspec.DecodeError):
            return {}
        return kept.seconds if kept.machine == self._machine else {}

    def _keep(self, detector: str, key: str, took_s: float) -> None:
        seconds = self._took(detector) | {key: round(took_s, 1)}
        with contextlib.suppress(OSError):  # it costs the next start a number, no more
            ensure_folder(self._folder)
            write_whole(self._path(detector), msgspec.json.encode(_Took(self._machine, seconds)))
