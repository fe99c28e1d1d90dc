"""From a package folder to a detector that has passed its golden check on this machine."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from edge_app.domain.error import DetectorRefusedError, EdgeAppError
from edge_app.domain.manifest import OperatingPoint
from edge_app.inference import golden
from edge_app.inference.choice import AUTO, Choice
from edge_app.inference.detector import Checked, OnnxDetector
from edge_app.inference.kind import read_kind
from edge_app.inference.machine import Machine
from edge_app.inference.package import DetectorPackage, load_package
from edge_app.inference.providers import Tuning, provider_named
from edge_app.inference.selftest import (
    Combination,
    Opener,
    SelftestRecord,
    Ways,
)
from edge_app.inference.session import Level, usable_providers
from edge_app.inference.site_tuning import SiteTuning

_PREFERRED = ("int8", "fp32")
_RETEST = "Use another variant or provider, or run edge-app models selftest."


def _point(package: DetectorPackage, name: str) -> OperatingPoint:
    wanted = name or package.manifest.default_point
    found = package.manifest.point(wanted)
    if found is None:
        known = ", ".join(p.name for p in package.manifest.points)
        raise DetectorRefusedError(
            f"The detector {package.manifest.name} has no operating point {wanted}.",
            f"Choose from: {known}.",
        )
    return found


def _builds_for_minutes(name: str) -> bool:
    provider = provider_named(name)
    return provider is not None and provider.builds_for_minutes


def _untested(package: DetectorPackage, choice: Choice) -> list[Combination]:
    """Return what to try where no self-test stands: the usual order, fully optimised.

    What compiles for minutes comes last: the self-test has it compiled while the others read.
    """
    shipped = [v.name for v in package.manifest.variants]
    names = [v for v in _PREFERRED if v in shipped] if choice.variant == AUTO else [choice.variant]
    here = sorted(usable_providers(), key=_builds_for_minutes)
    providers = here if choice.provider == AUTO else [choice.provider]
    return [Combination(v, p, Level.ALL) for p, v in product(providers, names)]


def _allowed(combination: Combination, choice: Choice) -> bool:
    return choice.variant in (AUTO, combination.variant) and choice.provider in (
        AUTO,
        combination.provider,
    )


def _tested(record: SelftestRecord, choice: Choice) -> list[Combination]:
    """Return what the self-test lets through, the fastest first."""
    agreeing = sorted((v for v in record.verdicts if v.ok), key=lambda v: v.median_ms)
    return [v.combination for v in agreeing if _allowed(v.combination, choice)]


def quarantined(record: SelftestRecord) -> tuple[str, ...]:
    """Return one sentence for each way to run the detector that is not used here, and why.

    Levels that fail alike are one sentence.
    """
    levels: dict[tuple[str, str, str], list[str]] = {}
    for v in record.verdicts:
        if not v.ok:
            key = (v.combination.variant, v.combination.provider, v.why)
            levels.setdefault(key, []).append(v.combination.level.value)
    return tuple(
        f"{variant} on {provider} is not used (optimisation {', '.join(named)}): {why}"
        for (variant, provider, why), named in levels.items()
    )


def _candidates(
    package: DetectorPackage, choice: Choice, machine: Machine | None
) -> tuple[list[Combination], SelftestRecord | None]:
    record = machine.record(package) if machine else None
    if record is None:
        return _untested(package, choice), None
    found = _tested(record, choice)
    if found or choice == Choice(point=choice.point):
        return found, record
    return _untested(package, choice), None  # a wish that the self-test did not know of


def _opened(package: DetectorPackage, wanted: Combination, tuning: Tuning, ways: Ways) -> Checked:
    session, self_test_id = ways.passing(package, wanted, tuning)
    return Checked(package.variant(wanted.variant), session, self_test_id)


def _with_batch(
    package: DetectorPackage, checked: Checked, record: SelftestRecord
) -> tuple[Checked, str]:
    """Return what reads as many at once as the self-test chose, or why it reads one by one."""
    if record.batch == 1 or not checked.session.takes_batches:
        return checked, ""
    why = golden.batch_trouble(package, checked.variant, checked.session, record.batch)
    if why:
        return checked, f"Tiles are read one by one: {why}."
    return replace(checked, batch=record.batch), ""


def load_detector(folder: Path, choice: Choice, machine: Machine | None = None) -> OnnxDetector:
    """Return a detector that decides as it must on this machine.

    Where `machine` holds a self-test that stands, its fastest agreeing combination is taken;
    else the usual order is tried. Whatever is taken passes its golden check now. A damaged
    package is refused whole; `passed_over` of the detector says what was not taken, and why.

    Raises:
        DetectorRefusedError: Nothing that `choice` allows passed; the text names each reason.
    """
    package = load_package(folder)
    point = _point(package, choice.point)
    kind = read_kind(package.folder, package.manifest.kind)
    wanted, record = _candidates(package, choice, machine)
    _ensure_sound(package, wanted)
    refusals = list(quarantined(record)) if record else []
    remedy = _RETEST
    ways = machine.ways if machine else Ways(Opener(), SiteTuning())
    for combination in wanted:
        is_chosen = record is not None and combination == record.chosen
        usual = ways.site.applied(combination.provider, Tuning())
        tuning = record.tuning if record and is_chosen else usual
        if choice.threads:
            tuning = replace(tuning, threads=choice.threads, spinning=False)
        try:
            checked = _opened(package, combination, tuning, ways)
        except EdgeAppError as error:
            refusals.append(error.what)
            remedy = error.remedy
        else:
            if record and is_chosen:
                checked, why = _with_batch(package, checked, record)
                refusals += [why] if why else []
            return OnnxDetector(package.manifest, checked, point, tuple(refusals), kind)
    reasons = dict.fromkeys(refusals)
    raise DetectorRefusedError(" ".join(reasons), remedy)


def _ensure_sound(package: DetectorPackage, wanted: Sequence[Combination]) -> None:
    """Refuse the whole package where a model file that may run is missing or changed."""
    for name in dict.fromkeys(c.variant for c in wanted):
        package.model(package.variant(name))
