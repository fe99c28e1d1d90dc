"""`edge-app models`: the detector packages on this machine."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import msgspec

from edge_app.cli.models_build import build
from edge_app.cli.output import DONE, REFUSED, Call, common_options
from edge_app.cli.preparation_bar import preparation_bar
from edge_app.compose.detectors import tested
from edge_app.compose.packages import package_folder
from edge_app.domain.error import DetectorRefusedError, EdgeAppError
from edge_app.domain.manifest import DetectorManifest, Status, Threshold
from edge_app.inference.package import DetectorPackage, load_package, packages_in
from edge_app.inference.selftest import SelftestRecord, Verdict
from edge_app.inference.verify import Check, verify_file, verify_package


@click.group("models")
def command() -> None:
    """Detector packages: what is installed, and whether it is sound."""


command.add_command(build)


def _show_checks(call: Call, title: str, checks: Iterable[Check]) -> None:
    rows = [["ok" if c.ok else "FAILED", c.name, c.why] for c in checks]
    call.output.table(title, ("", "check", "why"), rows)


def _report(call: Call, title: str, checks: Iterable[Check]) -> int:
    done = list(call.output.progress(checks, "Checking", None))
    if call.output.as_json:
        call.output.answer(name=title, checks=done, ok=all(c.ok for c in done))
    else:
        _show_checks(call, title, done)
    return DONE if all(c.ok for c in done) else REFUSED


@command.command("list")
@common_options
def list_packages(call: Call) -> int:
    """List the installed packages."""
    found: list[DetectorManifest] = []
    refused: list[dict[str, str]] = []
    for folder in packages_in(call.settings.packages_dir):
        try:
            found.append(load_package(folder).manifest)
        except EdgeAppError as error:
            call.output.refusal(error, folder.name)
            refused.append({"name": folder.name, "why": str(error)})
    if call.output.as_json:
        models = [
            {"name": m.name, "version": m.version, "title": m.title, "modality": m.modality}
            for m in found
        ]
        call.output.answer(models=models, refused=refused)
    else:
        rows = [[m.name, m.version, m.title, ", ".join(v.name for v in m.variants)] for m in found]
        call.output.table("Detectors", ("name", "version", "title", "variants"), rows)
    return REFUSED if refused else DONE


def _figures(manifest: DetectorManifest, threshold: Threshold) -> tuple[str, str]:
    if manifest.status is Status.EXPERIMENTAL:
        return "not measured", "not measured"
    s, f = threshold.sensitivity, threshold.fp_per_image
    return (
        f"{s.value:.3f} [{s.low:.3f}, {s.high:.3f}]",
        f"{f.value:.2f} [{f.low:.2f}, {f.high:.2f}]",
    )


@command.command("show")
@click.argument("name")
@common_options
def show(call: Call, name: str) -> int:
    """Show one package: use, limits, labels, operating points."""
    manifest = load_package(package_folder(call.settings, name)).manifest
    if call.output.as_json:
        call.output.answer(model=msgspec.to_builtins(manifest))
        return DONE
    version = manifest.shown_version
    call.output.line(f"{manifest.title} ({manifest.name} {version}, {manifest.licence})")
    if manifest.status is Status.EXPERIMENTAL:
        call.output.line("EXPERIMENTAL: nobody has measured what it finds and what it misses.")
    call.output.line(f"Use: {manifest.intended_use}")
    call.output.line(f"Not for: {manifest.must_not}")
    rows = [
        [
            p.name + (" (default)" if p.name == manifest.default_point else ""),
            t.label,
            f"{t.score:.2f}",
            *_figures(manifest, t),
        ]
        for p in manifest.points
        for t in p.thresholds
    ]
    columns = ("point", "label", "score", "sensitivity [95 %]", "FP an image [95 %]")
    call.output.table("Operating points", columns, rows)
    return DONE


@command.command("verify")
@click.argument("path", type=click.Path(path_type=Path))
@common_options
def verify(call: Call, path: Path) -> int:
    """Check a package folder or a bare ONNX file; a file that fails never reaches the runtime."""
    checks = verify_package(path) if path.is_dir() else verify_file(path)
    return _report(call, click.format_filename(path, shorten=True), checks)


def _verdicts(
    call: Call, packages: Iterable[DetectorPackage]
) -> Iterator[tuple[DetectorPackage, Verdict | SelftestRecord]]:
    """Yield what is found, with a bar for whatever is being made ready meanwhile."""
    with preparation_bar(is_quiet=call.output.quiet) as told:
        for package in packages:
            for found in tested(call.settings, package, told):
                yield package, found


def _check_of(name: str, verdict: Verdict) -> Check:
    return Check(f"{name}: {verdict.combination.words}", verdict.ok, verdict.why)


def _checks_of_batches(record: SelftestRecord) -> list[Check]:
    where = f"{record.detector}: {record.chosen.words}" if record.chosen else record.detector
    return [Check(f"{where}, {b.size} at once", not b.why, b.why) for b in record.batches]


def _said_of_choice(record: SelftestRecord) -> str:
    if record.chosen is None:
        return f"{record.detector}: NOTHING agrees here. Images are kept and not analysed."
    ms = next(v.median_ms for v in record.verdicts if v.combination == record.chosen)
    threads = record.tuning.threads or "the runtime's own number of"
    waiting = "busy" if record.tuning.spinning else "quiet"
    several = f" Tiles are read {record.batch} at once." if record.batch > 1 else ""
    return (
        f"{record.detector}: used from now on: {record.chosen.words}, {threads} threads, "
        f"{waiting} waiting ({ms:.1f} ms a run, the fastest that agrees).{several}"
    )


@command.command("selftest")
@click.argument("name", required=False)
@common_options
def run_selftest(call: Call, name: str | None) -> int:
    """Run the golden pictures through every variant, provider and optimisation level.

    What disagrees is not used on this machine; the fastest of what agrees is, from now on.
    """
    folders = (
        [package_folder(call.settings, name)] if name else packages_in(call.settings.packages_dir)
    )
    if not folders:
        raise DetectorRefusedError("No detector is installed.", "Install one, then test again.")
    work = _verdicts(call, [load_package(f) for f in folders])
    checks: list[Check] = []
    records: list[SelftestRecord] = []
    for package, found in work:
        if isinstance(found, SelftestRecord):
            records.append(found)
            checks += _checks_of_batches(found)
        else:
            checks.append(_check_of(package.manifest.name, found))
    is_sound = all(c.ok for c in checks)
    if call.output.as_json:
        call.output.answer(
            name=name or "all detectors", checks=checks, ok=is_sound, records=records
        )
    else:
        _show_checks(call, name or "all detectors", checks)
        for record in records:
            call.output.line(_said_of_choice(record))
    return DONE if is_sound else REFUSED
