"""The parts of onnx.proto that a detector needs, field by field; all else is refused.

Source: onnx/onnx.proto of the ONNX project, IR version 14. A message that is not listed here
(functions, training, graphs inside nodes, sequences, maps, sparse tensors) is never entered, so
no message can hold itself and the depth of a file is bounded by these tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """How a field's value is written and read."""

    INT64 = "int64"
    INT32 = "int32"
    UINT64 = "uint64"
    FLOAT = "float"
    DOUBLE = "double"
    NAME = "name"
    TEXT = "text"
    BYTES = "bytes"
    MESSAGE = "message"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message.

    Attributes:
        message: The name of the inner message's table, for `Kind.MESSAGE`.
        why: What a file with it says or does, for `Kind.REFUSED`: the end of a sentence.
    """

    name: str
    kind: Kind
    is_repeated: bool = False
    message: str = ""
    why: str = ""


def _one(name: str, kind: Kind) -> Field:
    return Field(name, kind)


def _many(name: str, kind: Kind) -> Field:
    return Field(name, kind, is_repeated=True)


def _in(name: str, message: str) -> Field:
    return Field(name, Kind.MESSAGE, message=message)


def _all(name: str, message: str) -> Field:
    return Field(name, Kind.MESSAGE, is_repeated=True, message=message)


def _no(name: str, why: str) -> Field:
    return Field(name, Kind.REFUSED, why=why)


_SUBGRAPH = "it holds a graph inside a node (loop or branch); it could run for ever"
_SPARSE = "it holds sparse tensors, which detectors do not need"
_TYPES = "it passes sequences, maps or optional values; only tensors are accepted"
_EXTERNAL = "it keeps weights in another file; a model must be one whole file"
_DEVICES = "it says on which devices it wants to run; this machine decides that"

MODEL = "ModelProto"
TABLES: Mapping[str, Mapping[int, Field]] = {
    MODEL: {
        1: _one("ir_version", Kind.INT64),
        2: _one("producer_name", Kind.TEXT),
        3: _one("producer_version", Kind.TEXT),
        4: _one("domain", Kind.TEXT),
        5: _one("model_version", Kind.INT64),
        6: _one("doc_string", Kind.TEXT),
        7: _in("graph", "GraphProto"),
        8: _all("opset_import", "OperatorSetIdProto"),
        14: _all("metadata_props", "StringStringEntryProto"),
        20: _no("training_info", "it carries instructions for training; only finished models run"),
        25: _no("functions", "it brings functions of its own; only known operators are accepted"),
        26: _no("configuration", _DEVICES),
    },
    "OperatorSetIdProto": {1: _one("domain", Kind.NAME), 2: _one("version", Kind.INT64)},
    "StringStringEntryProto": {1: _one("key", Kind.TEXT), 2: _one("value", Kind.TEXT)},
    "GraphProto": {
        1: _all("node", "NodeProto"),
        2: _one("name", Kind.NAME),
        5: _all("initializer", "TensorProto"),
        10: _one("doc_string", Kind.TEXT),
        11: _all("input", "ValueInfoProto"),
        12: _all("output", "ValueInfoProto"),
        13: _all("value_info", "ValueInfoProto"),
        14: _all("quantization_annotation", "TensorAnnotation"),
        15: _no("sparse_initializer", _SPARSE),
        16: _all("metadata_props", "StringStringEntryProto"),
    },
    "TensorAnnotation": {
        1: _one("tensor_name", Kind.NAME),
        2: _all("quant_parameter_tensor_names", "StringStringEntryProto"),
    },
    "NodeProto": {
        1: _many("input", Kind.NAME),
        2: _many("output", Kind.NAME),
        3: _one("name", Kind.NAME),
        4: _one("op_type", Kind.NAME),
        5: _all("attribute", "AttributeProto"),
        6: _one("doc_string", Kind.TEXT),
        7: _one("domain", Kind.NAME),
        8: _no("overload", "it names variants of functions; only known operators are accepted"),
        9: _all("metadata_props", "StringStringEntryProto"),
        10: _no("device_configurations", _DEVICES),
    },
    "AttributeProto": {
        1: _one("name", Kind.NAME),
        2: _one("f", Kind.FLOAT),
        3: _one("i", Kind.INT64),
        4: _one("s", Kind.BYTES),
        5: _in("t", "TensorProto"),
        6: _no("g", _SUBGRAPH),
        7: _many("floats", Kind.FLOAT),
        8: _many("ints", Kind.INT64),
        9: _many("strings", Kind.BYTES),
        10: _no("tensors", "it holds lists of tensors in a node, which detectors do not need"),
        11: _no("graphs", _SUBGRAPH),
        13: _one("doc_string", Kind.TEXT),
        14: _no("tp", _TYPES),
        15: _no("type_protos", _TYPES),
        20: _one("type", Kind.INT32),
        21: _no("ref_attr_name", "it refers to arguments of a function; functions are refused"),
        22: _no("sparse_tensor", _SPARSE),
        23: _no("sparse_tensors", _SPARSE),
    },
    "TensorProto": {
        1: _many("dims", Kind.INT64),
        2: _one("data_type", Kind.INT32),
        3: _no("segment", "it holds a tensor in pieces; a tensor must be whole"),
        4: _many("float_data", Kind.FLOAT),
        5: _many("int32_data", Kind.INT32),
        6: _no("string_data", "it holds tensors of text, which detectors do not need"),
        7: _many("int64_data", Kind.INT64),
        8: _one("name", Kind.NAME),
        9: _one("raw_data", Kind.BYTES),
        10: _many("double_data", Kind.DOUBLE),
        11: _many("uint64_data", Kind.UINT64),
        12: _one("doc_string", Kind.TEXT),
        13: _no("external_data", _EXTERNAL),
        14: _one("data_location", Kind.INT32),
        16: _all("metadata_props", "StringStringEntryProto"),
    },
    "ValueInfoProto": {
        1: _one("name", Kind.NAME),
        2: _in("type", "TypeProto"),
        3: _one("doc_string", Kind.TEXT),
        4: _all("metadata_props", "StringStringEntryProto"),
    },
    "TypeProto": {
        1: _in("tensor_type", "TypeProto.Tensor"),
        4: _no("sequence_type", _TYPES),
        5: _no("map_type", _TYPES),
        6: _one("denotation", Kind.NAME),
        7: _no("opaque_type", _TYPES),
        8: _no("sparse_tensor_type", _SPARSE),
        9: _no("optional_type", _TYPES),
    },
    "TypeProto.Tensor": {1: _one("elem_type", Kind.INT32), 2: _in("shape", "TensorShapeProto")},
    "TensorShapeProto": {1: _all("dim", "TensorShapeProto.Dimension")},
    "TensorShapeProto.Dimension": {
        1: _one("dim_value", Kind.INT64),
        2: _one("dim_param", Kind.NAME),
        3: _one("denotation", Kind.NAME),
    },
}
