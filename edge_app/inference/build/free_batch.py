"""A graph of one picture, freed to read several at once where it answers each as it does alone."""

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from edge_app.domain.error import EdgeAppError
from edge_app.inference.build.runs import opened

_SIDE = "pictures"
_TRIED = 3
_RELATIVE, _ABSOLUTE = 1e-3, 1e-4


def freed(model: onnx.ModelProto, tensors: Sequence[NDArray[np.uint8]]) -> onnx.ModelProto | None:
    """Return `model` with a free first side, or None where that is not the same detector.

    It is the same where each of some of `tensors` gives alone, bit for bit, what `model` gives, and
    at each place of a batch the same but for the order of sums.
    """
    free = onnx.ModelProto()
    free.CopyFrom(model)
    if not _open_sides(free):
        return None
    shown = [*tensors[: _TRIED - 1], np.ascontiguousarray(tensors[0][:, ::-1, ::-1])]
    before = opened(model)
    want = [before.run(t) for t in shown]
    try:
        after = opened(free)
        for turn in range(len(shown)):
            order = [(n + turn) % len(shown) for n in range(len(shown))]
            given = after.run_batch([shown[n] for n in order])
            if not all(_near(g, want[n]) for g, n in zip(given, order, strict=True)):
                return None
        alone = [after.run(t) for t in shown]
    except EdgeAppError:
        return None
    return free if all(_same(g, w) for g, w in zip(alone, want, strict=True)) else None


def _same(one: Sequence[NDArray[np.float32]], other: Sequence[NDArray[np.float32]]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def _near(one: Sequence[NDArray[np.float32]], other: Sequence[NDArray[np.float32]]) -> bool:
    return all(
        a.shape == b.shape and np.allclose(a, b, _RELATIVE, _ABSOLUTE)
        for a, b in zip(one, other, strict=True)
    )


def _open_sides(model: onnx.ModelProto) -> bool:
    """Free the first side of input and outputs in place; False where an output has none of 1."""
    del model.graph.value_info[:]
    (image,) = model.graph.input
    for value in (image, *model.graph.output):
        dims = value.type.tensor_type.shape.dim
        if not dims or dims[0].dim_value not in (0, 1):
            return False
        dims[0].dim_param = _SIDE
    _keep_first_sides(model)
    return True


def _keep_first_sides(model: onnx.ModelProto) -> None:
    """Let each Reshape to [1, ...] keep the first side that it is given, in place."""
    known = {t.name: t for t in model.graph.initializer}
    shapes = {n.input[1] for n in model.graph.node if n.op_type == "Reshape"} & set(known)
    for name in shapes:
        sides = numpy_helper.to_array(known[name]).copy()
        if sides.ndim == 1 and len(sides) > 1 and sides[0] == 1:
            sides[0] = 0  # Reshape: "0 means this dimension is copied from the input"
            known[name].CopyFrom(numpy_helper.from_array(sides, name))
