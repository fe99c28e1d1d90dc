"""Several tiles at once say what each says alone; a bad answer never hides among good ones."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edge_app.domain.error import ReadingFailedError
from edge_app.domain.reading import Outcome
from edge_app.inference import gate, golden
from edge_app.inference.binding import BoundRuns
from edge_app.inference.build.free_batch import freed
from edge_app.inference.choice import Choice
from edge_app.inference.detector import Checked, OnnxDetector
from edge_app.inference.kind import read_kind
from edge_app.inference.loading import load_detector
from edge_app.inference.machine import Machine
from edge_app.inference.package import load_package
from edge_app.inference.preprocess import prepare
from edge_app.inference.providers import Tuning
from edge_app.inference.selftest import (
    BatchVerdict,
    Combination,
    SelftestRecord,
    Verdict,
    Ways,
    batched,
    fastest_batch,
)
from edge_app.inference.selftest_records import SelftestRecords
from edge_app.inference.session import Level, open_session
from edge_app.inference.site_tuning import SiteTuning
from edge_app.inference.tiling import HashedImage, HeldImage, Tiling, concluded, groups, seen_tiles
from edge_app.inference.verify import verify_package
from tests.fakes import FakeClock
from tests.free_batches import a_free_package
from tests.slides import a_slide
from tests.smears import PACKAGE, a_field

ELSEWHERE = Combination("int8", "openvino", Level.ALL)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return load_package(a_free_package(tmp_path_factory.mktemp("packages")))


def opened(package, variant="int8"):
    return open_session(package.model(package.variant(variant)), "cpu", tuning=Tuning(threads=1))


def a_detector(package, batch, session=None):
    point, said = golden.default_point(package), package.manifest
    checked = Checked(package.variant("int8"), session or opened(package), "", batch)
    return OnnxDetector(said, checked, point, kind=read_kind(package.folder, said.kind))


@pytest.fixture(scope="module")
def one_by_one(package):
    return a_detector(package, 1)


@pytest.fixture(scope="module")
def by_four(package):
    return a_detector(package, 4)


def floors(detector):
    return np.array([s for _, s in detector.certificate.thresholds], np.float32)


def read(detector, pixels):
    image = HashedImage(HeldImage(pixels))
    grid = Tiling().grid(image)
    seen = list(seen_tiles(detector, image, grid))
    return concluded(detector, grid, seen, image.whole_hash())


@pytest.mark.parametrize("variant", ["int8", "fp32"])
def test_a_freed_graph_answers_one_picture_as_the_shipped_one_bit_for_bit(package, variant):
    shipped = load_package(PACKAGE)
    before = open_session(shipped.model(shipped.variant(variant)), "cpu")
    after = opened(package, variant)
    tensor = prepare(a_field(11)[0].pixels, shipped.manifest.input).tensor

    assert all(check.ok for check in verify_package(package.folder))
    assert (before.takes_batches, after.takes_batches) == (False, True)
    for plain, free in zip(before.run(tensor), after.run(tensor), strict=True):
        assert np.array_equal(plain, free[0])


@pytest.mark.parametrize("numbers", [(7, 8, 9, 11), (7, 8, 9), (7,)])
def test_each_picture_of_a_batch_is_seen_as_it_is_alone(by_four, numbers):
    pictures = [a_field(n)[0].pixels for n in numbers]

    together = by_four.see_many(pictures, floors(by_four))

    alone = [by_four.see(pixels, floors(by_four)) for pixels in pictures]
    assert [s.detections for s in together] == [s.detections for s in alone]
    assert [s.quality for s in together] == [s.quality for s in alone]


def test_a_slide_read_four_tiles_at_once_says_what_it_says_one_by_one(by_four, one_by_one):
    pixels = a_slide(1001, 3, 3).pixels

    together, alone = read(by_four, pixels), read(one_by_one, pixels)

    assert together.tally == alone.tally
    assert replace(together.reading, timing=alone.reading.timing) == alone.reading
    assert together.reading.detections


def test_the_quality_gate_still_looks_at_every_tile(by_four, one_by_one):
    pixels = a_slide(1001, 3, 3).pixels.copy()
    pixels[:640, :640] //= 8

    together, alone = read(by_four, pixels), read(one_by_one, pixels)

    assert together.reading.outcome is Outcome.CANNOT_SAY
    assert together.tally == alone.tally
    assert together.tally.turned_away["under-exposed"] >= 1


class Changed:
    """The runtime's session, with the outputs of a batch changed on their way."""

    def __init__(self, inner, change):
        self._inner, self._change = inner, change
        self.sizes = set()

    def run(self, names, feed):
        (given,) = feed.values()
        self.sizes.add(len(given))
        outputs = [o.copy() for o in self._inner.run(names, feed)]
        return self._change(outputs) if len(given) > 1 else outputs

    def __getattr__(self, name):
        return getattr(self._inner, name)


