"""What decides a machine's answers: when any of it changes, the self-test runs again."""

import hashlib
import os
import platform
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from edge_app import __version__
from edge_app.inference.package import GOLDEN, MANIFEST, DetectorPackage
from edge_app.inference.preprocess import contract_hash
from edge_app.inference.session import cpu_words, runtime_words, usable_providers

# One file a family of drivers, each with its version in it.
_DRIVERS = (
    Path("/proc/driver/nvidia/version"),
    Path("/etc/nv_tegra_release"),
    Path("/sys/module/amdgpu/version"),
    Path("/sys/module/i915/version"),
)
_LIBRARIES = ("onnxruntime", "openvino", "tensorrt", "nvidia-cudnn", "numpy", "opencv")


def cpu_model() -> str:
    """Return the processor's name, as the system says it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(errors="replace").splitlines() if info.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def driver_words() -> str:
    """Return the version lines of the accelerator drivers on this machine."""
    found = [p.read_text(errors="replace").splitlines()[:1] for p in _DRIVERS if p.is_file()]
    return "; ".join(line for lines in found for line in lines)


@cache  # asking every installed package takes a while
def library_words() -> str:
    """Return the versions of the libraries that compute."""
    named = ((d.metadata["Name"] or "", d.version) for d in distributions())
    return ", ".join(sorted(f"{n} {v}" for n, v in named if n.lower().startswith(_LIBRARIES)))


def machine_words() -> str:
    """Return all of this machine that may change a detector's answer or its speed."""
    return "; ".join(
        (
            cpu_model(),
            f"{os.cpu_count()} threads",
            cpu_words(),
            runtime_words(),
            ", ".join(usable_providers()),
            driver_words(),
            library_words(),
            f"edge-app {__version__}",
        )
    )


def fingerprint(package: DetectorPackage, site: str = "") -> str:
    """Return the SHA-256 of this machine, its site's settings and all that the package computes.

    A file that is missing or that nobody may read counts as missing: whoever uses it refuses.
    """
    digest = hashlib.sha256(machine_words().encode())
    digest.update(site.encode())
    digest.update(contract_hash(package.manifest.input).encode())
    golden = package.folder / GOLDEN
    listed = sorted(golden.iterdir()) if golden.is_dir() else []
    for path in (package.folder / MANIFEST, *listed):
        digest.update(path.name.encode() + _content_hash(path))
    return digest.hexdigest()


def _content_hash(path: Path) -> bytes:
    try:
        return hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b""
    except OSError:
        return b""
