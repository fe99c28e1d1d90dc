"""What this machine knows of its detectors: self-tests that stand, engines that it compiled."""

from collections.abc import Iterator
from dataclasses import dataclass

from edge_app.inference.engine_cache import EngineCache
from edge_app.inference.fingerprint import fingerprint, machine_words
from edge_app.inference.package import DetectorPackage
from edge_app.inference.selftest import Opener, OpenSession, SelftestRecord, Verdict, selftest
from edge_app.inference.selftest_records import SelftestRecords
from edge_app.ports import Clock
from edge_app.settings import Settings


@dataclass(frozen=True, slots=True)
class Machine:
    """Runs self-tests when they are due and remembers what came out.

    Attributes:
        opener: How a combination's session is opened.
    """

    records: SelftestRecords
    clock: Clock
    opener: OpenSession

    @staticmethod
    def at(settings: Settings, clock: Clock) -> "Machine":
        """Return the machine as `settings` place it; nothing is made yet."""
        engines = EngineCache(settings.engines_dir, machine_words())
        return Machine(SelftestRecords(settings.selftests_dir), clock, Opener(engines))

    def record(self, package: DetectorPackage) -> SelftestRecord | None:
        """Return the self-test that stands for this machine and package, or None if one is due."""
        name = package.manifest.name
        return self.records.valid(name, fingerprint(package), self.clock.now())

    def test(self, package: DetectorPackage) -> Iterator[Verdict | SelftestRecord]:
        """Yield each verdict of a new self-test, and at last its record, which is kept.

        Raises:
            DetectorRefusedError: The package has no valid golden answers.
            OSError: The record could not be kept.
        """
        for found in selftest(package, fingerprint(package), self.clock.now(), self.opener):
            if isinstance(found, SelftestRecord):
                self.records.keep(found)
            yield found