def changing(session, change):
    return replace(session, inner=Changed(session.inner, change))


def spoilt(outputs, place=2, value=np.nan):
    for output in outputs:
        output[place] = value
    return outputs


def test_a_bad_answer_in_a_batch_leaves_the_whole_picture_without_an_answer(package):
    detector = a_detector(package, 4, changing(opened(package), spoilt))

    with pytest.raises(ReadingFailedError):
        detector.see_many([a_field(n)[0].pixels for n in (7, 8, 9, 11)], floors(detector))
    with pytest.raises(ReadingFailedError):
        read(detector, a_slide(1001, 3, 3).pixels)


def test_an_answer_too_few_is_no_answer(package):
    session = changing(opened(package), lambda outputs: [o[:-1] for o in outputs])

    with pytest.raises(ReadingFailedError, match="for each picture"):
        session.run_batch([np.zeros((1, 352, 352, 3), np.uint8)] * 2)


def each(change):
    """Return a lie that puts another row of the batch where a row should be."""
    return lambda outputs: [o[change(np.arange(len(o)))] for o in outputs]


LIES = {
    "the first for all": each(lambda n: n * 0),
    "backwards": each(lambda n: n[::-1]),
    "moved by one": each(lambda n: np.roll(n, 1)),
    "the last one is the one before": each(lambda n: np.minimum(n, len(n) - 2)),
    "zeros but for the first": lambda outputs: [
        o * (np.arange(len(o)) == 0)[:, None, None].astype(np.float32) for o in outputs
    ],
    "mixed with the neighbour": lambda outputs: [0.6 * o + 0.4 * np.roll(o, 1, 0) for o in outputs],
    "not a number in the last": lambda outputs: spoilt(outputs, -1),
    "scaled": lambda outputs: [outputs[0], outputs[1] * np.float32(0.8)],
    "an answer too few": lambda outputs: [o[:-1] for o in outputs],
}


@pytest.mark.parametrize("size", [2, 8])
@pytest.mark.parametrize("name", LIES)
def test_a_provider_whose_answer_hangs_on_the_batch_is_caught(package, name, size):
    liar = changing(opened(package), LIES[name])

    assert golden.passed(package, package.variant("int8"), liar)  # alone it tells the truth
    assert f"{size} pictures at once" in golden.batch_trouble(
        package, package.variant("int8"), liar, size
    )


def elsewhere(package, session):
    """Return how the self-test measures batches of `session` on another provider than the CPU."""
    ways = Ways(lambda *_: session, SiteTuning())
    return batched(package, ELSEWHERE, Tuning(), ways)


def test_the_self_test_measures_one_two_four_and_eight_at_once(package):
    found = elsewhere(package, opened(package))

    assert [(v.size, v.why) for v in found] == [(1, ""), (2, ""), (4, ""), (8, "")]
    assert all(v.tile_ms > 0 for v in found)


def test_a_size_that_is_wrong_is_named_and_never_taken(package):
    def wrong_by_eight(outputs):
        return spoilt(outputs) if len(outputs[0]) == 8 else outputs

    found = elsewhere(package, changing(opened(package), wrong_by_eight))

    assert [bool(v.why) for v in found] == [False, False, False, True]
    assert fastest_batch([replace(v, tile_ms=10 / v.size) for v in found]) == 4


def test_neither_the_cpu_nor_a_graph_of_one_picture_is_read_in_batches(package):
    shipped = load_package(PACKAGE)

    assert elsewhere(shipped, opened(shipped)) == ()
    here = Combination("int8", "cpu", Level.ALL)
    assert batched(package, here, Tuning(), Ways(lambda *_: None, SiteTuning())) == ()


@pytest.mark.parametrize(
    ("took", "size"),
    [
        ({1: 2.0, 2: 1.95, 4: 1.93, 8: 1.92}, 1),  # not worth the memory
        ({1: 2.0, 2: 1.2, 4: 0.8, 8: 0.79}, 4),
        ({1: 2.0, 2: 2.5, 4: 0.5, 8: 0.3}, 8),
        ({}, 1),
    ],
)
def test_the_fastest_size_is_taken_the_smaller_one_where_it_is_close(took, size):
    assert fastest_batch([BatchVerdict(n, "", ms) for n, ms in took.items()]) == size


