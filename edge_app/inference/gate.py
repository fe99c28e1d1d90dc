"""The gate: what a model file must be before the runtime may see a byte of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from edge_app.domain.error import DetectorRefusedError
from edge_app.inference.growth import MOST_ELEMENTS, excess
from edge_app.inference.onnx_graph import Graph, GraphValue, graph_of
from edge_app.inference.onnx_wire import REMEDY, Message, read_model, refusal
from edge_app.inference.operators import NAMED_ONLY, OPERATORS, STANDARD

_IR_VERSIONS = range(3, 14)
_OPSETS = range(7, 27)
_OTHER_VERSIONS = range(1, 101)
_LARGEST_SIDE = 1 << 24  # of a list of boxes; a picture's sides are bounded by their product
_MOST_INPUTS = 4
_MOST_OUTPUTS = 32
_MOST_NODES = 20_000
_MOST_CONSTANTS = 20_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and what is wrong with it."""

    name: str
    ok: bool
    why: str


@dataclass(frozen=True, slots=True)
class GraphInput:
    """The one input that a manifest promises.

    Attributes:
        dims: Its whole shape, such as (1, 352, 352, 3).
        element: onnx.proto's number for its type: 1 float32, 2 uint8.
    """

    dims: tuple[int, ...]
    element: int


@dataclass(frozen=True, slots=True)
class Caps:
    """How much a model may be."""

    n_bytes: int


OWN = Caps(16 * 1024 * 1024)
IMPORTED = Caps(256 * 1024 * 1024)


def _versions(model: Message) -> str:
    ir_version = model.number("ir_version")
    if ir_version not in _IR_VERSIONS:
        return f"its file format is version {ir_version}; known are {_spoken(_IR_VERSIONS)}"
    imports = [(m.text("domain"), m.number("version")) for m in model.messages("opset_import")]
    domains = ["" if d == "ai.onnx" else d for d, _ in imports]
    if sorted(set(domains)) != sorted(domains) or STANDARD not in domains:
        return "it does not say once, and only once, which version of the operators it uses"
    for domain, (_, version) in zip(domains, imports, strict=True):
        if domain == STANDARD and version not in _OPSETS:
            return f"its operators are of version {version}; known are {_spoken(_OPSETS)}"
        if domain != STANDARD and (domain not in NAMED_ONLY or version not in _OTHER_VERSIONS):
            return f"it asks for the operators of {domain}, version {version}, which are not known"
    return ""


def _spoken(versions: range) -> str:
    return f"{versions.start} to {versions.stop - 1}"


def _operators(graph: Graph) -> str:
    for node in graph.nodes:
        known = OPERATORS.get(node.domain)
        if known is None:
            return f"its operator {node.operator} is of {node.domain}, which is not known"
        if node.operator not in known:
            return f"its operator {node.operator} is not one that a detector may use"
    return ""


def _counts(graph: Graph) -> str:
    constants = {t.name for t in graph.constants}
    n_inputs = sum(v.name not in constants for v in graph.inputs)
    if not 0 < n_inputs <= _MOST_INPUTS or not 0 < len(graph.outputs) <= _MOST_OUTPUTS:
        return f"it has {n_inputs} inputs and {len(graph.outputs)} outputs"
    if not 0 < len(graph.nodes) <= _MOST_NODES:
        return f"it has {len(graph.nodes):,} operators; 1 to {_MOST_NODES:,} are accepted"
    if len(graph.constants) > _MOST_CONSTANTS:
        return f"it has {len(graph.constants):,} constants; {_MOST_CONSTANTS:,} are accepted"
    return ""


def _shapes(graph: Graph) -> str:
    constants = {t.name for t in graph.constants}
    for value in (*graph.inputs, *graph.outputs, *graph.values):
        n_elements = 1
        for side in value.dims:
            n_elements *= 1 if side is None else side
            if n_elements > MOST_ELEMENTS:
                return f"{value.name} has more than {MOST_ELEMENTS:,} values"
    for value in graph.inputs:
        if value.name not in constants and (value.element == 0 or 0 in value.dims):
            return f"the input {value.name} has no shape or type"
    return ""


