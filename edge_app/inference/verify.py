"""Every check of a package or of a bare ONNX file that needs no trust in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge_app.domain.error import EdgeAppError
from edge_app.inference import golden
from edge_app.inference.package import DetectorPackage, load_package
from edge_app.inference.session import open_session, usable_providers

_MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and what is wrong with it."""

    name: str
    ok: bool
    why: str


def _tried(name: str, error: EdgeAppError | None) -> Check:
    return Check(name, error is None, "" if error is None else str(error))


def verify_package(folder: Path) -> Iterator[Check]:
    """Yield the manifest's, each file's, and each golden picture's check."""
    try:
        package = load_package(folder)
    except EdgeAppError as error:
        yield _tried("manifest", error)
        return
    yield _tried("manifest", None)
    for variant in package.manifest.variants:
        try:
            package.model(variant)
        except EdgeAppError as error:
            yield _tried(f"{variant.name} file", error)
        else:
            yield _tried(f"{variant.name} file", None)
            yield from selftest(package, variant.name)


def verify_file(path: Path) -> Iterator[Check]:
    """Yield the checks of a bare ONNX file: size, and whether the runtime loads it."""
    try:
        size = path.stat().st_size
    except OSError as error:
        yield Check("file", ok=False, why=error.strerror or "cannot be opened")
        return
    fits = size <= _MOST_BYTES
    yield Check("size", fits, "" if fits else f"{size} bytes, more than {_MOST_BYTES}")
    if fits:
        try:
            open_session(path.read_bytes(), "cpu")
        except EdgeAppError as error:
            yield _tried("loads", error)
        else:
            yield _tried("loads", None)


def selftest(package: DetectorPackage, variant: str) -> Iterator[Check]:
    """Yield each golden picture's check on every provider of this machine."""
    for provider in usable_providers():
        name = f"{variant} on {provider}"
        try:
            spec = package.variant(variant)
            session = open_session(package.model(spec), provider)
            for checked in golden.check(package, spec, session):
                yield Check(f"{name}: {checked.file}", not checked.why, checked.why)
        except EdgeAppError as error:
            yield _tried(name, error)
