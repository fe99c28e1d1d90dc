"""The trained network as two ONNX files: fp32, and int8 in QDQ form, both fed uint8 pixels."""

import logging
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from edge_app.inference.build.quantize import quantized
from models.training.network import BoxNetwork, ConvUnit, PixelScale

_OPSET = 17
_PIXELS = "pixels"
_UNIT = "unit"
_QUANTIZED_OPS = ["Conv", "Add", "Concat", "Resize", "Relu", "Clip", "Slice"]


class _Exported(nn.Module):
    """Scaled pixels [1, 3, h, w] to boxes [n, 4] and scores [n, labels]."""

    def __init__(self, network: BoxNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, unit: Tensor) -> tuple[Tensor, Tensor]:
        logits, boxes = self.network(unit)
        return boxes[0], logits[0].sigmoid()


def _folded(network: BoxNetwork) -> BoxNetwork:
    """Return the network with every batch norm folded into its convolution."""
    network = network.eval().to(memory_format=torch.contiguous_format)
    for unit in [m for m in network.modules() if isinstance(m, ConvUnit)]:
        unit[0] = fuse_conv_bn_eval(unit[0], unit[1])
        unit[1] = nn.Identity()
    return network


def _core(network: BoxNetwork, side: int, path: Path) -> None:
    torch.onnx.export(
        _Exported(_folded(network)),
        (torch.zeros(1, 3, side, side),),
        str(path),
        input_names=[_UNIT],
        output_names=["boxes", "scores"],
        opset_version=_OPSET,
        dynamo=False,
    )


def _take_pixels(model: onnx.ModelProto, side: int, front: list[onnx.NodeProto]) -> None:
    """Put `front` before the graph and make uint8 [1, side, side, 3] its input."""
    graph = model.graph
    pixels = helper.make_tensor_value_info(_PIXELS, TensorProto.UINT8, [1, side, side, 3])
    del graph.input[:]
    graph.input.append(pixels)
    kept = list(graph.node)
    del graph.node[:]
    graph.node.extend([*front, *kept])


def _scalar(model: onnx.ModelProto, name: str, value: NDArray[np.generic]) -> str:
    model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
    return name


def _write_fp32(core: Path, side: int, pixels: PixelScale, path: Path) -> None:
    model = onnx.load(core)
    front = [
        helper.make_node("Transpose", [_PIXELS], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Cast", ["planes"], ["levels"], to=TensorProto.FLOAT),
    ]
    if pixels.zero:
        zero = _scalar(model, "pixel_zero", np.float32(pixels.zero))
        front.append(helper.make_node("Sub", ["levels", zero], ["centred"]))
    scale = _scalar(model, "pixel_scale", np.float32(1 / pixels.span))
    front.append(helper.make_node("Mul", [front[-1].output[0], scale], [_UNIT]))
    _take_pixels(model, side, front)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _float_tail(model: onnx.ModelProto) -> list[str]:
    """Return the nodes that stay in float: each head's last convolution and the box decoding."""
    names = [n.name for n in model.graph.node]
    last = {n for n in names if n.startswith("/network/heads") and n.split("/")[4] == "cls.1"}
    last |= {n for n in names if n.startswith("/network/heads") and n.split("/")[4] == "box.1"}
    tail = {n for n in names if n.startswith("/network/") and n.count("/") == 2}
    outer = {n for n in names if not n.startswith("/network/")}
    return sorted(last | tail | outer)


def _write_int8(
    core: Path,
    tensors: list[NDArray[np.uint8]],
    pixels: PixelScale,
    path: Path,
    *,
    widest: bool,
) -> None:
    """Quantize the core; then let it take pixels as the quantized numbers that they are."""
    units = [
        (t.transpose(0, 3, 1, 2).astype(np.float32) - pixels.zero) / pixels.span for t in tensors
    ]
    float_core = onnx.load(core)
    tail = _float_tail(float_core)
    levels = (1 / pixels.span, pixels.zero)
    model = quantized(float_core, units, _QUANTIZED_OPS, tail, widest=widest, levels=levels)
    first = next(n for n in model.graph.node if _UNIT in n.input)
    after = next(n for n in model.graph.node if first.output[0] in n.input)
    scale = _scalar(model, "pixel_scale", np.float32(1 / pixels.span))
    zero = _scalar(model, "pixel_zero", np.uint8(pixels.zero))
    planes = helper.make_node("Transpose", [_PIXELS], ["planes"], perm=[0, 3, 1, 2])
    read = helper.make_node("DequantizeLinear", ["planes", scale, zero], [after.output[0]])
    model.graph.node.remove(first)
    model.graph.node.remove(after)
    _take_pixels(model, tensors[0].shape[1], [planes, read])
    onnx.checker.check_model(model)
    onnx.save(model, path)


def export(
    network: BoxNetwork,
    side: int,
    calibration: list[NDArray[np.uint8]],
    folder: Path,
    *,
    widest: bool = False,
) -> None:
    """Write `model.fp32.onnx` and `model.int8.onnx` into `folder`.

    Args:
        network: The trained network; its batch norms are folded in place.
        side: Side of the square input.
        calibration: uint8 [1, side, side, 3] inputs made from training pictures.
        folder: Must exist.
        widest: How int8's ranges are chosen, as `quantized` takes it.
    """
    logging.getLogger("onnxruntime").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as draft:
        core = Path(draft) / "core.onnx"
        _core(network, side, Path(draft) / "traced.onnx")
        quant_pre_process(str(Path(draft) / "traced.onnx"), str(core))
        _write_fp32(core, side, network.pixels, folder / "model.fp32.onnx")
        int8 = folder / "model.int8.onnx"
        _write_int8(core, calibration, network.pixels, int8, widest=widest)