def loaded(package, tmp_path, session):
    """Return the detector of a machine whose self-test chose four at once."""
    here = Combination("int8", "cpu", Level.ALL)
    machine = Machine(SelftestRecords(tmp_path), FakeClock(), lambda *_: session)
    verdict = Verdict(here, ok=True, why="", median_ms=1.0)
    record = SelftestRecord(
        package.manifest.name, machine._fingerprint(package), machine.clock.now(),
        (verdict,), here, Tuning(threads=1), (), 4,
    )  # fmt: skip
    machine.records.keep(record)
    return load_detector(package.folder, Choice(), machine)


def test_what_the_self_test_chose_is_used_and_checked_again(package, tmp_path):
    inner = Changed(opened(package).inner, lambda outputs: outputs)
    session = replace(opened(package), inner=inner)
    detector = loaded(package, tmp_path, session)
    assert detector.batch == 4

    inner.sizes.clear()
    assert read(detector, a_slide(1001, 3, 3).pixels).reading.detections
    assert 4 in inner.sizes
    assert inner.sizes <= {1, 4}
    inner.sizes.clear()
    detector.see_many([a_field(n)[0].pixels for n in (7, 8, 9)], floors(detector))
    assert inner.sizes == {4}  # filled up: an accelerator may compile for each other number


def test_where_a_batch_answers_otherwise_since_its_test_tiles_are_read_one_by_one(
    package, tmp_path
):
    detector = loaded(package, tmp_path, changing(opened(package), LIES["backwards"]))

    assert detector.batch == 1
    assert any("one by one: 4 pictures at once" in said for said in detector.passed_over)


def test_batches_are_bound_as_single_pictures_are(package):
    session = opened(package)
    tied = replace(session, bound=BoundRuns(session.inner, "cpu"))
    tensors = [prepare(a_field(n)[0].pixels, package.manifest.input).tensor for n in (7, 8)]

    for count in (1, 2, 1, 2):
        plain, again = session.run_batch(tensors[:count]), tied.run_batch(tensors[:count])
        for one, other in zip(plain, again, strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert not golden.batch_trouble(package, package.variant("int8"), tied, 4)


@pytest.mark.parametrize(
    ("n_tiles", "batch", "sizes"),
    [
        (3, 1, [1, 1, 1]),
        (8, 4, [4, 4]),
        (9, 8, [8, 1]),
        (15, 8, [8, 7]),
        (12, 8, [8, 1, 1, 1, 1]),
        (2, 4, [1, 1]),
        (3, 4, [3]),
    ],
)
def test_a_small_rest_of_a_row_is_read_one_by_one_and_no_tile_is_left_out(n_tiles, batch, sizes):
    row = [SimpleNamespace(number=n) for n in range(n_tiles)]

    found = groups(row, batch)

    assert [len(group) for group in found] == sizes
    assert [tile for group in found for tile in group] == row


def a_mixing_graph():
    """Return a graph whose answer to one picture hangs on the others beside it."""
    sides = numpy_helper.from_array(np.array([1, 3, 4], np.int64), "sides")
    nodes = [
        helper.make_node("Cast", ["pixels"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["levels"], ["mean"], axes=[0], keepdims=1),
        helper.make_node("Sub", ["levels", "mean"], ["apart"]),
        helper.make_node("Reshape", ["apart", "sides"], ["boxes"]),
    ]
    given = helper.make_tensor_value_info("pixels", TensorProto.UINT8, [1, 2, 2, 3])
    told = helper.make_tensor_value_info("boxes", TensorProto.FLOAT, [1, 3, 4])
    graph = helper.make_graph(nodes, "mixing", [given], [told], [sides])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def test_a_graph_that_mixes_its_pictures_is_never_freed():
    rng = np.random.default_rng(1)
    tensors = [rng.integers(0, 256, (1, 2, 2, 3)).astype(np.uint8) for _ in range(2)]
    model = a_mixing_graph()
    onnx.checker.check_model(model)

    assert freed(model, tensors) is None


def test_the_gate_lets_only_the_number_of_pictures_stand_open():
    wanted = gate.GraphInput((1, 352, 352, 3), 2)

    def fits(*dims):
        return gate._fits(SimpleNamespace(element=2, dims=dims), wanted)

    assert fits(1, 352, 352, 3)
    assert fits(None, 352, 352, 3)
    assert not any([fits(2, 352, 352, 3), fits(1, None, 352, 3), fits(None, 352, 352, None),
                    fits(352, 352, 3), fits(None, 352, 352, 3, 1)])  # fmt: skip
