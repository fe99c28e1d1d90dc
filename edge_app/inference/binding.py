"""Runs whose input and outputs stay in an accelerator's own memory and are used again."""

from collections import defaultdict, deque
from collections.abc import Sequence

import numpy as np
import onnxruntime
from numpy.typing import NDArray

Shape = tuple[int, ...]
_ELEMENTS: dict[str, type[np.generic]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
}


class BoundRuns:
    """Answers as the session's `run` does, from any number of threads at once.

    Each run has a place of its own while it lasts: an input and outputs that the next run takes
    over. Nothing of a place is ever handed out, what a caller gets is a copy; and before each run
    the outputs are filled with what is no number, so that a run which wrote nothing, or only half,
    gives no answer instead of the last one.
    """

    def __init__(
        self, inner: onnxruntime.InferenceSession, memory: str, device_id: int = 0
    ) -> None:
        """Bind in `memory`, the runtime's word for a kind of device, of the device `device_id`."""
        self._inner = inner
        self._memory = (memory, device_id)
        self._free: dict[Shape, deque[_Place]] = defaultdict(deque)

    def run(self, tensor: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """Return the graph's outputs, the caller's own; raises what the runtime raises."""
        free = self._free[tensor.shape]
        try:
            place = free.pop()
        except IndexError:  # as many places as there ever were runs at once
            place = _Place(self._inner, tensor.shape, self._memory)
        answered = place.run(tensor)
        free.append(place)  # not after an error: nobody knows what it left there
        return answered


class _Place:
    """One input and its outputs, for one run at a time."""

    def __init__(
        self, inner: onnxruntime.InferenceSession, shape: Shape, memory: tuple[str, int]
    ) -> None:
        made = onnxruntime.OrtValue.ortvalue_from_shape_and_type
        self._inner = inner
        self._binding = inner.io_binding()
        self._input = made(shape, np.uint8, *memory)
        (given,) = inner.get_inputs()
        self._binding.bind_ortvalue_input(given.name, self._input)
        self._blanks: list[tuple[onnxruntime.OrtValue, NDArray[np.generic]]] = []
        for output in inner.get_outputs():
            known = _known_shape(output.shape, given.shape, shape)
            if known and output.type in _ELEMENTS:
                value = made(known, _ELEMENTS[output.type], *memory)
                self._blanks.append((value, _blank(known, _ELEMENTS[output.type])))
                self._binding.bind_ortvalue_output(output.name, value)
            else:  # its size shows only in the run, which makes it anew each time
                self._binding.bind_output(output.name, *memory)

    def run(self, tensor: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        self._input.update_inplace(np.ascontiguousarray(tensor))
        for value, blank in self._blanks:
            value.update_inplace(blank)
        self._binding.synchronize_inputs()
        self._inner.run_with_iobinding(self._binding)
        self._binding.synchronize_outputs()
        return [np.array(v.numpy(), np.float32) for v in self._binding.get_outputs()]


def _known_shape(
    said: Sequence[int | str | None], input_said: Sequence[int | str | None], given: Shape
) -> Shape | None:
    """Return an output's shape where the input's decides it, else None."""
    free: dict[int | str | None, int] = {
        name: side for name, side in zip(input_said, given, strict=True) if name
    }
    sides = [side if isinstance(side, int) else free.get(side) for side in said]
    known = tuple(side for side in sides if side is not None)
    return known if known and len(known) == len(said) and min(known) > 0 else None


def _blank(shape: Shape, element: type[np.generic]) -> NDArray[np.generic]:
    kind = np.dtype(element)
    return np.full(shape, np.iinfo(kind).min if kind.kind == "i" else np.nan, kind)
