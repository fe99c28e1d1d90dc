"""Running a graph that is still being built."""

import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import cast

import numpy as np
import onnx
from numpy.typing import NDArray

from edge_app.inference.session import Session, open_session

_TYPES = {1: np.float32, 2: np.uint8, 10: np.float16}


def opened(model: onnx.ModelProto) -> Session:
    """Return a session on the CPU for `model`; raises DetectorRefusedError."""
    return open_session(model.SerializeToString(), "cpu")


def grey_noise(shape: Sequence[int], element: int) -> NDArray[np.uint8]:
    """Return grey levels of that shape, in ONNX's number format `element`."""
    levels = np.random.default_rng(0).integers(0, 256, tuple(shape))
    return cast("NDArray[np.uint8]", levels.astype(_TYPES[element]))  # a foreign graph's own


def run_once(
    model: onnx.ModelProto, shape: Sequence[int], element: int
) -> Mapping[str, tuple[int, ...]]:
    """Return the name and shape of each output after one run on grey noise.

    Raises:
        DetectorRefusedError: The graph cannot be loaded.
        ReadingFailedError: It does not run.
    """
    outputs = opened(model).run(grey_noise(shape, element))
    names = [o.name for o in model.graph.output]
    return {n: tuple(o.shape) for n, o in zip(names, outputs, strict=True)}


def interleaved_ms(calls: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Return each call's median milliseconds, taken in turns so that all share the noise."""
    took: list[list[float]] = [[] for _ in calls]
    for turn in range(rounds + 1):
        for kept, call in zip(took, calls, strict=True):
            started = time.perf_counter()
            call()
            if turn:  # the first turn warms up
                kept.append((time.perf_counter() - started) * 1e3)
    return [median(kept) for kept in took]
