"""Our reader of ONNX beside the ONNX project's own, on the same bytes."""

import numpy as np
import onnx
from onnx import numpy_helper

from edge_app.inference.onnx_graph import graph_of
from edge_app.inference.onnx_wire import read_model


def same_as_theirs(content):
    """Return how many parts our reader and the ONNX project's saw alike."""
    theirs = onnx.ModelProto.FromString(content).graph
    ours = graph_of(read_model(content).messages("graph")[0])
    assert [n.operator for n in ours.nodes] == [n.op_type for n in theirs.node]
    assert [list(n.inputs) for n in ours.nodes] == [list(n.input) for n in theirs.node]
    assert [list(n.outputs) for n in ours.nodes] == [list(n.output) for n in theirs.node]
    assert [v.name for v in ours.inputs] == [v.name for v in theirs.input]
    assert [v.name for v in ours.outputs] == [v.name for v in theirs.output]
    for mine, their in zip(ours.constants, theirs.initializer, strict=True):
        array = numpy_helper.to_array(their)
        assert mine.name == their.name
        assert mine.dims == array.shape
        assert np.array_equal(mine.values(), array.ravel(), equal_nan=array.dtype.kind == "f")
    for mine, their in zip(ours.nodes, theirs.node, strict=True):
        for attribute in their.attribute:
            got = mine.attributes[attribute.name]
            want = onnx.helper.get_attribute_value(attribute)
            if attribute.type in (1, 6):
                assert list(got.reals) == list(np.ravel(want))
            elif attribute.type in (2, 7):
                assert list(got.numbers) == list(np.ravel(want))
            elif attribute.type == 3:
                assert got.text == want
    return len(theirs.node) + len(theirs.initializer)
