"""Everything that a technician must know of this machine, each with what to do about it."""

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from edge_app import __version__
from edge_app.compose.clock import BUILT
from edge_app.compose.detectors import standing, tested, untold
from edge_app.compose.devices import scanners
from edge_app.compose.doctor_device_secret import device_secret_state
from edge_app.compose.doctor_fonts import font_words, languages_without_font
from edge_app.compose.doctor_isolation import confined_workers
from edge_app.compose.doctor_upkeep import upkeep_states
from edge_app.compose.printing import needed_by
from edge_app.compose.retention import retention_rule
from edge_app.compose.site_devices import site_devices
from edge_app.compose.site_printers import printers_in
from edge_app.domain.clock_trust import doubt_about
from edge_app.domain.commissioning import DoctorCheck, Level
from edge_app.domain.error import EdgeAppError
from edge_app.inference.loading import quarantined
from edge_app.inference.package import DetectorPackage, load_package, packages_in
from edge_app.inference.providers import PROVIDERS
from edge_app.inference.selftest import SelftestRecord
from edge_app.inference.session import (
    cpu_words,
    foreign_providers,
    is_built_in,
    provider_state,
    runtime_words,
)
from edge_app.inference.site_tuning import site_tuning
from edge_app.settings import Settings
from edge_app.storage.cipher import is_plain
from edge_app.storage.key_slots import KeySlots
from edge_app.storage.upkeep_record import upkeep_record
from hardware.third_party import foreign_drivers

_RESERVE_GB = 2.0
_RUNTIMES = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-openvino", "onnxruntime-directml")


def _ok(name: str, found: str) -> DoctorCheck:
    return DoctorCheck(name, ok=True, level=Level.OK, found=found)


def _warning(name: str, found: str, remedy: str) -> DoctorCheck:
    return DoctorCheck(name, ok=True, level=Level.WARNING, found=found, remedy=remedy)


def _fault(name: str, found: str, remedy: str) -> DoctorCheck:
    return DoctorCheck(name, ok=False, level=Level.FAULT, found=found, remedy=remedy)


def _versions(_: Settings) -> Iterator[DoctorCheck]:
    yield _ok(
        "versions",
        f"edge-app {__version__}, Python {platform.python_version()}, {runtime_words()}, "
        f"{platform.system()} {platform.release()}",
    )
    yield _ok("cpu", cpu_words())


def _runtime(_: Settings) -> Iterator[DoctorCheck]:
    installed = []
    for name in _RUNTIMES:
        try:
            installed.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    if len(installed) == 1:
        yield _ok("runtime", installed[0])
    else:
        yield _fault(
            "runtime",
            f"{len(installed)} runtimes overwrite each other: {', '.join(installed)}",
            "Install the program again, with one runtime.",
        )


def _telemetry(_: Settings) -> Iterator[DoctorCheck]:
    if os.environ.get("ORT_DISABLE_TELEMETRY") == "1":
        yield _ok("telemetry", "off, before the runtime was loaded")
    else:
        yield _fault("telemetry", "on", "Start the program by edge-app, not by hand.")
    trace = Path.home() / ".cache" / "Microsoft"
    if trace.exists():
        yield _warning(
            "telemetry files",
            "another program on this account left telemetry files of the runtime",
            "Remove ~/.cache/Microsoft and find the other program.",
        )


def _providers(_: Settings) -> Iterator[DoctorCheck]:
    for provider in PROVIDERS:
        state = provider_state(provider)
        if state.usable or not is_built_in(provider):
            yield _ok(f"provider {provider.name}", f"{provider.title}: {state.why}")
        else:
            remedy = f"Install {provider.needs}, or leave it: the CPU is used instead."
            yield _warning(f"provider {provider.name}", state.why, remedy)
    for theirs in foreign_providers():
        yield _ok(f"provider {theirs}", "never used: it is not on the list of allowed providers")


def _site(settings: Settings) -> Iterator[DoctorCheck]:
    try:
        fixed = site_tuning(settings).words
    except EdgeAppError as error:
        yield _fault("site settings", error.what, error.remedy)
    else:
        yield _ok("site settings", fixed or "none: every provider runs with its defaults")


