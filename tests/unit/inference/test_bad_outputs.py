"""What a broken graph, driver or provider gives is never taken for an empty field."""

import os
import sys
from collections import Counter

import numpy as np
import pytest

from edge_app.domain.error import ReadingFailedError
from edge_app.domain.reading import Outcome
from edge_app.inference.choice import Choice
from edge_app.inference.detector import Checked, OnnxDetector
from edge_app.inference.loading import load_detector
from edge_app.inference.preprocess import prepare
from edge_app.inference.session import Session
from edge_app.inference.stuck import refuse_stuck
from tests.smears import EMPTY_COLUMN, PACKAGE, a_field

COUNT = int(os.environ.get("EDGE_APP_OUTPUTS", "2000"))  # 20,000 before a release
FAR = 1e4


class Pixels:
    """The one input of a graph."""

    name = "pixels"


class Answering:
    """Stands where the runtime's session is, and gives what it was told to."""

    def __init__(self):
        self.outputs = []

    def run(self, output_names, input_feed):
        assert output_names is None
        assert list(input_feed) == ["pixels"]
        return self.outputs

    def get_inputs(self):
        return [Pixels()]


@pytest.fixture(scope="module")
def detector():
    return load_detector(PACKAGE, Choice("int8", "cpu"))


@pytest.fixture(scope="module")
def answering(detector):
    """Return a runtime to fill, and the shipped detector on it."""
    inner, manifest = Answering(), detector.manifest
    checked = Checked(manifest.variant("int8"), Session(inner, "cpu"), "none")
    return inner, OnnxDetector(manifest, checked, manifest.point(manifest.default_point))


@pytest.fixture(scope="module")
def honest(detector):
    """Return sharp fields with cells, and what the shipped model answers."""
    images = [a_field(seed)[0] for seed in (11, 12, 13)]
    return [
        (i, detector.session.run(prepare(i.pixels, detector.manifest.input).tensor)) for i in images
    ]


def somewhere(value):
    """Put `value` into one place of one output."""

    def damage(outputs, chance):
        output = outputs[chance.integers(2)]
        output.flat[chance.integers(output.size)] = value
        return outputs

    return damage


def all_of(which, values):
    def damage(outputs, chance):
        outputs[which][:] = chance.choice(values)
        return outputs

    return damage


def one_row(which):
    def damage(outputs, chance):
        output = outputs[which]
        output[:] = output.reshape(-1, output.shape[-1])[chance.integers(output.shape[-2])]
        return outputs

    return damage


def moved(outputs, chance):
    outputs[0] += chance.choice([-FAR, FAR])
    return outputs


def cut_short(outputs, chance):
    which = chance.integers(2)
    outputs[which] = outputs[which][..., : chance.integers(outputs[which].shape[-2]), :]
    return outputs


def overflowed(outputs):
    with np.errstate(over="ignore"):
        return [outputs[0] * np.float32(1e38), outputs[1]]


def unactivated(outputs):
    return [outputs[0], np.log(outputs[1] / (1 - outputs[1] + 1e-6) + 1e-9)]


def a_label_twice(outputs):
    return [outputs[0], np.concatenate([outputs[1], outputs[1][..., :1]], axis=-1)]


def always(damage):
    """Return a damage that leaves nothing to chance."""

    def damaged(outputs, chance):
        return damage(outputs)

    return damaged


NUMBER = np.float32(0.5).reshape(())
DAMAGES = {
    "one NaN": somewhere(np.nan),
    "one infinity": somewhere(np.inf),
    "one negative infinity": somewhere(-np.inf),
    "scores all NaN": all_of(1, (np.nan,)),
    "scores all zero": all_of(1, (0.0,)),
    "scores all one value": all_of(1, (1e-6, 0.01, 0.1, 0.3, 0.5, 0.9, 1.0)),
    "boxes all zero": all_of(0, (0.0,)),
    "boxes all one value": all_of(0, (-1.0, 1.0, 176.0, 352.0)),
    "scores of one cell everywhere": one_row(1),
    "boxes of one cell everywhere": one_row(0),
    "scores below nothing": lambda o, chance: [o[0], o[1] - chance.uniform(0.2, 9)],
    "scores above one": lambda o, chance: [o[0], o[1] + chance.uniform(0.2, 9)],
    "scores before the sigmoid": always(unactivated),
    "scores in percent": always(lambda o: [o[0], o[1] * 100]),
    "half precision that overflowed": always(overflowed),
    "boxes far away": moved,
    "boxes inside out": always(lambda o: [o[0][..., [2, 3, 0, 1]], o[1]]),
    "no outputs": always(lambda o: o[:0]),
    "one output": always(lambda o: o[:1]),
    "three outputs": always(lambda o: [*o, o[1]]),
    "outputs the other way round": always(lambda o: o[::-1]),
    "an output that is cut": cut_short,
    "empty outputs": always(lambda o: [x[..., :0, :] for x in o]),
    "a label too few": always(lambda o: [o[0], o[1][..., :2]]),
    "a label too many": always(a_label_twice),
    "outputs on their side": always(lambda o: [np.moveaxis(x, -1, -2) for x in o]),
    "two pictures' outputs": always(lambda o: [o[0], np.concatenate([o[1], o[1]], axis=-2)]),
    "one number": always(lambda o: [NUMBER] * len(o)),
}


def outcome_of(answering, image, outputs):
    inner, detector = answering
    inner.outputs = outputs
    try:
        return detector.read(image).outcome
    except ReadingFailedError:
        return Outcome.NOT_ANALYSED


def test_a_bad_output_is_never_no_finding(answering, honest):
    tally = Counter()
    names = sorted(DAMAGES)
    for number in range(COUNT):
        chance = np.random.default_rng(number)
        name = names[number % len(names)]
        image, outputs = honest[number // len(names) % len(honest)]
        damaged = DAMAGES[name]([o.copy() for o in outputs], chance)
        tally[name, outcome_of(answering, image, damaged)] += 1

    by_outcome = Counter()
    for (_, outcome), n in tally.items():
        by_outcome[outcome.value] += n
    sys.stdout.write(f"\n{COUNT} bad outputs: {dict(by_outcome)}\n")
    assert {k: n for k, n in tally.items() if k[1] is not Outcome.NOT_ANALYSED} == {}


def test_the_undamaged_outputs_are_findings(answering, honest):
    assert {outcome_of(answering, *one) for one in honest} == {Outcome.FINDING}


def poor_pictures():
    """Return pictures in which there is nothing to find: even, noisy, empty, blurred, dark."""
    chance = np.random.default_rng(1)
    for level in (0, 1, 114, 128, 254, 255):
        yield f"grey {level}", np.full((336, 448, 3), level, np.uint8)
    for number in range(4):
        yield f"noise {number}", chance.integers(0, 256, (336, 448, 3), dtype=np.uint8)
    for seed in range(1000, 1003):
        yield f"empty {seed}", a_field(seed, EMPTY_COLUMN)[0].pixels
        yield f"blurred {seed}", a_field(seed, None, 8.0)[0].pixels
        yield f"dark {seed}", a_field(seed, None, 0.0, 1.0)[0].pixels


@pytest.mark.parametrize("variant", ["int8", "fp32"])
def test_an_honest_answer_to_an_empty_picture_is_not_called_stuck(variant):
    detector = load_detector(PACKAGE, Choice(variant, "cpu"))

    for name, pixels in poor_pictures():
        outputs = detector.session.run(prepare(pixels, detector.manifest.input).tensor)
        refuse_stuck(outputs)
        assert min(len(np.unique(o)) for o in outputs) > 1000, name
