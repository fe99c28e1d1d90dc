"""Static QDQ quantization with 7-bit weights, for our own detectors and for foreign ones."""

import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import version_converter
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

from edge_app.inference.gate import ensure_admitted

# Neither the quantizer nor the converter says which errors it raises.
CANNOT: tuple[type[Exception], ...] = (
    RuntimeError,
    ValueError,
    KeyError,
    IndexError,
    AttributeError,
    TypeError,
    NotImplementedError,
)
_OPSET = 17
_AVERAGED = {"CalibMovingAverage": True, "CalibMovingAverageConstant": 0.05}
_ALIKE = ("Add", "Concat", "Resize", "Relu", "MaxPool")


class _Calibration(CalibrationDataReader):  # type: ignore[misc]  # the runtime ships no types
    """Feeds calibration pictures, one at a time."""

    def __init__(self, name: str, tensors: Sequence[NDArray[np.generic]]) -> None:
        self._name = name
        self._left: Iterator[NDArray[np.generic]] = iter(tensors)

    def get_next(self) -> dict[str, NDArray[np.generic]] | None:
        """Return the next feed, or None after the last."""
        tensor = next(self._left, None)
        return None if tensor is None else {self._name: tensor}


def quantized(
    model: onnx.ModelProto,
    tensors: Sequence[NDArray[np.generic]],
    operators: Sequence[str],
    in_float: Sequence[str],
    *,
    widest: bool = False,
    levels: tuple[float, int] | None = None,
) -> onnx.ModelProto:
    """Return `model` quantized, exact on CPUs with and without VNNI.

    AVX2's 8-bit multiply-add saturates at 16 bits; weights of 7 bits cannot overflow it
    (onnxruntime, "Quantize ONNX models", section on reduce_range).

    Args:
        model: With one input.
        tensors: Calibration inputs, as the model takes them.
        operators: Kinds of node to quantize.
        in_float: Names of nodes that stay in float.
        widest: Ranges hold all that was seen in calibration; else a moving average of it.
        levels: Scale and zero point of the input, where they are given and not to be measured: the
            runtime computes in integers only where a bias has its input's scale.
    """
    name = model.graph.input[0].name
    options: dict[str, object] = {} if widest else dict(_AVERAGED)
    if levels is not None:
        scale, zero = np.array(levels[0], np.float32), np.array(levels[1], np.uint8)
        options["TensorQuantOverrides"] = {name: [{"scale": scale, "zero_point": zero}]}
    logging.getLogger().setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as draft:
        core, made = Path(draft) / "core.onnx", Path(draft) / "quantized.onnx"
        onnx.save(model, core)
        quantize_static(
            str(core),
            str(made),
            _Calibration(name, tensors),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(operators),
            nodes_to_exclude=list(in_float),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            extra_options=options,
        )
        return onnx.load(made)


def folded(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` as the runtime simplifies it, in operators that can be quantized by channel.

    Batch norms go into their convolutions; every node has a name.
    """
    opset = next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
    modern = version_converter.convert_version(model, _OPSET) if opset < _OPSET else model
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 3
    content = modern.SerializeToString()
    ensure_admitted(content)
    with tempfile.TemporaryDirectory() as draft:
        options.optimized_model_filepath = str(Path(draft) / "folded.onnx")
        onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        simple = onnx.load(options.optimized_model_filepath)
    for number, node in enumerate(simple.graph.node):
        node.name = node.name or f"node_{number}"
    return simple


def _producers(model: onnx.ModelProto) -> dict[str, onnx.NodeProto]:
    return {name: node for node in model.graph.node for name in node.output}


def last_convolutions(model: onnx.ModelProto, depth: int) -> list[str]:
    """Return the names of the `depth` convolutions nearest to each output, on every way there."""
    made = _producers(model)
    found: set[str] = set()
    seen: set[tuple[str, int]] = set()
    waiting = [(o.name, depth) for o in model.graph.output]
    while waiting:
        name, left = waiting.pop()
        node = made.get(name)
        if node is None or left == 0 or (name, left) in seen:
            continue
        seen.add((name, left))
        is_convolution = node.op_type == "Conv"
        if is_convolution:
            found.add(node.name)
        waiting.extend((i, left - is_convolution) for i in node.input)
    return sorted(found)


def _depthwise(model: onnx.ModelProto) -> list[str]:
    groups = {
        n.name: next((a.i for a in n.attribute if a.name == "group"), 1) for n in model.graph.node
    }
    return sorted(n.name for n in model.graph.node if n.op_type == "Conv" and groups[n.name] > 1)


Recipe = tuple[str, Callable[[onnx.ModelProto], tuple[Sequence[str], Sequence[str]]]]
RECIPES: tuple[Recipe, ...] = (
    ("every convolution", lambda _: (["Conv"], [])),
    ("convolutions but the last", lambda m: (["Conv"], last_convolutions(m, 1))),
    ("convolutions but the last three", lambda m: (["Conv"], last_convolutions(m, 3))),
    (
        "no depthwise and no last convolution",
        lambda m: (["Conv"], [*last_convolutions(m, 1), *_depthwise(m)]),
    ),
    (
        "what lies between, too",
        lambda m: (["Conv", *_ALIKE], last_convolutions(m, 1)),
    ),
)
