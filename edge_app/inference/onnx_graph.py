"""The graph of an ONNX file as typed parts: values, tensors, nodes; each checked on its own."""

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from edge_app.inference.onnx_wire import Message, refusal

_MOST_DIMS = 8
_EXTERNAL = 1  # TensorProto.DataLocation
_WIDEST = 8  # bytes; no list is wider than these numbers


class Element(IntEnum):
    """TensorProto.DataType, as far as detectors need it: no text, no complex numbers."""

    FLOAT = 1
    UINT8 = 2
    INT8 = 3
    UINT16 = 4
    INT16 = 5
    INT32 = 6
    INT64 = 7
    BOOL = 9
    FLOAT16 = 10
    DOUBLE = 11
    UINT32 = 12
    UINT64 = 13


_LETTERS = {
    Element.FLOAT: "<f4",
    Element.UINT8: "u1",
    Element.INT8: "i1",
    Element.UINT16: "<u2",
    Element.INT16: "<i2",
    Element.INT32: "<i4",
    Element.INT64: "<i8",
    Element.BOOL: "u1",
    Element.FLOAT16: "<f2",
    Element.DOUBLE: "<f8",
    Element.UINT32: "<u4",
    Element.UINT64: "<u8",
}
_REAL = (Element.FLOAT, Element.FLOAT16, Element.DOUBLE)
# Which list holds an element that is not raw (onnx.proto, comments at TensorProto).
_LISTS = dict.fromkeys(_LETTERS, "int32_data") | {
    Element.FLOAT: "float_data",
    Element.DOUBLE: "double_data",
    Element.INT64: "int64_data",
    Element.UINT32: "uint64_data",
    Element.UINT64: "uint64_data",
}
_DATA = ("raw_data", "float_data", "double_data", "int32_data", "int64_data", "uint64_data")


@dataclass(frozen=True, slots=True)
class Tensor:
    """A constant of the graph; its values are still views of the file.

    Attributes:
        dims: Its shape, each at least 0.
    """

    name: str
    element: Element
    dims: tuple[int, ...]
    source: Message

    @property
    def size(self) -> int:
        """How many values it has."""
        return math.prod(self.dims)

    def values(self) -> NDArray[np.float64] | NDArray[np.int64]:
        """Return its values, flat: float64 for floats, int64 for whole numbers."""
        letter = _LETTERS[self.element]
        raw = self.source.spans.get("raw_data")
        if raw:
            kept = np.frombuffer(raw[0], letter)
            return kept.astype(np.float64) if self.element in _REAL else kept.astype(np.int64)
        where = _LISTS[self.element]
        if where in {"float_data", "double_data"}:
            return self.source.floats(where, letter)
        numbers = np.array(self.source.numbers.get(where, []), np.int64)
        if self.element is Element.FLOAT16:  # written as the 16 bits of each
            return numbers.astype(np.uint16).view(np.float16).astype(np.float64)
        return numbers

    def worst(self) -> str:
        """Return what is wrong with the values, or nothing.

        Not-a-number is wrong anywhere. Infinity may stand alone, as the edge of a clip or a mask.
        """
        if self.element not in _REAL:
            return ""
        raw = self.source.spans.get("raw_data")
        values = np.frombuffer(raw[0], _LETTERS[self.element]) if raw else self.values()
        with np.errstate(all="ignore"):
            suspicious = values.size and not np.isfinite(np.abs(values).max())
        if not suspicious:
            return ""
        if np.isnan(values).any():
            return f"the tensor {self.name} holds values that are no numbers"
        return "" if values.size == 1 else f"the tensor {self.name} holds infinite values"


def tensor_of(message: Message, name: str = "") -> Tensor:
    """Return one TensorProto; `name` is what errors call it where it has none.

    Raises:
        DetectorRefusedError: Its type, shape and values do not fit each other, or it lies
            outside the file.
    """
    called = message.text("name") or name
    if message.number("data_location") == _EXTERNAL:
        raise refusal(f"the tensor {called} lies in another file; a model must be one whole file")
    dims = tuple(message.numbers.get("dims", []))
    try:
        element = Element(message.number("data_type"))
    except ValueError as error:
        raise refusal(f"the tensor {called} has a type that detectors do not need") from error
    if len(dims) > _MOST_DIMS or any(d < 0 for d in dims):
        raise refusal(f"the tensor {called} has an impossible shape")
    tensor = Tensor(called, element, dims, message)
    held = _held(tensor)
    if held != tensor.size:
        raise refusal(f"the tensor {called} holds {held:,} values where its shape says otherwise")
    if not _has_room(tensor):
        raise refusal(f"the tensor {called} holds numbers that its type has no room for")
    return tensor


def _has_room(tensor: Tensor) -> bool:
    """Return whether numbers that stand in a list wider than the type are what they seem.

    A runtime keeps their low bits; what is looked at here must be what it computes with.
    """
    numbers = tensor.source.numbers.get(_LISTS[tensor.element], [])
    letter = "<u2" if tensor.element is Element.FLOAT16 else _LETTERS[tensor.element]
    kind = np.dtype(letter)
    if not numbers or kind.kind == "f" or kind.itemsize == _WIDEST:
        return True
    high = 1 if tensor.element is Element.BOOL else int(np.iinfo(kind).max)
    return int(np.iinfo(kind).min) <= min(numbers) and max(numbers) <= high


