"""Every execution provider that may ever run here, and the options that each one takes."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Options = Mapping[str, str]


def _half_of_the_cores() -> int:
    return max(1, (os.cpu_count() or 1) // 2)


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a provider may be told; each takes what it knows and leaves the rest.

    Attributes:
        device_id: Which of several accelerators.
        fp16: Let the provider compute in half precision.
        int8: Let TensorRT use the int8 scales that stand in the graph.
        workspace_mb: Most memory that TensorRT may take while it builds an engine.
        threads: CPU threads of one run; 0 leaves it to the runtime. Half of the cores where
            nobody measured: the window, the camera and the quality gate run beside it.
        spinning: Whether CPU threads wait busily within a run: faster alone, unfair to the window.
    """

    device_id: int = 0
    fp16: bool = False
    int8: bool = False
    workspace_mb: int = 1024
    threads: int = field(default_factory=_half_of_the_cores)
    spinning: bool = False


@dataclass(frozen=True, slots=True)
class Plugin:
    """A provider in a library of its own: the Python package and the file that hold it."""

    package: str
    library: str


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider of the allow-list.

    Attributes:
        name: Our word for it, as the command line takes it.
        runtime_name: The runtime's word.
        needs: What a technician must install for it.
        takes: The fields of `Tuning` that change anything for it; a site may fix these.
        keeps_engines: Whether it compiles the graph into files worth keeping.
        builds_for_minutes: Whether that takes minutes, so that one level is tried and it is tried
            last where no self-test stands: what is quicker reads meanwhile.
        longest_start_s: The longest that it may take to get one variant ready; what takes longer
            hangs.
        memory: The runtime's word for the memory that input and outputs are bound in; empty where
            they are handed over at each run: on the CPU, where binding gains nothing, and where
            the runtime's versions do not agree on the word (AMD).
    """

    name: str
    runtime_name: str
    title: str
    needs: str
    takes: frozenset[str] = frozenset()
    keeps_engines: bool = False
    builds_for_minutes: bool = False
    longest_start_s: float = 120.0
    memory: str = ""
    plugin: Plugin | None = None


def _none(_: Tuning, __: Path | None) -> Options:
    return {}


def _cuda(tuning: Tuning, _: Path | None) -> Options:
    return {"device_id": str(tuning.device_id), "cudnn_conv_algo_search": "HEURISTIC"}


def _tensorrt(tuning: Tuning, engines: Path | None) -> Options:
    options = {
        "device_id": str(tuning.device_id),
        "trt_fp16_enable": str(tuning.fp16),
        "trt_int8_enable": str(tuning.int8),
        "trt_max_workspace_size": str(tuning.workspace_mb * 1024 * 1024),
    }
    if engines:
        options |= {"trt_engine_cache_enable": "True", "trt_engine_cache_path": str(engines)}
        options |= {"trt_timing_cache_enable": "True", "trt_timing_cache_path": str(engines)}
    return options


def _openvino(tuning: Tuning, engines: Path | None) -> Options:
    options = {"device_type": "CPU", "precision": "FP16" if tuning.fp16 else "ACCURACY"}
    if tuning.threads:
        options["num_of_threads"] = str(tuning.threads)
    return options | ({"cache_dir": str(engines)} if engines else {})


def _openvino_plugin(_: Tuning, engines: Path | None) -> Options:
    return {"cache_dir": str(engines)} if engines else {}


def _device(tuning: Tuning, _: Path | None) -> Options:
    return {"device_id": str(tuning.device_id)}


def _migraphx(tuning: Tuning, _: Path | None) -> Options:
    return {"device_id": str(tuning.device_id), "migraphx_fp16_enable": str(int(tuning.fp16))}


def _qnn(_: Tuning, __: Path | None) -> Options:
    return {"backend_type": "htp"}


_DEVICE = frozenset({"device_id"})
_THREADS = frozenset({"threads", "spinning"})
_NVIDIA = "cuda"
_TEN_MINUTES_S, _HALF_AN_HOUR_S = 600.0, 1800.0
CPU = Provider(
    "cpu", "CPUExecutionProvider", "CPU", "nothing", takes=_THREADS, longest_start_s=60.0
)
# Best first: the order in which they are tried where nothing was measured yet.
PROVIDERS = (
    Provider(
        "tensorrt",
        "TensorrtExecutionProvider",
        "NVIDIA TensorRT",
        "an NVIDIA GPU with its driver, CUDA and TensorRT",
        takes=frozenset({"device_id", "fp16", "int8", "workspace_mb"}),
        keeps_engines=True,
        builds_for_minutes=True,
        longest_start_s=_HALF_AN_HOUR_S,
        memory=_NVIDIA,
    ),
    Provider(
        "cuda",
        "CUDAExecutionProvider",
        "NVIDIA CUDA",
        "an NVIDIA GPU with its driver, CUDA and cuDNN",
        takes=_DEVICE,
        memory=_NVIDIA,
    ),
    Provider(
        "migraphx",
        "MIGraphXExecutionProvider",
        "AMD MIGraphX",
        "an AMD GPU with ROCm and MIGraphX",
        takes=_DEVICE | {"fp16"},
        longest_start_s=_HALF_AN_HOUR_S,
    ),
    Provider("rocm", "ROCMExecutionProvider", "AMD ROCm", "an AMD GPU with ROCm", takes=_DEVICE),
    Provider(
        "qnn",
        "QNNExecutionProvider",
        "Qualcomm QNN",
        "a Qualcomm processor with its QNN libraries",
        longest_start_s=_TEN_MINUTES_S,
    ),
    Provider(
        "coreml",
        "CoreMLExecutionProvider",
        "Apple Core ML",
        "macOS on Apple hardware",
        longest_start_s=_TEN_MINUTES_S,
    ),
    Provider(
        "directml",
        "DmlExecutionProvider",
        "DirectML",
        "Windows with a DirectX 12 graphics card",
        takes=_DEVICE,
    ),
    Provider(
        "openvino",
        "OpenVINOExecutionProvider",
        "Intel OpenVINO",
        "the runtime onnxruntime-openvino",
        takes=frozenset({"threads", "fp16"}),
        keeps_engines=True,
        longest_start_s=_TEN_MINUTES_S,
    ),
    Provider(
        "openvino-plugin",
        "OpenVINOExecutionProvider",
        "Intel OpenVINO, as a plug-in",
        "the package onnxruntime-ep-openvino and an Intel processor",
        keeps_engines=True,
        longest_start_s=_TEN_MINUTES_S,
        plugin=Plugin("onnxruntime_ep_openvino", "libonnxruntime_providers_openvino_plugin.so"),
    ),
    CPU,
)
_OPTIONS: Mapping[str, Callable[[Tuning, Path | None], Options]] = {
    "tensorrt": _tensorrt,
    "cuda": _cuda,
    "migraphx": _migraphx,
    "rocm": _device,
    "qnn": _qnn,
    "coreml": _none,
    "directml": _device,
    "openvino": _openvino,
    "openvino-plugin": _openvino_plugin,
    "cpu": _none,
}


def options_of(provider: Provider, tuning: Tuning, engines: Path | None) -> dict[str, str]:
    """Return the runtime's options; `engines` is the folder for what the provider compiles."""
    return dict(_OPTIONS[provider.name](tuning, engines if provider.keeps_engines else None))


def provider_named(name: str) -> Provider | None:
    """Return the provider of the allow-list with our name `name`, or None."""
    return next((p for p in PROVIDERS if p.name == name), None)
