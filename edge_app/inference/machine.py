"""What this machine knows of its detectors: self-tests that stand, engines that it compiled."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from edge_app.inference.engine_cache import EngineCache
from edge_app.inference.fingerprint import fingerprint, machine_words
from edge_app.inference.package import DetectorPackage
from edge_app.inference.preparation import Preparations, Prepare, WhatIsPrepared, unsaid
from edge_app.inference.selftest import Opener, OpenSession, SelftestRecord, Verdict, Ways, selftest
from edge_app.inference.selftest_records import SelftestRecords
from edge_app.inference.site_tuning import SiteTuning, site_tuning
from edge_app.ports import Clock
from edge_app.settings import Settings


@dataclass(frozen=True, slots=True)
class Machine:
    """Runs self-tests when they are due and remembers what came out.

    Attributes:
        opener: How a combination's session is opened.
        site: What a technician fixed for providers.
        prepare: Stands around each making ready, to say and remember how long it takes.
    """

    records: SelftestRecords
    clock: Clock
    opener: OpenSession
    site: SiteTuning = field(default_factory=SiteTuning)
    prepare: Prepare = unsaid

    @staticmethod
    def at(
        settings: Settings,
        clock: Clock,
        site: SiteTuning | None = None,
        told: Callable[[WhatIsPrepared | None], None] = lambda _: None,
    ) -> "Machine":
        """Return the machine as `settings` place it; nothing is made yet.

        `site` is for a process that may not read the site's file: what another one read there.
        `told` hears what is being made ready, and None when that has ended.

        Raises:
            SettingsRefusedError: The site's settings are not valid.
        """
        words = machine_words()
        engines = EngineCache(settings.engines_dir, words)
        tuning = site_tuning(settings) if site is None else site
        prepare = Preparations(settings.selftests_dir / "preparations", words, engines, told)
        records = SelftestRecords(settings.selftests_dir)
        return Machine(records, clock, Opener(engines), tuning, prepare)

    def record(self, package: DetectorPackage) -> SelftestRecord | None:
        """Return the self-test that stands for this machine and package, or None if one is due."""
        name = package.manifest.name
        return self.records.valid(name, self._fingerprint(package), self.clock.now())

    def test(self, package: DetectorPackage) -> Iterator[Verdict | SelftestRecord]:
        """Yield each verdict of a new self-test, and at last its record, which is kept.

        Raises:
            DetectorRefusedError: The package has no valid golden answers.
            OSError: The record could not be kept.
        """
        identity, now = self._fingerprint(package), self.clock.now()
        for found in selftest(package, identity, now, self.ways):
            if isinstance(found, SelftestRecord):
                self.records.keep(found)
            yield found

    @property
    def ways(self) -> Ways:
        """How detectors are made ready here."""
        return Ways(self.opener, self.site, self.prepare)

    def _fingerprint(self, package: DetectorPackage) -> str:
        return fingerprint(package, self.site.words)