def _held(tensor: Tensor) -> int:
    """Return how many values are written, in the one place where they belong."""
    message = tensor.source
    places = [name for name in message.names() if name in _DATA]
    if not places:
        return 0
    (place, *others) = places
    if others or place not in {"raw_data", _LISTS[tensor.element]}:
        raise refusal(f"the tensor {tensor.name} has its values in a wrong place or in two places")
    width = np.dtype(_LETTERS[tensor.element]).itemsize
    if place in message.spans:
        n_bytes = message.spans[place][0].nbytes
        if n_bytes % width or place in message.reals:
            raise refusal(f"the tensor {tensor.name} is cut")
        return n_bytes // width
    return len(message.numbers.get(place, [])) + len(message.reals.get(place, []))


@dataclass(frozen=True, slots=True)
class Attribute:
    """A fixed parameter of a node.

    Attributes:
        numbers: Its whole numbers, one or a list.
        reals: Its floats, one or a list.
        text: Its text, or nothing.
        tensor: Its tensor, or none.
    """

    name: str
    numbers: tuple[int, ...]
    reals: tuple[float, ...]
    text: bytes
    tensor: Tensor | None


# AttributeProto.AttributeType -> the one field that may then be written.
_ATTRIBUTE_FIELDS = {1: "f", 2: "i", 3: "s", 4: "t", 6: "floats", 7: "ints", 8: "strings"}
_BESIDES = frozenset({"name", "type", "doc_string"})


def attribute_of(message: Message) -> Attribute:
    """Return one AttributeProto.

    Raises:
        DetectorRefusedError: What is written is not of the type that it says.
    """
    name, kind = message.text("name"), message.number("type")
    wanted = _ATTRIBUTE_FIELDS.get(kind)
    if wanted is None:
        raise refusal(f"the parameter {name} of a node has a type that is not accepted")
    if not {wanted, *_BESIDES}.issuperset(message.names()):
        raise refusal(f"the parameter {name} of a node is not of the type that it says")
    tensors = message.messages("t")
    if wanted == "t" and not tensors:
        raise refusal(f"the parameter {name} of a node lacks its tensor")
    letters = message.spans.get("s", [])
    return Attribute(
        name=name,
        numbers=(message.number("i"),) if wanted == "i" else tuple(message.numbers.get("ints", [])),
        reals=tuple(message.reals.get("f", [])) or tuple(message.floats("floats").tolist()),
        text=bytes(letters[0]) if letters else b"",
        tensor=tensor_of(tensors[0], name) if tensors else None,
    )


@dataclass(frozen=True, slots=True)
class Node:
    """One operator of the graph."""

    operator: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Attribute]


def node_of(message: Message) -> Node:
    """Return one NodeProto.

    Raises:
        DetectorRefusedError: A parameter is not valid or stands there twice.
    """
    found = [attribute_of(a) for a in message.messages("attribute")]
    attributes = {a.name: a for a in found}
    operator = message.text("op_type")
    if len(attributes) != len(found):
        raise refusal(f"a {operator} node has one parameter twice")
    domain = message.text("domain")
    return Node(
        operator,
        "" if domain == "ai.onnx" else domain,
        tuple(message.texts.get("input", [])),
        tuple(message.texts.get("output", [])),
        attributes,
    )


@dataclass(frozen=True, slots=True)
class GraphValue:
    """An input or output of the graph.

    Attributes:
        dims: Its shape; None for a side that the file leaves open.
    """

    name: str
    element: int
    dims: tuple[int | None, ...]


def value_of(message: Message) -> GraphValue:
    """Return one ValueInfoProto; -1 and a name stand for an open side, as exporters write it.

    Raises:
        DetectorRefusedError: A side is zero or less, or is a number and a name at once.
    """
    name, dims = message.text("name"), list[int | None]()
    types = message.messages("type")
    tensor = types[0].messages("tensor_type") if types else []
    shape = tensor[0].messages("shape") if tensor else []
    for dim in shape[0].messages("dim") if shape else []:
        if "dim_value" in dim.numbers and "dim_param" in dim.texts:
            raise refusal(f"a side of {name} is a number and a name at once")
        side = dim.number("dim_value") if "dim_value" in dim.numbers else -1
        if side < -1:
            raise refusal(f"a side of {name} is {side}")
        dims.append(None if side == -1 else side)
    return GraphValue(name, tensor[0].number("elem_type") if tensor else 0, tuple(dims))


@dataclass(frozen=True, slots=True)
class Graph:
    """All that the graph of a file says."""

    name: str
    nodes: tuple[Node, ...]
    constants: tuple[Tensor, ...]
    inputs: tuple[GraphValue, ...]
    outputs: tuple[GraphValue, ...]
    values: tuple[GraphValue, ...]


def graph_of(message: Message) -> Graph:
    """Return the typed parts of a GraphProto.

    Raises:
        DetectorRefusedError: One of them is not valid.
    """
    return Graph(
        message.text("name"),
        tuple(node_of(m) for m in message.messages("node")),
        tuple(tensor_of(m) for m in message.messages("initializer")),
        tuple(value_of(m) for m in message.messages("input")),
        tuple(value_of(m) for m in message.messages("output")),
        tuple(value_of(m) for m in message.messages("value_info")),
    )
