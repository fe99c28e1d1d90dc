"""Every check of a package or of a bare ONNX file; the runtime sees only what passed the rest."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from edge_app.domain.error import EdgeAppError
from edge_app.domain.manifest import InputSpec
from edge_app.inference import gate, golden
from edge_app.inference.gate import Check, GraphInput
from edge_app.inference.kind import read_kind
from edge_app.inference.onnx_graph import Element
from edge_app.inference.package import GOLDEN, DetectorPackage, load_package
from edge_app.inference.package_files import read_file, strange_entry
from edge_app.inference.session import Session, open_session, usable_providers

__all__ = ["Check", "OpenModel", "selftest", "verify_file", "verify_package"]

# From a model's bytes and a provider's name to a session, or a refusal.
OpenModel = Callable[[bytes, str], Session]


def _tried(name: str, act: Callable[[], object]) -> Check:
    """Return whether `act` was carried out, or what refused it."""
    try:
        act()
    except EdgeAppError as error:
        return Check(name, ok=False, why=str(error))
    return Check(name, ok=True, why="")


def _input_of(spec: InputSpec) -> GraphInput:
    """Return the input that a package's graph must have: the pixels as they are prepared."""
    return GraphInput((1, spec.height, spec.width, 3), Element.UINT8)


def _files(folder: Path) -> Check:
    """Return whether nothing but a package's plain files lies in `folder`."""
    try:
        why = strange_entry(folder, GOLDEN)
        if not why and (folder / GOLDEN).is_dir():
            why = strange_entry(folder / GOLDEN)
    except OSError as error:
        why = error.strerror or "it cannot be opened"
    return Check("files", not why, why)


def _static(package: DetectorPackage) -> Iterator[Check]:
    """Yield what needs no runtime: figures of the kind, golden answers and pictures, models."""
    if package.manifest.kind.file:
        yield _tried("kind", lambda: read_kind(package.folder, package.manifest.kind))
    answers = _tried("golden answers", lambda: golden.golden_set(package))
    yield answers
    for picture in golden.golden_set(package).pictures if answers.ok else []:
        yield _tried(picture.file, partial(golden.golden_pixels, package.folder, picture))
    for variant in package.manifest.variants:
        try:
            model = package.model(variant)
        except EdgeAppError as error:
            yield Check(f"{variant.name} file", ok=False, why=str(error))
        else:
            yield Check(f"{variant.name} file", ok=True, why="")
            looked = gate.checks(model, package.caps, _input_of(package.manifest.input))
            yield from (replace(c, name=f"{variant.name} {c.name}") for c in looked)


def verify_package(
    folder: Path, opener: OpenModel = open_session, caps: gate.Caps = gate.OWN
) -> Iterator[Check]:
    """Yield the static checks and, if all of them are ok, each golden picture's."""
    files = _files(folder)
    yield files
    try:
        package = load_package(folder, caps)
    except EdgeAppError as error:
        yield Check("manifest", ok=False, why=str(error))
        return
    yield Check("manifest", ok=True, why="")
    is_sound = files.ok
    for check in _static(package):
        is_sound &= check.ok
        yield check
    if is_sound:
        for variant in package.manifest.variants:
            yield from selftest(package, variant.name, opener)


def verify_file(
    path: Path, opener: OpenModel = open_session, caps: gate.Caps = gate.IMPORTED
) -> Iterator[Check]:
    """Yield the gate's checks of a bare ONNX file and, if all are ok, whether it loads."""
    try:
        model = read_file(path, caps.n_bytes)
    except EdgeAppError as error:
        yield Check("file", ok=False, why=str(error))
        return
    yield Check("file", ok=True, why="")
    is_sound = True
    for check in gate.checks(model, caps):
        is_sound &= check.ok
        yield check
    if is_sound:
        yield _tried("loads", lambda: opener(model, "cpu"))


def selftest(
    package: DetectorPackage, variant: str, opener: OpenModel = open_session
) -> Iterator[Check]:
    """Yield each golden picture's check on every provider of this machine."""
    for provider in usable_providers():
        name = f"{variant} on {provider}"
        try:
            spec = package.variant(variant)
            session = opener(package.model(spec), provider)
            for checked in golden.check(package, spec, session):
                yield Check(f"{name}: {checked.file}", not checked.why, checked.why)
        except EdgeAppError as error:
            yield Check(name, ok=False, why=str(error))
