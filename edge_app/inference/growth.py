"""Operators that make much out of little, and how much each may make as far as the file says.

What a file hides in arithmetic is not seen here; the worker's memory limit and deadline meet it.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_app.inference.onnx_graph import Graph, Node, Tensor

MOST_ELEMENTS = 1 << 26  # 256 MiB of floats: a 4,096 x 4,096 picture four times over
_MOST_SIDES = 8
_LARGEST_SIDE = 1 << 14
_LARGEST_WINDOW = 1 << 10
_MOST_REPEATS = 1 << 16
_LARGEST_SCALE = 64.0
_LONGEST_OPERAND = 64

Values = NDArray[np.float64] | NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Operands:
    """What is known of a node's inputs and parameters before anything runs."""

    node: Node
    known: Mapping[str, Values]

    def at(self, position: int) -> list[float]:
        """Return the values of a constant input; none where it is made at run time."""
        names = self.node.inputs
        found = self.known.get(names[position]) if position < len(names) else None
        return [] if found is None else found.tolist()

    def numbers(self, *names: str) -> list[int]:
        """Return the whole numbers of these parameters."""
        found = [self.node.attributes[n] for n in names if n in self.node.attributes]
        return [number for attribute in found for number in attribute.numbers]

    def reals(self, name: str) -> tuple[float, ...]:
        """Return a parameter's floats."""
        found = self.node.attributes.get(name)
        return found.reals if found else ()


def _over(amount: float, limit: float, unit: str) -> str:
    return "" if amount <= limit else f"{amount:,.0f} {unit}"


def _over_product(sides: list[float], limit: int, unit: str) -> str:
    if len(sides) > _MOST_SIDES:
        return f"a shape of more than {_MOST_SIDES} sides"
    return _over(math.prod(abs(s) for s in sides), limit, unit) if sides else ""


def _largest(sides: Iterable[float]) -> float:
    return max((abs(s) for s in sides), default=0)


def _filled(operands: Operands) -> str:
    return _over_product(operands.at(0), MOST_ELEMENTS, "values")


def _expanded(operands: Operands) -> str:
    return _over_product(operands.at(1), MOST_ELEMENTS, "values")


def _repeated(operands: Operands) -> str:
    return _over_product(operands.at(1), _MOST_REPEATS, "copies")


def _counted(operands: Operands) -> str:
    first, last, step = (operands.at(k) for k in range(3))
    if not (first and last and step):
        return ""
    if step[0] == 0:
        return "a row of numbers without end"
    return _over(abs((last[0] - first[0]) / step[0]), MOST_ELEMENTS, "values")


def _padded(operands: Operands) -> str:
    pads = [*operands.at(1), *operands.numbers("pads")]
    return _over(_largest(pads), _LARGEST_SIDE, "pixels of margin")


def _enlarged(operands: Operands) -> str:
    # Opset 10 has the scales as the second input, later ones as the third; the sizes are fourth.
    position = 1 if operands.node.operator == "Upsample" or len(operands.node.inputs) == 2 else 2
    scales = [*operands.reals("scales"), *operands.at(position)]
    if not all(0 < s <= _LARGEST_SCALE for s in scales):
        return f"a picture {_largest(scales):g} times as large"
    sizes = operands.at(3)
    if any(s <= 0 for s in sizes):
        return "a picture without size"
    return _over_product(sizes, MOST_ELEMENTS, "values")


def _windowed(operands: Operands) -> str:
    windows = operands.numbers("kernel_shape", "strides", "dilations", "output_padding")
    margins = operands.numbers("pads", "output_shape")
    return _over(_largest(windows), _LARGEST_WINDOW, "pixels of window") or _over(
        _largest(margins), _LARGEST_SIDE, "pixels of margin"
    )


def _hot(operands: Operands) -> str:
    return _over_product(operands.at(1), _LARGEST_SIDE, "classes")


def _cut_out(operands: Operands) -> str:
    sides = operands.numbers("output_height", "output_width", "sampling_ratio", "pooled_shape")
    return _over(_largest(sides), _LARGEST_WINDOW, "pixels of window")


_WINDOWED = """
AveragePool Conv ConvInteger ConvTranspose DeformConv FusedConv MaxPool NhwcMaxPool
QLinearAveragePool QLinearConv
"""
_RULES: Mapping[str, Callable[[Operands], str]] = {
    "ConstantOfShape": _filled,
    "Expand": _expanded,
    "Tile": _repeated,
    "Range": _counted,
    "Pad": _padded,
    "Resize": _enlarged,
    "Upsample": _enlarged,
    "OneHot": _hot,
    "RoiAlign": _cut_out,
    "MaxRoiPool": _cut_out,
    **dict.fromkeys(_WINDOWED.split(), _windowed),
}


def _values(tensor: Tensor) -> Values:
    """Return a short tensor's values; a long one is no operand, only its length is told."""
    if tensor.size <= _LONGEST_OPERAND:
        return tensor.values()
    return np.zeros(_LONGEST_OPERAND + 1, np.int64)


def _held(node: Node) -> Values | None:
    """Return what a Constant node holds."""
    for attribute in node.attributes.values():
        if attribute.tensor:
            return _values(attribute.tensor)
        if attribute.numbers:
            return np.array(attribute.numbers, np.int64)
        return np.array(attribute.reals, np.float64)
    return None


def known_values(graph: Graph) -> dict[str, Values]:
    """Return the graph's constants by name: initializers, Constant nodes, and their copies."""
    known = {tensor.name: _values(tensor) for tensor in graph.constants}
    for node in graph.nodes:
        found: Values | None = None
        if node.operator == "Constant":
            found = _held(node)
        elif node.operator in {"Identity", "Cast"} and node.inputs:
            found = known.get(node.inputs[0])
        if found is not None and node.outputs:
            known[node.outputs[0]] = found
    return known


def excess(graph: Graph) -> str:
    """Return the first operator that would make more than may be made, or nothing."""
    known = known_values(graph)
    for node in graph.nodes:
        rule = _RULES.get(node.operator)
        much = rule(Operands(node, known)) if rule else ""
        if much:
            return f"a {node.operator} node would make {much}"
    return ""
