"""An onnxruntime session on a provider that we named, and what it really got."""

import importlib.util
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state

from edge_app.domain.error import DetectorRefusedError, ReadingFailedError, RuntimeStoppedError
from edge_app.inference.binding import BoundRuns
from edge_app.inference.gate import ensure_admitted
from edge_app.inference.overheard import overheard
from edge_app.inference.providers import (
    CPU,
    PROVIDERS,
    Plugin,
    Provider,
    Tuning,
    options_of,
    provider_named,
)

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
_QUIET = 3  # errors only
# One Add of one number: whether a provider can start at all, without a detector.
_PROBE = (
    b'\x08\x08:9\n\x0e\n\x01x\n\x01x\x12\x01y"\x03Add\x12\x05probeZ\x0f\n\x01x\x12\n\n\x08\x08\x01'
    b"\x12\x04\n\x02\x08\x01b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x02\x10\x11"
)


class Level(Enum):
    """How far the runtime may rewrite a graph before it runs it."""

    NONE = "none"
    BASIC = "basic"
    EXTENDED = "extended"
    ALL = "all"


_LEVELS = {
    Level.NONE: onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
    Level.BASIC: onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    Level.EXTENDED: onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    Level.ALL: onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
}


class Input(Protocol):
    """One of a graph's inputs, as the runtime describes it."""

    name: str
    shape: Sequence[int | str | None]


class Inner(Protocol):
    """What we use of the runtime's session; a test may put a lying one in its place."""

    def run(
        self, output_names: None, input_feed: dict[str, NDArray[np.uint8]]
    ) -> Sequence[NDArray[np.float32]]:
        """Return the graph's outputs."""

    def get_inputs(self) -> Sequence[Input]:
        """Return what the graph takes."""

    def get_outputs(self) -> Sequence[Input]:
        """Return what the graph gives, described as its inputs are."""


@dataclass(frozen=True, slots=True)
class Session:
    """A loaded graph and the provider that it really runs on.

    Attributes:
        share: Part of the graph's nodes that run on the provider and not on the CPU beside
            it; 1 where the runtime does not tell.
        bound: Keeps input and outputs in the accelerator's memory; None where that gains nothing.
    """

    inner: Inner
    provider: str
    level: Level = Level.ALL
    share: float = 1.0
    bound: BoundRuns | None = None
    input_name: str = field(init=False)

    def __post_init__(self) -> None:
        """Ask for the input's name once: each asking makes new objects."""
        object.__setattr__(self, "input_name", self.inner.get_inputs()[0].name)

    @property
    def takes_batches(self) -> bool:
        """Whether it reads several pictures at once and answers each in a row of its own."""
        count = self.inner.get_inputs()[0].shape[0]
        outputs = [list(o.shape) for o in self.inner.get_outputs()]
        return isinstance(count, str) and all(shape[:1] == [count] for shape in outputs)

    def run_batch(self, tensors: Sequence[NDArray[np.uint8]]) -> list[list[NDArray[np.float32]]]:
        """Return each picture's outputs, in the order and the shapes of a run of its own.

        Raises:
            RuntimeStoppedError: The runtime gave up.
            ReadingFailedError: It did not answer once for each picture.
        """
        outputs = self.run(np.concatenate(tensors))
        if any(o.ndim == 0 or len(o) != len(tensors) for o in outputs):
            raise ReadingFailedError(
                "The detector did not answer for each picture of a batch.", "Run the self-test."
            )
        return [[o[n : n + 1] for o in outputs] for n in range(len(tensors))]

    def run(self, tensor: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """Return the graph's outputs.

        Raises:
            RuntimeStoppedError: The runtime gave up.
        """
        try:
            if self.bound:
                return self.bound.run(tensor)
            outputs = self.inner.run(None, {self.input_name: tensor})
        except _GAVE_UP as error:
            raise RuntimeStoppedError(
                "The detector stopped while reading the image.", "Try again."
            ) from error
        return [np.asarray(o, np.float32) for o in outputs]


@dataclass(frozen=True, slots=True)
class ProviderState:
    """Whether a provider can be used here, and why or why not in one clause."""

    provider: Provider
    usable: bool
    why: str


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


def _library(plugin: Plugin) -> Path | None:
    """Return a plug-in's library where its package is installed; nothing of it is run."""
    spec = importlib.util.find_spec(plugin.package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / plugin.library
    return path if path.is_file() else None


def is_built_in(provider: Provider) -> bool:
    """Return whether this runtime was built with the provider, or its plug-in is installed."""
    if provider.plugin:
        return _library(provider.plugin) is not None
    return provider.runtime_name in onnxruntime.get_available_providers()


def usable_providers() -> list[str]:
    """Return our names of the allowed providers that may work here, best first.

    The runtime lists what it was built with; whether one starts, only a session shows.
    """
    return [p.name for p in PROVIDERS if is_built_in(p)]


def foreign_providers() -> list[str]:
    """Return the runtime's names of providers that are here and that we never use."""
    known = {p.runtime_name for p in PROVIDERS}
    return [name for name in onnxruntime.get_available_providers() if name not in known]


def provider_state(provider: Provider) -> ProviderState:
    """Return whether `provider` starts on this machine; a tiny graph is really loaded on it."""
    if not is_built_in(provider):
        return ProviderState(
            provider, usable=False, why=f"not installed: it needs {provider.needs}"
        )
    try:
        open_session(_PROBE, provider.name)
    except DetectorRefusedError as error:
        return ProviderState(provider, usable=False, why=error.what)
    return ProviderState(provider, usable=True, why="starts here")


def _options(level: Level, tuning: Tuning) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _QUIET
    options.graph_optimization_level = _LEVELS[level]
    options.intra_op_num_threads = tuning.threads
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(tuning.spinning)))
    options.add_session_config_entry("session.force_spinning_stop", "1")  # with the end of a run
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    return options


