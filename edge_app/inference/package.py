"""A detector package on the disk: its manifest, checked file by file."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from edge_app.domain.error import DetectorRefusedError
from edge_app.domain.manifest import DetectorManifest, Status, VariantSpec
from edge_app.inference.gate import IMPORTED, OWN, Caps
from edge_app.inference.manifest_checks import contradiction
from edge_app.inference.package_files import REINSTALL, is_plain_name, read_file, shown

MANIFEST = "package.toml"
GOLDEN = "golden"
_MOST_MANIFEST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class DetectorPackage:
    """One folder with a valid manifest; its files are checked when they are asked for."""

    folder: Path
    manifest: DetectorManifest
    caps: Caps = OWN

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
        """Return the variant's ONNX file: the very bytes whose hash was found right.

        Raises:
            DetectorRefusedError: The file is missing or is not the one of the manifest.
        """
        content = read_file(self.folder / variant.file, self.caps.n_bytes)
        if hashlib.sha256(content).hexdigest() != variant.sha256:
            raise DetectorRefusedError(
                f"The model file {variant.file} of {self.manifest.name} is not the one that was "
                "tested: its hash is wrong.",
                REINSTALL,
            )
        return content


_CARD = "card.md"
_MOST_CARD = 256 * 1024


def read_golden(folder: Path, name: str, most_bytes: int) -> bytes:
    """Return one file of a package's golden folder, as `read_file` does.

    Raises:
        DetectorRefusedError: As there; or the folder itself is a link, or the name is a path.
    """
    if not is_plain_name(name):
        raise DetectorRefusedError(f"{shown(name)} is no name of a golden file.", REINSTALL)
    if (folder / GOLDEN).is_symlink():
        raise DetectorRefusedError("The golden folder is a link, not a folder.", REINSTALL)
    return read_file(folder / GOLDEN / name, most_bytes)


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


def _manifest_of(text: bytes, name: str) -> DetectorManifest:
    """Return the manifest that `text` holds, without a key too many."""
    try:
        given = msgspec.toml.decode(text)
        manifest = msgspec.convert(given, DetectorManifest)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise _invalid(name, f"is not valid: {shown(str(error))}") from error
    strange = _unknown_keys(given, msgspec.to_builtins(manifest))
    if strange:
        raise _invalid(name, f"has unknown keys: {shown(', '.join(strange))}")
    return manifest


def _invalid(name: str, why: str) -> DetectorRefusedError:
    return DetectorRefusedError(f"The description of the detector {name} {why}.", REINSTALL)


def load_package(folder: Path, caps: Caps = OWN) -> DetectorPackage:
    """Return the package in `folder`; the model files are not read yet.

    Args:
        folder: Where `package.toml` lies.
        caps: How large its models may be.

    Raises:
        DetectorRefusedError: The manifest is missing, not valid, contradicts itself, or holds
            unknown keys.
    """
    name = shown(folder.name)
    path = folder / MANIFEST
    if not path.exists():
        raise DetectorRefusedError(f"The detector {name} is not installed.", REINSTALL)
    manifest = _manifest_of(read_file(path, _MOST_MANIFEST_BYTES), name)
    wrong = contradiction(manifest)
    if wrong:
        raise _invalid(name, f"contradicts itself: {wrong}")
    if manifest.status is Status.EXPERIMENTAL:  # somebody else's network, of somebody else's size
        caps = IMPORTED
    return DetectorPackage(folder, manifest, caps)


def card_of(folder: Path) -> str:
    """Return what a package's card says, in Markdown; empty where it has none that can be read."""
    try:
        return read_file(folder / _CARD, _MOST_CARD).decode(errors="replace")
    except DetectorRefusedError:
        return ""


def packages_in(folder: Path) -> list[Path]:
    """Return the folders below `folder` that hold a manifest, by name."""
    return sorted(p.parent for p in folder.glob(f"*/{MANIFEST}"))
