"""An onnxruntime session on a provider that we named, and what it really got."""

import platform
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state

from edge_app.domain.error import DetectorRefusedError, ReadingFailedError

# The only providers that may ever run; AzureExecutionProvider, in the default wheel, is remote.
ALLOWED = {"cuda": "CUDAExecutionProvider", "cpu": "CPUExecutionProvider"}
# The runtime's own errors have no base but Exception, and their number grows with its version.
_GAVE_UP: tuple[type[Exception], ...] = (
    RuntimeError,
    ValueError,
    *(
        kind
        for kind in vars(onnxruntime_pybind11_state).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
    ),
)
_TELLING_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm")


def cpu_words() -> str:
    """Return the architecture and the CPU features that change quantized arithmetic."""
    info = Path("/proc/cpuinfo")
    flags: set[str] = set()
    if info.exists():
        lines = info.read_text(errors="replace").splitlines()
        flags = {
            w for line in lines if line.startswith(("flags", "Features")) for w in line.split()
        }
    return " ".join([platform.machine(), *(f for f in _TELLING_FLAGS if f in flags)])


def runtime_words() -> str:
    """Return the runtime's name and version."""
    return f"onnxruntime {onnxruntime.__version__}"


def usable_providers() -> list[str]:
    """Return our names of the allowed providers that this runtime was built with, best first."""
    built = onnxruntime.get_available_providers()
    return [name for name, theirs in ALLOWED.items() if theirs in built]


@dataclass(frozen=True, slots=True)
class Session:
    """A loaded graph and the provider that it really runs on."""

    inner: onnxruntime.InferenceSession
    provider: str

    def run(self, tensor: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """Return the graph's outputs.

        Raises:
            ReadingFailedError: The runtime gave up.
        """
        try:
            outputs = self.inner.run(None, {self.inner.get_inputs()[0].name: tensor})
        except _GAVE_UP as error:
            raise ReadingFailedError(
                "The detector stopped while reading the image.", "Try again."
            ) from error
        return [np.asarray(o, np.float32) for o in outputs]


def open_session(model: bytes, provider: str) -> Session:
    """Return a session for `model` on `provider` ("cpu", "cuda"), never on another one.

    Raises:
        DetectorRefusedError: The provider is not allowed or not to be had, or the graph is bad.
    """
    wanted = ALLOWED.get(provider)
    if wanted is None or provider not in usable_providers():
        known = ", ".join(usable_providers())
        raise DetectorRefusedError(
            f"The provider {provider} cannot be used on this machine.", f"Choose from: {known}."
        )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        inner = onnxruntime.InferenceSession(model, options, providers=[wanted])
    except _GAVE_UP as error:
        raise DetectorRefusedError(
            "The runtime cannot load the model.", "Install the detector again."
        ) from error
    got = inner.get_providers()
    if not got or got[0] != wanted:
        raise DetectorRefusedError(
            f"The provider {provider} was asked for, but the runtime gave {', '.join(got)}.",
            "Use the provider cpu, or have the driver installed.",
        )
    return Session(inner, provider)
