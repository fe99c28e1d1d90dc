"""Small foreign graphs with random weights, whose outputs follow a published layout."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 64
_COARSE = 8
FEATURES = 3 * _COARSE * _COARSE


def a_graph(outputs, *, names=(), seed=1, nhwc=False, dynamic=False, metadata=None):
    """Return a model of one 64 x 64 image: each output is (shape, spread, activation).

    Activations: "Sigmoid", "Relu" or "Identity"; "Corners" makes boxes in pixels.
    """
    rng = np.random.default_rng(seed)
    front = helper.make_node("Transpose", ["images"], ["planes"], perm=[0, 3, 1, 2])
    entry = "planes" if nhwc else "images"
    weights = rng.normal(0, 0.4, (3, 3, 3, 3)).astype(np.float32)
    step = SIDE // _COARSE
    nodes = ([front] if nhwc else []) + [
        helper.make_node("Conv", [entry, "kernel"], ["seen"], name="first", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["seen"], ["lit"], name="relu"),
        helper.make_node("Conv", ["lit", "kernel"], ["deep"], name="second", pads=[1, 1, 1, 1]),
        helper.make_node(
            "AveragePool", ["deep"], ["small"], kernel_shape=[step, step], strides=[step, step]
        ),
        helper.make_node("Flatten", ["small"], ["flat"]),
    ]
    constants = [numpy_helper.from_array(weights, "kernel")]
    told = []
    for i, (shape, spread, activation) in enumerate(outputs):
        name = names[i] if names else f"output{i}"
        count = int(np.prod(shape))
        matrix = rng.normal(0, spread / FEATURES**0.5, (FEATURES, count)).astype(np.float32)
        bias = rng.normal(0, spread, count).astype(np.float32)
        constants += [
            numpy_helper.from_array(matrix, f"w{i}"),
            numpy_helper.from_array(bias, f"b{i}"),
            numpy_helper.from_array(np.array(shape, np.int64), f"s{i}"),
        ]
        nodes += [
            helper.make_node("Gemm", ["flat", f"w{i}", f"b{i}"], [f"g{i}"]),
            helper.make_node("Reshape", [f"g{i}", f"s{i}"], [f"r{i}"]),
            helper.make_node(activation, [f"r{i}"], [name]),
        ]
        told.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)))
    sides = ["height", "width"] if dynamic else [SIDE, SIDE]
    shape = [1, *sides, 3] if nhwc else ["batch" if dynamic else 1, 3, *sides]
    image = helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, "small", [image], told, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    if metadata:
        helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    return model


CELLS = 8 * 8 + 4 * 4 + 2 * 2
# Name of the family -> outputs with room for three labels.
GRAPHS = {
    "nanodet": [((1, CELLS, 3 + 32), 1.0, "Sigmoid")],
    "rtdetr": [((1, 30, 3), 2.0, "Identity"), ((1, 30, 4), 1.0, "Sigmoid")],
    "detr": [((1, 30, 4), 2.0, "Identity"), ((1, 30, 4), 1.0, "Sigmoid")],
}