def _order(graph: Graph) -> str:
    """Return a value that nobody makes before it is used, or that is made twice."""
    constants = [t.name for t in graph.constants]
    inputs = [v.name for v in graph.inputs]
    made = {*constants, *inputs}
    if "" in made or len(set(constants)) != len(constants) or len(set(inputs)) != len(inputs):
        return "two inputs or constants have one name, or one has none"
    for node in graph.nodes:
        missing = [name for name in node.inputs if name and name not in made]
        if missing:
            return f"{missing[0]} is used before anything makes it"
        for name in filter(None, node.outputs):
            if name in made:
                return f"{name} is made twice"
            made.add(name)
    unmade = [v.name for v in graph.outputs if v.name not in made]
    return f"nothing makes the output {unmade[0]}" if unmade else ""


def _answers(graph: Graph) -> str:
    """Return an output that has nothing to do with the picture."""
    seeing = {v.name for v in graph.inputs} - {t.name for t in graph.constants}
    for node in graph.nodes:
        if not seeing.isdisjoint(node.inputs):
            seeing.update(node.outputs)
    outputs = [v.name for v in graph.outputs]
    if len(set(outputs)) != len(outputs):
        return "two outputs have one name"
    return "" if seeing.intersection(outputs) else "no output depends on the picture"


def _values(graph: Graph) -> str:
    for tensor in graph.constants:
        if tensor.worst():
            return tensor.worst()
    for node in graph.nodes:
        for attribute in node.attributes.values():
            if attribute.tensor and attribute.tensor.worst():
                return attribute.tensor.worst()
    return ""


def _input(graph: Graph, wanted: GraphInput) -> str:
    constants = {t.name for t in graph.constants}
    inputs = [v for v in graph.inputs if v.name not in constants]
    if len(inputs) == 1 and _fits(inputs[0], wanted):
        return ""
    given = "; ".join(f"type {v.element}, shape {_shape(v)}" for v in inputs)
    return (
        f"the description promises one input of type {wanted.element}, shape "
        f"{list(wanted.dims)}; the model has {given}"
    )


def _fits(value: GraphValue, wanted: GraphInput) -> bool:
    """Return whether an input is the wanted one; how many pictures at once may be left open."""
    if value.element != wanted.element or len(value.dims) != len(wanted.dims):
        return False
    first, *rest = value.dims
    return first in (wanted.dims[0], None) and tuple(rest) == wanted.dims[1:]


def _shape(value: GraphValue) -> str:
    return str(["?" if side is None else side for side in value.dims])


_GRAPH_CHECKS: tuple[tuple[str, Callable[[Graph], str]], ...] = (
    ("operators", _operators),
    ("counts", _counts),
    ("shapes", _shapes),
    ("order", _order),
    ("answers", _answers),
    ("values", _values),
    ("growth", excess),
)


def checks(
    model: bytes, caps: Caps = IMPORTED, wanted: GraphInput | None = None
) -> Iterator[Check]:
    """Yield what the gate looks at, one by one; after a file that cannot be read, no more.

    Args:
        model: A whole ONNX file.
        caps: How large it may be.
        wanted: The input that the manifest promises, where there is one.
    """
    fits = 0 < len(model) <= caps.n_bytes
    size = f"it has {len(model):,} bytes; 1 to {caps.n_bytes:,} are accepted"
    yield Check("size", fits, "" if fits else refusal(size).what)
    if fits:
        try:
            read = read_model(model)
            graph = graph_of(_only_graph(read))
        except DetectorRefusedError as error:
            yield Check("format", ok=False, why=error.what)
        else:
            yield Check("format", ok=True, why="")
            yield _said("versions", _versions(read))
            yield from (_said(name, look(graph)) for name, look in _GRAPH_CHECKS)
            if wanted:
                yield _said("input", _input(graph, wanted))


def _only_graph(model: Message) -> Message:
    graphs = model.messages("graph")
    if not graphs:
        raise refusal("it holds no graph")
    return graphs[0]


def _said(name: str, complaint: str) -> Check:
    return Check(name, not complaint, complaint and refusal(complaint).what)


def ensure_admitted(model: bytes, caps: Caps = IMPORTED, wanted: GraphInput | None = None) -> None:
    """Let a model pass to the runtime.

    Raises:
        DetectorRefusedError: It must not; the text says what is wrong with it.
    """
    for check in checks(model, caps, wanted):
        if not check.ok:
            raise DetectorRefusedError(check.why, REMEDY)
