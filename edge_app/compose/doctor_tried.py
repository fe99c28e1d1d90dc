"""What the self-tests that stand came to, one line for each way to run each detector."""

from collections.abc import Iterator
from contextlib import suppress

from edge_app.compose.detectors import standing
from edge_app.domain.commissioning import Found, Tried
from edge_app.domain.error import EdgeAppError
from edge_app.inference.package import load_package, packages_in
from edge_app.inference.selftest import Combination, SelftestRecord, Verdict
from edge_app.settings import Settings


def tried_here(settings: Settings) -> Iterator[Tried]:
    """Yield every way that was tried, of the detectors whose self-test stands.

    A detector that is refused has no line: the doctor says why.
    """
    for folder in packages_in(settings.packages_dir):
        with suppress(EdgeAppError):
            record = standing(settings, load_package(folder))
            yield from _tried(record) if record else ()


def _tried(record: SelftestRecord) -> Iterator[Tried]:
    for verdict in record.verdicts:
        how = verdict.combination
        way = how.words.partition(" on ")[2]
        found = _found(verdict, record.chosen)
        yield Tried(record.detector, how.variant, way, found, verdict.why, verdict.median_ms)


def _found(verdict: Verdict, chosen: Combination | None) -> Found:
    if not verdict.ok:
        return Found.REFUSED
    return Found.USED if verdict.combination == chosen else Found.AGREES
