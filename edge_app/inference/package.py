"""A detector package on the disk: its manifest, checked file by file."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from edge_app.domain.error import DetectorRefusedError
from edge_app.domain.manifest import DetectorManifest, VariantSpec

MANIFEST = "package.toml"
GOLDEN = "golden"
_REINSTALL = "Install the detector again from its signed bundle."


@dataclass(frozen=True, slots=True)
class DetectorPackage:
    """One folder with a valid manifest; its files are checked when they are asked for."""

    folder: Path
    manifest: DetectorManifest

    def variant(self, name: str) -> VariantSpec:
        """Return the variant `name`.

        Raises:
            DetectorRefusedError: The package has no such variant.
        """
        found = self.manifest.variant(name)
        if found is None:
            known = ", ".join(v.name for v in self.manifest.variants)
            raise DetectorRefusedError(
                f"The detector {self.manifest.name} has no variant {name}.",
                f"Choose from: {known}.",
            )
        return found

    def model(self, variant: VariantSpec) -> bytes:
        """Return the variant's ONNX file, read once and checked.

        Raises:
            DetectorRefusedError: The file is missing or is not the one of the manifest.
        """
        path = self.folder / variant.file
        try:
            content = path.read_bytes()
        except OSError as error:
            raise DetectorRefusedError(
                f"The model file {variant.file} of {self.manifest.name} is missing.", _REINSTALL
            ) from error
        if hashlib.sha256(content).hexdigest() != variant.sha256:
            raise DetectorRefusedError(
                f"The model file {variant.file} of {self.manifest.name} is not the one that was "
                "tested: its hash is wrong.",
                _REINSTALL,
            )
        return content


def _unknown_keys(given: object, known: object, where: str = "") -> list[str]:
    if isinstance(given, dict) and isinstance(known, dict):
        strange = [f"{where}{key}" for key in given if key not in known]
        shared = [key for key in given if key in known]
        return strange + [
            s for key in shared for s in _unknown_keys(given[key], known[key], f"{where}{key}.")
        ]
    if isinstance(given, list) and isinstance(known, list | tuple):
        return [s for a, b in zip(given, known, strict=True) for s in _unknown_keys(a, b, where)]
    return []


def _contradiction(manifest: DetectorManifest) -> str:
    """Return what the parts of a manifest say against each other, or nothing."""
    labels = sorted(x.name for x in manifest.labels)
    if not labels or not manifest.variants:
        return "it has no label or no variant"
    if manifest.point(manifest.default_point) is None:
        return f"there is no operating point {manifest.default_point}"
    for point in manifest.points:
        if sorted(t.label for t in point.thresholds) != labels:
            return f"the operating point {point.name} has not one threshold a label"
    return ""


def load_package(folder: Path) -> DetectorPackage:
    """Return the package in `folder`; the model files are not read yet.

    Raises:
        DetectorRefusedError: The manifest is missing, not valid, contradicts itself, or holds
            unknown keys.
    """
    path = folder / MANIFEST
    try:
        text = path.read_bytes()
    except OSError as error:
        raise DetectorRefusedError(
            f"The detector {folder.name} is not installed.", _REINSTALL
        ) from error
    try:
        manifest = msgspec.toml.decode(text, type=DetectorManifest)
        given = msgspec.toml.decode(text)
    except msgspec.DecodeError as error:
        raise DetectorRefusedError(
            f"The description of the detector {folder.name} is not valid: {error}.", _REINSTALL
        ) from error
    contradiction = _contradiction(manifest)
    if contradiction:
        raise DetectorRefusedError(
            f"The description of the detector {folder.name} contradicts itself: {contradiction}.",
            _REINSTALL,
        )
    strange = _unknown_keys(given, msgspec.to_builtins(manifest))
    if strange:
        raise DetectorRefusedError(
            f"The description of the detector {folder.name} has unknown keys: {strange}.",
            _REINSTALL,
        )
    return DetectorPackage(folder, manifest)


def packages_in(folder: Path) -> list[Path]:
    """Return the folders below `folder` that hold a manifest, by name."""
    return sorted(p.parent for p in folder.glob(f"*/{MANIFEST}"))
