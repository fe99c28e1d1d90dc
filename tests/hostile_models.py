"""ONNX files that no detector may be, each with a piece of the sentence that refuses it."""

from functools import lru_cache

import numpy as np
from onnx import TensorProto as Tensor
from onnx import helper, numpy_helper

SIDE = 352
INPUT = (1, SIDE, SIDE, 3)
FLOAT, INT64 = Tensor.FLOAT, Tensor.INT64


def constant(name, values, kind=np.float32):
    return numpy_helper.from_array(np.array(values, kind), name)


def in_list(kind, number):
    return Tensor(name="w", data_type=kind, dims=[1], int32_data=[number])


def node(operator, inputs, outputs, **attributes):
    return helper.make_node(operator, inputs, outputs, **attributes)


def value(name, dims, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, dims)


def a_model(nodes=(), constants=(), opset=17, ir_version=8, inputs=None, last="shown"):
    """Return a small graph from pixels to boxes [n, 4] and scores [n, 3] that is sound."""
    own = [
        node("Cast", ["pixels"], ["shown"], to=FLOAT),
        *nodes,
        node("Reshape", [last, "four"], ["boxes"]),
        node("Reshape", [last, "three"], ["flat"]),
        node("Sigmoid", ["flat"], ["scores"]),
    ]
    known = [constant("four", [-1, 4], np.int64), constant("three", [-1, 3], np.int64), *constants]
    graph = helper.make_graph(
        own,
        "detector",
        inputs or [value("pixels", INPUT, Tensor.UINT8)],
        [value("boxes", ["n", 4]), value("scores", ["m", 3])],
        known,
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir_version
    )


