"""A foreign graph behind an input of uint8 pixels [1, h, w, 3], RGB."""

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edge_app.inference.build.families import Feeding

PIXELS = "edge_pixels"
_SCALED = "edge_scaled"
_SCALE = "edge_scale"


def _constant(model: onnx.ModelProto, name: str, value: NDArray[np.generic]) -> str:
    model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
    return name


def _channels(values: Sequence[float], *, planar: bool) -> NDArray[np.float32]:
    shape = (1, -1, 1, 1) if planar and len(values) == 3 else (-1,)
    return np.array(values, np.float32).reshape(shape if len(values) == 3 else ())


class _Steps:
    """The nodes that come before the graph, each fed by the one before it."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.nodes: list[onnx.NodeProto] = []
        self.last = PIXELS

    def add(self, operator: str, *more: str, **said: int | Sequence[int]) -> None:
        """Feed what came last, and `more`, to one operator."""
        made = f"edge_{operator.lower()}"
        self.nodes.append(helper.make_node(operator, [self.last, *more], [made], name=made, **said))
        self.last = made


def take_pixels(model: onnx.ModelProto, feeding: Feeding, input_name: str, *, planar: bool) -> None:
    """Make uint8 [1, h, w, 3] RGB pixels the input of `model`, in place.

    Channel order, layout, number format and (level - mean) / std become nodes of the graph.
    """
    old = next(v for v in model.graph.input if v.name == input_name)
    sides = [d.dim_value for d in old.type.tensor_type.shape.dim]
    height, width = sides[2:] if planar else sides[1:3]
    element = old.type.tensor_type.elem_type
    steps = _Steps(model)
    if feeding.bgr:
        order = _constant(model, "edge_bgr", np.array([2, 1, 0], np.int64))
        steps.add("Gather", order, axis=3)
    if planar:
        steps.add("Transpose", perm=[0, 3, 1, 2])
    if element != TensorProto.UINT8:
        steps.add("Cast", to=TensorProto.FLOAT)
        if any(feeding.mean):
            mean = _channels(feeding.mean, planar=planar)
            steps.add("Sub", _constant(model, "edge_mean", mean))
        if set(feeding.std) != {1.0}:
            scale = 1 / _channels(feeding.std, planar=planar)
            steps.add("Mul", _constant(model, _SCALE, np.asarray(scale, np.float32)))
        if element == TensorProto.FLOAT16:
            steps.nodes.append(helper.make_node("Cast", [steps.last], ["edge_half"], to=element))
            steps.last = "edge_half"
    _join(model, steps, input_name)
    pixels = helper.make_tensor_value_info(PIXELS, TensorProto.UINT8, [1, height, width, 3])
    model.graph.input.remove(old)
    model.graph.input.insert(0, pixels)


def _join(model: onnx.ModelProto, steps: _Steps, input_name: str) -> None:
    """Put the steps before the graph and let them feed what the old input fed."""
    for node in model.graph.node:
        for index, name in enumerate(node.input):
            if name == input_name:
                node.input[index] = steps.last
    kept = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*steps.nodes, *kept])


def read_levels_directly(model: onnx.ModelProto) -> None:
    """Where a quantized graph first scales pixels and then quantizes them again, do neither.

    A pixel is already a quantized number: of the scale 1 / std and the zero 0. Only for a scale
    without mean; anything else stays as it is.
    """
    made = {o: n for n in model.graph.node for o in n.output}
    mul = made.get("edge_mul")
    cast = made.get(mul.input[0]) if mul else None
    first = [n for n in model.graph.node if mul and mul.output[0] in n.input]
    if mul is None or cast is None or cast.op_type != "Cast" or not first:
        return
    scale = next(t for t in model.graph.initializer if t.name == _SCALE)
    if any(n.op_type != "QuantizeLinear" for n in first) or scale.dims:
        return
    after = [n for n in model.graph.node if any(q.output[0] == n.input[0] for q in first)]
    if any(n.op_type != "DequantizeLinear" for n in after):
        return
    zero = _constant(model, "edge_zero", np.asarray(np.uint8(0)))
    read = helper.make_node("DequantizeLinear", [cast.input[0], _SCALE, zero], [_SCALED])
    for node in model.graph.node:
        for index, name in enumerate(node.input):
            if any(name == d.output[0] for d in after):
                node.input[index] = _SCALED
    place = list(model.graph.node).index(cast)
    for gone in [*after, *first, mul, cast]:
        model.graph.node.remove(gone)
    model.graph.node.insert(place, read)


def give_outputs(model: onnx.ModelProto, names: Sequence[str]) -> None:
    """Make `names` the outputs of `model`, in that order, in place."""
    known = {o.name: o for o in model.graph.output}
    kept = [known[name] for name in names]
    del model.graph.output[:]
    model.graph.output.extend(kept)


def named_domains_only(model: onnx.ModelProto) -> None:
    """Forget the versions of operator sets that no node uses, in place."""
    used = {node.domain for node in model.graph.node} | {""}
    kept = [o for o in model.opset_import if o.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(kept)