def _detectors(settings: Settings) -> Iterator[DoctorCheck]:
    folders = packages_in(settings.packages_dir)
    if not folders:
        yield _fault("detectors", "none is installed", "Install a detector from its bundle.")
    for folder in folders:
        name = f"detector {folder.name}"
        try:
            package = load_package(folder)
            record = standing(settings, package) or _tested_now(settings, package)
        except EdgeAppError as error:
            yield _fault(name, error.what, error.remedy)
        except OSError as error:
            said = f"its self-test could not be kept: {(error.strerror or 'no answer').lower()}"
            yield _fault(name, said, "Check the data folder and its space.")
        else:
            yield _tested(name, record)


def _tested_now(settings: Settings, package: DetectorPackage) -> SelftestRecord:
    return next(r for r in tested(settings, package, untold) if isinstance(r, SelftestRecord))


def _tested(name: str, record: SelftestRecord) -> DoctorCheck:
    refused = "; ".join(quarantined(record))
    if record.chosen is None:
        return _fault(name, f"gives no right answer here: {refused}", "Install it again.")
    day = f"{record.tested_at.astimezone(timezone.utc):%Y-%m-%d}"
    used = f"{record.chosen.words} is the fastest that agrees, as tested on {day}"
    if refused:
        return _warning(name, f"{used}; {refused}", "Send this line to the maker.")
    return _ok(name, f"{used}; all {len(record.verdicts)} combinations agree here")


def _keys(settings: Settings) -> Iterator[DoctorCheck]:
    slots = KeySlots(settings.data_dir, b"")
    if not slots.is_set_up:
        yield _warning("keys", "not set up yet", "Run edge-app user setup NAME.")
        return
    try:
        names = slots.names()
        state = device_secret_state(settings)
    except EdgeAppError as error:
        yield _fault("keys", error.what, error.remedy)
    else:
        yield _ok("keys", f"{len(names)} can log in; without one of them nobody reads the studies")
        where = ("device-secret", state.found)
        yield _warning(*where, state.remedy) if state.remedy else _ok(*where)
        yield from _guessing(slots)


def _guessing(slots: KeySlots) -> Iterator[DoctorCheck]:
    """Yield what guesses cost, and whether a seal can be broken."""
    cost = slots.least_cost()
    said = f"a guess costs {cost.memory_kib // 1024} MiB, {cost.passes} passes of Argon2id and"
    said += f" {cost.seconds():.2f} s here; a PIN alone opens nothing"
    if cost.is_enough:
        yield _ok("guessing", said)
    else:
        yield _fault("guessing", said, "Give everybody a new passphrase: edge-app user passphrase.")
    is_sealed = slots.has_emergency_code
    code = "there is an emergency code" if is_sealed else "no emergency code was made"
    yield _ok("emergency-code", code)


def _store(settings: Settings) -> Iterator[DoctorCheck]:
    database = settings.data_dir / "studies.db"
    if not database.exists():
        yield _ok("store", "no studies yet")
    elif is_plain(database):
        yield _fault("store", "not encrypted", "Keep it away; name another folder.")
    else:
        size = database.stat().st_size / 1e6
        yield _ok("store", f"encrypted, {size:.1f} MB; what is in it shows after a log-in")


def _retention(settings: Settings) -> Iterator[DoctorCheck]:
    try:
        rule = retention_rule(settings)
    except EdgeAppError as error:
        yield _fault("retention", error.what, error.remedy)
        return
    if rule.days is None:
        yield _ok("retention", "every study is kept for ever")
    else:
        yield _ok("retention", f"signed studies may be removed by hand after {rule.days} days")


def _disk(settings: Settings) -> Iterator[DoctorCheck]:
    place = settings.data_dir
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free / 1e9
    said = f"{free:.1f} GB free for studies"
    if free < _RESERVE_GB:
        yield _warning("disk", said, "Free some space: below this, images may not be saved.")
    else:
        yield _ok("disk", said)