def wire(number, content):
    """Return one field that holds bytes, as protobuf writes it."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(number):
    octets = []
    while number > 0x7F:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*octets, number])


def with_node(operator, inputs, constants=(), **attributes):
    return lambda: a_model([node(operator, inputs, ["made"], **attributes)], constants)


def a_branch():
    return helper.make_graph(
        [node("Identity", ["shown"], ["inner"])], "b", [], [value("inner", [])]
    )


def a_loop():
    body = helper.make_graph(
        [node("Identity", ["going"], ["still"]), node("Identity", ["x"], ["y"])],
        "body",
        [value("i", [], INT64), value("going", [], Tensor.BOOL), value("x", None)],
        [value("still", [], Tensor.BOOL), value("y", None)],
    )
    times, going = constant("times", 2**62, np.int64), constant("yes", 1, np.bool_)
    return a_model([node("Loop", ["times", "yes", "shown"], ["made"], body=body)], [times, going])


def a_scan():
    body = helper.make_graph(
        [node("Identity", ["x"], ["y"])], "body", [value("x", None)], [value("y", None)]
    )
    return a_model([node("Scan", ["shown"], ["made"], body=body, num_scan_inputs=1)])


def an_external_tensor(where):
    tensor = constant("weights", [1.0] * 4)
    tensor.ClearField("raw_data")
    tensor.data_location = Tensor.EXTERNAL
    tensor.external_data.add(key="location", value=where)
    return tensor


def external(where):
    return lambda: a_model(constants=[an_external_tensor(where)])


def only_marked_external():
    tensor = an_external_tensor("x")
    tensor.ClearField("external_data")
    return a_model(constants=[tensor])


def not_marked_external():
    tensor = an_external_tensor("package.toml")
    tensor.ClearField("data_location")
    return a_model(constants=[tensor])


def sparse():
    model = a_model()
    values, indices = constant("s", [1.0]), constant("i", [0], np.int64)
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [4]))
    return model


def a_function():
    model = a_model()
    inner = [node("Identity", ["a"], ["b"])]
    opsets = [helper.make_opsetid("", 17)]
    model.functions.append(helper.make_function("mine", "Twice", ["a"], ["b"], inner, opsets))
    return model


def trained():
    model = a_model()
    model.training_info.add().algorithm.name = "steps"
    return model


def opsets(*given):
    def build():
        model = a_model()
        del model.opset_import[:]
        model.opset_import.extend(helper.make_opsetid(*one) for one in given)
        return model

    return build


def with_tensor(change):
    """Return a model whose tensor `weights` was changed after it was made."""

    def build():
        tensor = constant("weights", [1.0, 2.0])
        change(tensor)
        return a_model(constants=[tensor])

    return build


def dims(*sides):
    def change(tensor):
        del tensor.dims[:]
        tensor.dims.extend(sides)

    return change


def text_tensor():
    return a_model(constants=[helper.make_tensor("t", Tensor.STRING, [1], [b"x"])])


def a_sequence():
    model = a_model()
    model.graph.input.append(helper.make_tensor_sequence_value_info("s", FLOAT, [1]))
    return model


def a_lying_attribute():
    model = a_model([node("Softmax", ["shown"], ["made"], axis=1)])
    model.graph.node[1].attribute[0].type = 1  # says that it is a float
    return model


def an_attribute_twice():
    model = a_model([node("Softmax", ["shown"], ["made"], axis=1)])
    model.graph.node[1].attribute.append(model.graph.node[1].attribute[0])
    return model


def in_graph(field):
    """Return a serialized model with one more serialized field in its graph."""

    def build():
        model = a_model()
        graph = model.graph.SerializeToString() + field
        model.ClearField("graph")
        return model.SerializeToString() + wire(7, graph)

    return build


def in_model(field):
    return lambda: a_model().SerializeToString() + field


def a_side_twice():
    side = number_field(1, 4) + wire(2, b"n")  # a number and a name
    kind = wire(1, number_field(1, 1) + wire(2, wire(1, side)))
    return in_graph(wire(13, wire(1, b"v") + wire(2, kind)))()


def number_field(number, content):
    return varint(number << 3) + varint(content)


def nested(depth=2000):
    """Return a graph in a node in a graph in a node ..., as bytes."""
    graph = b""
    for _ in range(depth):
        attribute = wire(1, b"body") + wire(6, graph) + varint(20 << 3) + varint(5)
        graph = wire(1, wire(4, b"Identity") + wire(5, attribute))
    return in_graph(graph)()


def a_merge():
    """Return a model with two graphs, of which a lenient parser makes one."""
    evil = helper.make_graph([node("RandomNormal", [], ["r"], shape=[4])], "", [], [])
    return a_model().SerializeToString() + wire(7, evil.SerializeToString())


def cut():
    return a_model().SerializeToString()[:-7]


def overlong():
    """Return a model whose version 8 is written with a needless septet."""
    model = a_model()
    model.ClearField("ir_version")
    return bytes([1 << 3, 0x88, 0x00]) + model.SerializeToString()


def too_wide():
    """Return a tensor whose type is 1 for a parser that cuts to 32 bits."""
    tensor = number_field(1, 1) + number_field(2, 2**32 + 1) + wire(8, b"w") + wire(9, b"\0" * 4)
    return in_graph(wire(5, tensor))()


def padded_to(size):
    model = a_model()
    return model.SerializeToString() + wire(6, b"x" * size)


def many_nodes():
    model = a_model()
    model.graph.node.extend([node("Relu", ["shown"], [f"r{k}"]) for k in range(20_000)])
    return model


def blind():
    """Return a model that gives the same answer whatever the picture."""
    return a_model(constants=[constant("answer", [0.0] * 12)], last="answer")


def swapped():
    return a_model([node("Relu", ["late"], ["made"]), node("Abs", ["shown"], ["late"])])


def named(text):
    return lambda: a_model([node("Relu", ["shown"], [text])])


def resized(scales):
    return with_node(
        "Resize", ["shown", "", "scales"], [constant("scales", scales)], mode="nearest"
    )


LONG = np.int64(2**40)
# Name -> how it is built, and a piece of the one sentence that must refuse it.
HOSTILE = {
    "loop for ever": (a_loop, "a graph inside a node"),
    "branch": (
        lambda: a_model(
            [node("If", ["yes"], ["made"], then_branch=a_branch(), else_branch=a_branch())],
            [constant("yes", 1, np.bool_)],
        ),
        "a graph inside a node",
    ),
    "scan": (a_scan, "a graph inside a node"),
    "graphs 2,000 deep": (nested, "a graph inside a node"),
    "external data by absolute path": (external("/etc/passwd"), "in another file"),
    "external data above the folder": (external("../../secret"), "in another file"),
    "external data in the folder": (external("package.toml"), "in another file"),
    "external data in a node": (
        lambda: a_model([node("Constant", [], ["made"], value=an_external_tensor("package.toml"))]),
        "in another file",
    ),
    "external data without a place": (only_marked_external, "lies in another file"),
    "external data that is not marked": (not_marked_external, "in another file"),
    "sparse weights": (sparse, "sparse tensors"),
    "function of its own": (a_function, "functions of its own"),
    "operator of an unknown domain": (
        with_node("Twice", ["shown"], domain="com.example"), "of com.example, which is not known"),
    "operator nobody knows": (with_node("Backdoor", ["shown"]), "operator Backdoor is not one"),
    "contributed operator off the list": (
        with_node("BeamSearch", ["shown"], domain="com.microsoft"), "operator BeamSearch"),
    "operator of randomness": (with_node("RandomNormal", [], shape=[4]), "operator RandomNormal"),
    "operator that unpacks pictures": (with_node("ImageDecoder", ["shown"]), "ImageDecoder"),
    "sequence": (with_node("SequenceConstruct", ["shown"]), "operator SequenceConstruct"),
    "operators of the future": (opsets(("", 99)), "of version 99"),
    "operators of the past": (opsets(("", 1)), "of version 1;"),
    "no version of the operators": (opsets(), "once, and only once"),
    "two versions of the operators": (opsets(("", 17), ("ai.onnx", 13)), "once, and only once"),
    "import of an unknown domain": (opsets(("", 17), ("com.example", 1)), "operators of com.exam"),
    "format of the future": (lambda: a_model(ir_version=99), "format is version 99"),
    "a million nodes": (in_graph(b"\x0a\x00" * 1_000_000), "more than 200,000 parts"),
    "a million numbers": (
        in_graph(wire(5, b"\x08\x01" * 1_100_000)), "more than 1,000,000 entries"),
    "20,000 nodes too many": (many_nodes, "20,004 operators"),
    "tensor of 2^62 values": (with_tensor(dims(2**62)), "holds 2 values where its shape"),
    "tensor with a side below nothing": (with_tensor(dims(-1, -2)), "impossible shape"),
    "tensor of nine sides": (with_tensor(dims(*[1] * 8, 2)), "impossible shape"),
    "tensor that is too short": (with_tensor(dims(3)), "holds 2 values"),
    "tensor that is too long": (with_tensor(dims(1)), "holds 2 values"),
    "tensor with half a value": (
        with_tensor(lambda t: setattr(t, "raw_data", b"\0" * 7)), "weights is cut"),
    "tensor with two sets of values": (
        with_tensor(lambda t: t.float_data.extend([3.0, 4.0])), "in two places"),
    "tensor of text": (text_tensor, "tensors of text"),
    "tensor of complex numbers": (
        with_tensor(lambda t: setattr(t, "data_type", Tensor.COMPLEX64)), "a type that detectors"),
    "weights that are no numbers": (
        lambda: a_model(constants=[constant("w", [1.0, np.nan])]), "values that are no numbers"),
    "weights without end": (
        lambda: a_model(constants=[constant("w", [1.0, np.inf])]), "holds infinite values"),
    "number that is another to the runtime": (
        lambda: a_model(constants=[in_list(Tensor.UINT8, -1)]), "has no room for"),
    "truth that is neither": (
        lambda: a_model(constants=[in_list(Tensor.BOOL, 2)]), "has no room for"),
    "input of 2^62 pixels": (
        lambda: a_model(inputs=[value("pixels", (1, 2**31, 2**31, 3), Tensor.UINT8)]),
        "pixels has more than"),
    "input with a side below nothing": (
        lambda: a_model(inputs=[value("pixels", (1, -5, 9, 3), Tensor.UINT8)]), "of pixels is -5"),
    "input of nothing": (
        lambda: a_model(inputs=[value("pixels", (1, 0, 9, 3), Tensor.UINT8)]), "no shape or type"),
    "input of another size": (
        lambda: a_model(inputs=[value("pixels", (1, 64, 64, 3), Tensor.UINT8)]), "promises one"),
    "input of another type": (lambda: a_model(inputs=[value("pixels", INPUT)]), "promises one"),
    "input of any size": (
        lambda: a_model(inputs=[value("pixels", (1, "h", "w", 3), Tensor.UINT8)]), "promises one"),
    "side that is a number and a name": (a_side_twice, "a number and a name"),
    "sequence as input": (a_sequence, "only tensors are accepted"),
    "nothing made of much: ConstantOfShape": (
        with_node("ConstantOfShape", ["n"], [constant("n", [LONG], np.int64)]), "ConstantOfShape"),
    "nothing made of much: Constant": (
        lambda: a_model([
            node("Constant", [], ["n"], value_ints=[2**40]),
            node("Identity", ["n"], ["again"]),
            node("ConstantOfShape", ["again"], ["made"]),
        ]),
        "ConstantOfShape",
    ),
    "nothing made of much: a shape of 65 sides": (
        with_node("ConstantOfShape", ["n"], [constant("n", [2] * 65, np.int64)]), "more than 8 si"),
    "nothing made of much: Expand": (
        with_node("Expand", ["shown", "n"], [constant("n", [LONG, 1], np.int64)]), "a Expand node"),
    "nothing made of much: Tile": (
        with_node("Tile", ["shown", "n"], [constant("n", [1, 4096, 4096, 1], np.int64)]), "copies"),
    "nothing made of much: Range": (
        with_node("Range", ["a", "b", "c"],
                  [constant("a", 0.0), constant("b", 1e18), constant("c", 1.0)]), "a Range node"),
    "nothing made of much: endless Range": (
        with_node("Range", ["a", "b", "a"], [constant("a", 0.0), constant("b", 1.0)]), "without e"),
    "nothing made of much: Pad": (
        with_node("Pad", ["shown", "n"], [constant("n", [LONG] * 8, np.int64)]), "of margin"),
    "nothing made of much: Conv": (
        with_node("Conv", ["shown", "w"], [constant("w", [[[[1.0]]]])], pads=[2**40] * 4),
        "a Conv node"),
    "nothing made of much: OneHot": (
        with_node("OneHot", ["shown", "n", "v"],
                  [constant("n", LONG, np.int64), constant("v", [0.0, 1.0])]), "classes"),
    "picture a million times as large": (resized([1.0, 1.0, 1e6, 1.0]), "times as large"),
    "picture of negative size": (resized([1.0, 1.0, -1.0, 1.0]), "times as large"),
    "values used before they are made": (swapped, "late is used before anything makes it"),
    "values that nobody makes": (with_node("Relu", ["nowhere"]), "nowhere is used before"),
    "a value made twice": (lambda: a_model([node("Relu", ["shown"], ["shown"])]), "is made twice"),
    "constants of one name": (
        lambda: a_model(constants=[constant("four", [1, 4], np.int64)]), "have one name"),
    "output that nobody makes": (
        lambda: with_output(value("nobody", [1])), "nothing makes the output nobody"),
    "answer that does not look": (blind, "no output depends on the picture"),
    "parameter that lies about its type": (a_lying_attribute, "not of the type that it says"),
    "parameter twice": (an_attribute_twice, "one parameter twice"),
    "name that reads backwards": (named("x\u202egnp"), "cannot be shown"),
    "name with a zero": (named("x\0y"), "cannot be shown"),
    "name of 2,000 letters": (named("x" * 2000), "longer than 1,024 bytes"),
    "name that is no text": (
        in_graph(wire(13, wire(1, b"\xff\xfe"))), "is not text"),
    "training steps": (trained, "instructions for training"),
    "two graphs that a parser merges": (a_merge, "graph is written twice"),
    "number longer than it must be": (overlong, "longer than it may be"),
    "number of more than 64 bits": (in_model(b"\x08" + b"\xff" * 10 + b"\x01"), "than it may be"),
    "number cut to 32 bits": (too_wide, "does not fit its 32 bits"),
    "cut file": (cut, "damaged"),
    "number that is cut": (in_model(b"\x28\x80"), "in the middle of a number"),
    "part longer than the file": (in_model(varint(6 << 3 | 2) + varint(2**62)), "than the file"),
    "unknown entry": (in_model(wire(99, b"surprise")), "unknown entry, number 99"),
    "known entry in a wrong form": (in_model(number_field(7, 1)), "in a wrong form"),
    "group": (in_model(bytes([6 << 3 | 3, 6 << 3 | 4])), "in a wrong form"),
    "bytes after the end": (in_model(b"\0\0\0"), "unknown entry, number 0"),
    "no graph": (lambda: helper.make_model(helper.make_graph([], "g", [], []))
                 .SerializeToString()[:2], "no graph"),
    "too large": (lambda: padded_to(16 * 1024 * 1024), "1 to 16,777,216 are accepted"),
    "script": (lambda: b"#!/bin/sh\nexit\n", "written in a wrong form"),
}  # fmt: skip


def with_output(output):
    model = a_model()
    model.graph.output.append(output)
    return model


@lru_cache
def hostile_bytes(name):
    """Return one hostile file's content."""
    built = HOSTILE[name][0]()
    return built if isinstance(built, bytes) else built.SerializeToString()
