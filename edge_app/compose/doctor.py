"""Everything that a technician must know of this machine, each with what to do about it."""

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import onnxruntime

from edge_app import __version__
from edge_app.compose.devices import scanners
from edge_app.domain.error import EdgeAppError
from edge_app.inference.package import load_package, packages_in
from edge_app.inference.session import ALLOWED, cpu_words, runtime_words
from edge_app.inference.verify import selftest
from edge_app.settings import Settings
from edge_app.storage.study_store import SqliteStudyStore, StoreInUseError

_RESERVE_GB = 2.0
_BUILT_AFTER = datetime(2026, 11, 1, tzinfo=timezone.utc)
_RUNTIMES = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-openvino", "onnxruntime-directml")


class Level(Enum):
    """How much a finding of the doctor matters."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class DoctorCheck:
    """One thing that was looked at."""

    id: str
    ok: bool
    level: Level
    found: str
    remedy: str = ""


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
    built = onnxruntime.get_available_providers()
    for name, theirs in ALLOWED.items():
        if theirs in built:
            yield _ok(f"provider {name}", "in this runtime; whether it works, the self-test says")
        else:
            yield _ok(f"provider {name}", "not used: this runtime was built without it")
    for theirs in built:
        if theirs not in ALLOWED.values():
            yield _ok(f"provider {theirs}", "not used: it is not on the list of allowed providers")


def _detectors(settings: Settings) -> Iterator[DoctorCheck]:
    folders = packages_in(settings.packages_dir)
    if not folders:
        yield _fault("detectors", "none is installed", "Install a detector from its bundle.")
    for folder in folders:
        name = f"detector {folder.name}"
        try:
            package = load_package(folder)
            checks = [c for v in package.manifest.variants for c in selftest(package, v.name)]
        except EdgeAppError as error:
            yield _fault(name, error.what, error.remedy)
            continue
        bad = [c for c in checks if not c.ok]
        if bad:
            found = "; ".join(f"{c.name}: {c.why}" for c in bad)
            yield _fault(name, found, "Install the detector again; do not use it before.")
        else:
            yield _ok(name, f"{package.manifest.version}, {len(checks)} golden answers agree here")


def _store(settings: Settings) -> Iterator[DoctorCheck]:
    try:
        with SqliteStudyStore(settings.data_dir) as store:
            number = sum(1 for _ in store.studies())
            yield _ok("store", f"{number} studies, database sound")
            if store.recovered:
                yield _warning(
                    "recovered",
                    f"{len(store.recovered)} captures cut short were finished",
                    "Open these studies: the images are there and not analysed.",
                )
    except StoreInUseError:
        yield _ok("store", "in use by a running edge-app")
    except EdgeAppError as error:
        yield _fault("store", error.what, error.remedy)


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


def _clock(_: Settings) -> Iterator[DoctorCheck]:
    now = datetime.now(timezone.utc)
    if now < _BUILT_AFTER:
        yield _warning("clock", f"{now:%Y-%m-%d} is before this program was made", "Set the clock.")
    else:
        yield _ok("clock", f"{now.astimezone():%Y-%m-%d %H:%M %Z}; nobody has confirmed it")


def _keys(_: Settings) -> Iterator[DoctorCheck]:
    yield _warning(
        "encryption",
        "studies are not encrypted in this version",
        "Encrypt the disk (LUKS) before real patients' images are kept here.",
    )


def _network(_: Settings) -> Iterator[DoctorCheck]:
    handles = Path("/proc/self/fd")
    if not handles.exists():
        yield _warning("network", "this system does not show open sockets", "Look by hand.")
        return
    sockets = [h for h in handles.iterdir() if "socket:" in _target(h)]
    if sockets:
        yield _fault("network", f"{len(sockets)} sockets are open", "Tell the maker of edge-app.")
    else:
        yield _ok("network", "no socket is open; this version has no listener and sends nothing")


def _target(handle: Path) -> str:
    try:
        return str(handle.readlink())
    except OSError:
        return ""


def _devices(_: Settings) -> Iterator[DoctorCheck]:
    for scanner in scanners(()):
        try:
            info = scanner.info()
        except EdgeAppError as error:
            yield _fault("device", error.what, error.remedy)
            continue
        yield _ok(f"device {info.device_id}", f"{info.name}: {info.state.value}")


_CHECKS: tuple[Callable[[Settings], Iterator[DoctorCheck]], ...] = (
    _versions,
    _runtime,
    _telemetry,
    _providers,
    _detectors,
    _devices,
    _store,
    _disk,
    _clock,
    _keys,
    _network,
)


def examined(settings: Settings) -> Iterator[DoctorCheck]:
    """Yield every check."""
    for look in _CHECKS:
        yield from look(settings)