def _clock(settings: Settings) -> Iterator[DoctorCheck]:
    now, record = datetime.now(timezone.utc), upkeep_record(settings.data_dir)
    doubt = record.doubt or doubt_about(now, BUILT, record.newest, None)
    if doubt:
        remedy = "Set the clock, then run edge-app doctor --date-is-right."
        yield _warning("clock", f"the date is not trusted: {doubt}", remedy)
    else:
        yield _ok("clock", f"{now.astimezone():%Y-%m-%d %H:%M %Z}; nothing speaks against it")


def _upkeep(settings: Settings) -> Iterator[DoctorCheck]:
    now = datetime.now(timezone.utc)
    for state in upkeep_states(settings, now):
        if state.is_fault:
            yield _fault(state.name, state.found, state.remedy)
        elif state.remedy:
            yield _warning(state.name, state.found, state.remedy)
        else:
            yield _ok(state.name, state.found)


def _fonts(_: Settings) -> Iterator[DoctorCheck]:
    found, remedy = font_words(languages_without_font())
    yield _warning("fonts", found, remedy) if remedy else _ok("fonts", found)


def _network(_: Settings) -> Iterator[DoctorCheck]:
    handles = Path("/proc/self/fd")
    if not handles.exists():
        yield _warning("network", "this system does not show open sockets", "Look by hand.")
        return
    sockets = [h for h in handles.iterdir() if "socket:" in _target(h)]
    if sockets:
        yield _fault("network", f"{len(sockets)} sockets are open", "Tell the maker of edge-app.")
    else:
        yield _ok("network", "no socket is open now; only what the site's files name is ever met")


def _target(handle: Path) -> str:
    try:
        return str(handle.readlink())
    except OSError:
        return ""


def _isolation(settings: Settings) -> Iterator[DoctorCheck]:
    for worker in confined_workers(settings):
        name = f"sandbox of the {worker.name} worker"
        if worker.remedy:
            yield _warning(name, worker.found, worker.remedy)
        else:
            yield _ok(name, worker.found)


def _devices(settings: Settings) -> Iterator[DoctorCheck]:
    try:
        here = scanners((), site_devices(settings))
    except EdgeAppError as error:
        yield _fault("devices", error.what, error.remedy)
        return
    for scanner in here:
        try:
            info = scanner.info()
        except EdgeAppError as error:
            yield _fault("device", error.what, error.remedy)
            continue
        yield _ok(f"device {info.device_id}", f"{info.name}: {info.state.value}")


def _printers(settings: Settings) -> Iterator[DoctorCheck]:
    try:
        known = printers_in(settings.data_dir)
    except EdgeAppError as error:
        yield _fault("printers", error.what, error.remedy)
        return
    if not known:
        yield _ok("printers", "none is named: nothing is printed")
    for peer in known.values():
        needed = needed_by(peer)
        said = (f"printer {peer.name}", f"{peer.uri}: {'it needs help' if needed else 'ready'}")
        yield _warning(*said, needed) if needed else _ok(*said)


def _foreign_drivers(settings: Settings) -> Iterator[DoctorCheck]:
    try:
        allowed = site_devices(settings).drivers
    except EdgeAppError:  # told by the devices' check
        allowed = frozenset()
    for driver in foreign_drivers():
        said = "allowed" if driver.kind in allowed else "not allowed here: it is never run"
        yield _ok(f"driver {driver.kind} of another package", f"{driver.package}: {said}")


_CHECKS: tuple[Callable[[Settings], Iterator[DoctorCheck]], ...] = (
    _versions,
    _runtime,
    _telemetry,
    _providers,
    _site,
    _retention,
    _detectors,
    _devices,
    _foreign_drivers,
    _printers,
    _fonts,
    _isolation,
    _store,
    _disk,
    _clock,
    _upkeep,
    _keys,
    _network,
)


def examined(settings: Settings) -> Iterator[DoctorCheck]:
    """Yield every check."""
    for look in _CHECKS:
        yield from look(settings)
