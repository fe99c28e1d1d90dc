"""The shipped graph in the layout of Ultralytics' YOLOv8 exports, so that its predictor reads it.

Knows nothing of edge_app. The layout: in, float32 [1, 3, h, w], RGB, 0 to 1; out, float32
[1, 4 + labels, cells], centre, width and height in input pixels, then the scores; the metadata
`task`, `stride`, `imgsz`, `batch`, `names` (docs.ultralytics.com, Export and Predict, version 8.4).
The network between is the shipped one, weights and all.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def _numbers(graph, name, values):
    graph.initializer.append(numpy_helper.from_array(values, name))
    return name


def _front(graph, side):
    (given,) = graph.input
    nodes = [
        helper.make_node("Mul", ["images", _numbers(graph, "yolo_255", np.float32(255))], ["y_a"]),
        helper.make_node("Round", ["y_a"], ["y_b"]),
        helper.make_node("Cast", ["y_b"], ["y_c"], to=TensorProto.UINT8),
        helper.make_node("Transpose", ["y_c"], [given.name], perm=[0, 2, 3, 1]),
    ]
    del graph.input[:]
    graph.input.append(
        helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, side, side])
    )
    return nodes


def _back(graph, labels, cells):
    boxes, scores = (o.name for o in graph.output)
    corners_to_centre = np.array(
        [[0.5, 0, -1, 0], [0, 0.5, 0, -1], [0.5, 0, 1, 0], [0, 0.5, 0, 1]], np.float32
    )
    nodes = [
        helper.make_node("MatMul", [boxes, _numbers(graph, "yolo_m", corners_to_centre)], ["y_d"]),
        helper.make_node("Concat", ["y_d", scores], ["y_e"], axis=1),
        helper.make_node("Transpose", ["y_e"], ["y_f"], perm=[1, 0]),
        helper.make_node(
            "Unsqueeze", ["y_f", _numbers(graph, "yolo_0", np.array([0]))], ["output0"]
        ),
    ]
    del graph.output[:]
    graph.output.append(
        helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, 4 + labels, cells])
    )
    return nodes


def write_in_yolo_layout(source, target, labels):
    """Write the graph of the file `source` (uint8 pixels in; boxes, scores out) to `target`."""
    model = onnx.load(source)
    graph = model.graph
    side = graph.input[0].type.tensor_type.shape.dim[1].dim_value
    cells = graph.output[0].type.tensor_type.shape.dim[0].dim_value
    nodes = [*_front(graph, side), *graph.node, *_back(graph, len(labels), cells)]
    del graph.node[:]
    graph.node.extend(nodes)
    said = {
        "task": "detect", "stride": "32", "batch": "1", "imgsz": str([side, side]),
        "names": str(dict(enumerate(labels))), "channels": "3",
    }  # fmt: skip
    del model.metadata_props[:]
    helper.set_model_props(model, said)
    onnx.checker.check_model(model)
    onnx.save(model, target)