@cache  # the runtime takes a library once in a process
def _register(name: str, library: Path) -> None:
    onnxruntime.register_execution_provider_library(name, str(library))


def _add_plugin(
    provider: Provider, options: onnxruntime.SessionOptions, given: dict[str, str]
) -> None:
    """Put a plug-in's devices into `options`.

    Raises:
        ValueError: The library gives no device for this machine.
    """
    library = _library(provider.plugin) if provider.plugin else None
    if library is None:
        raise ValueError("its package is not installed")
    _register(provider.name, library)
    devices = [d for d in onnxruntime.get_ep_devices() if d.ep_name == provider.runtime_name]
    if not devices:
        raise ValueError("its plug-in finds no device on this machine that it can use")
    options.add_provider_for_devices(devices[:1], given)


def _made(
    model: bytes, provider: Provider, options: onnxruntime.SessionOptions, given: dict[str, str]
) -> onnxruntime.InferenceSession:
    if provider.plugin:
        _add_plugin(provider, options, given)
        return onnxruntime.InferenceSession(model, options)
    wanted = [(provider.runtime_name, given)] if given else [provider.runtime_name]
    return onnxruntime.InferenceSession(model, options, providers=wanted)


def _share(inner: onnxruntime.InferenceSession, provider: Provider) -> float:
    if not hasattr(inner, "get_provider_graph_assignment_info"):  # older runtimes do not tell
        return 1.0
    parts = inner.get_provider_graph_assignment_info()
    counts = {True: 0, False: 0}
    for part in parts:
        counts[part.ep_name == provider.runtime_name] += len(part.get_nodes())
    return counts[True] / (sum(counts.values()) or 1)


def _chosen(name: str) -> Provider:
    provider = provider_named(name)
    if provider is None or not is_built_in(provider):
        known = ", ".join(usable_providers())
        raise DetectorRefusedError(
            f"The provider {name} cannot be used on this machine.", f"Choose from: {known}."
        )
    return provider


def open_session(
    model: bytes,
    name: str,
    level: Level = Level.ALL,
    tuning: Tuning | None = None,
    engines: Path | None = None,
) -> Session:
    """Return a session for `model` on the provider `name`, never on another one.

    `engines` is the folder for what the provider compiles; None lets it keep nothing.

    Raises:
        DetectorRefusedError: The provider is not allowed or not to be had, or the graph is bad.
    """
    ensure_admitted(model)
    provider = _chosen(name)
    tuned = tuning or Tuning()
    options = _options(level, tuned)
    try:
        with overheard() as heard:
            inner = _made(model, provider, options, options_of(provider, tuned, engines))
    except _GAVE_UP as error:
        if provider is CPU:
            raise DetectorRefusedError(
                "The runtime cannot load the model.", "Install the detector again."
            ) from error
        raise _unavailable(provider, heard.reason or str(error)) from error
    got = inner.get_providers()
    if not got or got[0] != provider.runtime_name:
        raise _unavailable(provider, heard.reason or f"the runtime gave {', '.join(got)} instead")
    if provider is CPU:
        return Session(inner, provider.name, level)
    bound = BoundRuns(inner, provider.memory, tuned.device_id) if provider.memory else None
    return Session(inner, provider.name, level, _share(inner, provider), bound)


def _unavailable(provider: Provider, why: str) -> DetectorRefusedError:
    return DetectorRefusedError(
        f"{provider.title} does not start on this machine: {why.rstrip('.')}.",
        f"Use the provider cpu, or install what it needs: {provider.needs}.",
    )
