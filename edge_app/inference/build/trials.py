"""Ways of quantizing, each measured: what the float graph finds and int8 still does, how fast."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import onnx
from numpy.typing import NDArray

from edge_app.domain.error import EdgeAppError
from edge_app.domain.geometry import pairwise_iou
from edge_app.domain.manifest import DetectorManifest
from edge_app.inference.build.quantize import CANNOT, RECIPES, folded, quantized
from edge_app.inference.build.runs import interleaved_ms, opened
from edge_app.inference.build.wrap import named_domains_only, read_levels_directly
from edge_app.inference.decoders.candidates import Candidates
from edge_app.inference.decoders.table import decode
from edge_app.inference.session import Session

_SAME_IOU = 0.7
_ROUNDS = 9
_FEWEST = 4  # pictures to calibrate on, and as many to measure on
_MOST = 48
Say = Callable[[str], None]
Tensors = Sequence[NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class Trial:
    """One way of quantizing, measured.

    Attributes:
        agreement: 2 x pairs / (detections of both), 1 where every detection has its twin.
        ms: Median milliseconds of one run.
        float_ms: The float graph's, measured in turns with it.
        why: Why it cannot be used at all, or nothing.
    """

    name: str
    model: onnx.ModelProto | None
    agreement: float
    ms: float
    float_ms: float
    why: str = ""


def found_in(session: Session, manifest: DetectorManifest, tensors: Tensors) -> list[Candidates]:
    """Return what a session finds in each input at the default point.

    Raises:
        ReadingFailedError: An answer is none.
    """
    point = manifest.points[0]
    floors = np.array([point.score_of(x.name) for x in manifest.labels], np.float32)
    return [decode(session.run(t), manifest, floors) for t in tensors]


def _pairs(one: Candidates, other: Candidates) -> int:
    """Return how many detections of `one` have a twin of their own in `other`."""
    if not len(one.boxes) or not len(other.boxes):
        return 0
    overlap = pairwise_iou(one.boxes, other.boxes)
    overlap[one.labels[:, None] != other.labels[None]] = 0
    pairs = 0
    for row in overlap:  # the highest score chooses first
        best = int(row.argmax())
        if row[best] >= _SAME_IOU:
            pairs += 1
            overlap[:, best] = 0
    return pairs


def agreement(ours: Sequence[Candidates], theirs: Sequence[Candidates]) -> float:
    """Return 2 x pairs / (detections of both): same label, overlap of 0.7 or more."""
    every = sum(len(a.boxes) + len(b.boxes) for a, b in zip(ours, theirs, strict=True))
    pairs = sum(_pairs(a, b) for a, b in zip(ours, theirs, strict=True))
    return 2 * pairs / every if every else 0.0


def _tried(
    name: str,
    make: Callable[[], onnx.ModelProto],
    manifest: DetectorManifest,
    reference: tuple[Session, Sequence[Candidates]],
    held: Tensors,
) -> Trial:
    """Return how one way does on the inputs `held`, beside the float graph's own answers."""
    float_session, wanted = reference
    try:
        model = make()
        session = opened(model)
        share = agreement(found_in(session, manifest, held), wanted)
    except EdgeAppError as error:
        return Trial(name, None, 0.0, 0.0, 0.0, error.what)
    except CANNOT:
        return Trial(name, None, 0.0, 0.0, 0.0, "The runtime's quantizer cannot do it.")
    float_ms, ms = interleaved_ms(
        [lambda: float_session.run(held[0]), lambda: session.run(held[0])], _ROUNDS
    )
    return Trial(name, model, share, ms, float_ms)


def trials_of(
    model: onnx.ModelProto, manifest: DetectorManifest, tensors: Tensors, say: Say
) -> tuple[list[Trial], str]:
    """Return every trial, or why there is none.

    Every second picture calibrates; the others are held out, and what int8 finds in them is
    compared with what the float graph finds.

    Args:
        model: The float graph, fed uint8 pixels.
        manifest: Says how its answers are decoded, and its score.
        tensors: The calibration pictures as inputs.
        say: Is told what is being tried.
    """
    calibrating, held = tensors[::2][:_MOST], tensors[1::2][:_MOST]
    if len(held) < _FEWEST:
        return [], (
            f"No int8 file was made: at least {2 * _FEWEST} calibration pictures are needed, "
            f"{len(tensors)} were given."
        )
    session = opened(model)
    wanted = found_in(session, manifest, held)
    if not any(len(w.boxes) for w in wanted):
        return [], (
            "No int8 file was made: the model finds nothing in the calibration pictures, so "
            "nobody could tell whether int8 still finds it. Give pictures that hold something, "
            "or a lower --score."
        )
    try:
        simple = folded(model)
    except CANNOT:
        return [], "No int8 file was made: the runtime cannot simplify this graph."

    def made(number: int) -> onnx.ModelProto:
        graph = quantized(simple, calibrating, *RECIPES[number][1](simple))
        read_levels_directly(graph)
        named_domains_only(graph)
        return graph

    trials = []
    for number, (name, _) in enumerate(RECIPES):
        say(f"Quantizing: {name} ({number + 1} of {len(RECIPES)})")
        trials.append(_tried(name, partial(made, number), manifest, (session, wanted), held))
    return trials, ""


def best(trials: Sequence[Trial], most_loss: float) -> Trial | None:
    """Return the fastest that loses no more than `most_loss` and beats the float graph, if any."""
    good = [
        t
        for t in trials
        if t.model is not None and t.agreement >= 1 - most_loss and t.ms < t.float_ms
    ]
    return min(good, key=lambda t: t.ms / t.float_ms, default=None)
