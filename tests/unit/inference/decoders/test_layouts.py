"""Known boxes, encoded by each published layout, come back; broken outputs are no answer."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_app.domain.decoding import DecoderKind
from edge_app.domain.error import ReadingFailedError
from edge_app.inference.decoders.table import DECODERS, decode, rows_of
from tests.unit.inference.decoders.layouts import HEIGHT, LABELS, LAYOUTS, WIDTH, Known, encoded

EXAMPLES = int(os.environ.get("EDGE_APP_DECODED", "15"))
FLOORS = np.full(LABELS, 0.3, np.float32)
LISTS = {"YOLOv10", "torchvision", "SSD", "semantic masks"}  # may rightly hold nothing at all


@st.composite
def known_boxes(draw):
    """Draw up to four boxes, one a quarter of the input, far enough apart to be no twins."""
    found = []
    for column, row in draw(st.sets(st.sampled_from([(0, 0), (1, 0), (0, 1), (1, 1)]))):
        left, top = column * WIDTH / 2, row * HEIGHT / 2
        x0 = left + draw(st.floats(2, 40))
        y0 = top + draw(st.floats(2, 30))
        x1 = x0 + draw(st.floats(12, 80))
        y1 = y0 + draw(st.floats(12, 60))
        label, score = draw(st.integers(0, LABELS - 1)), draw(st.floats(0.51, 0.85))
        found.append(Known((x0, y0, x1, y1), label, score))
    return sorted(found, key=lambda k: -k.score)


def two():
    return [Known((20, 30, 71, 65), 2, 0.8), Known((150, 100, 182, 170), 0, 0.6)]


def test_every_kind_has_a_decoder_and_every_decoder_but_the_classifiers_a_layout_here():
    tried = {kind for kind, _, _ in LAYOUTS.values()}

    assert set(DECODERS) == set(DecoderKind)
    assert tried == set(DecoderKind) - {DecoderKind.CLASSIFICATION}


@pytest.mark.parametrize("name", LAYOUTS)
@settings(max_examples=EXAMPLES, deadline=None)
@given(known=known_boxes())
def test_known_boxes_come_back_within_half_a_pixel(name, known):
    manifest, outputs = encoded(name, known)

    found = decode(outputs, manifest, FLOORS)

    assert len(found.boxes) == len(known)
    got = {_quarter(b): (b, k, s) for b, k, s in zip(*_listed(found), strict=True)}
    for one in known:
        box, label, score = got[_quarter(one.box)]
        # a mask's edge lies on a pixel, so it is half a pixel off at most
        assert np.abs(np.subtract(box, one.box)).max() <= 0.5 + 1e-3
        assert label == one.label
        assert score == pytest.approx(one.score, abs=2e-3)


def _listed(found):
    return found.boxes.tolist(), found.labels.tolist(), found.scores.tolist()


def _quarter(box):
    return box[0] + box[2] > WIDTH, box[1] + box[3] > HEIGHT


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_highest_score_comes_first(name):
    manifest, outputs = encoded(name, two())

    assert decode(outputs, manifest, FLOORS).scores.tolist() == pytest.approx([0.8, 0.6], abs=2e-3)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_label_below_its_own_floor_is_no_answer(name):
    manifest, outputs = encoded(name, two())
    floors = np.array([0.7, 0.7, 0.7], np.float32)

    assert decode(outputs, manifest, floors).labels.tolist() == [2]
    assert len(decode(outputs, manifest, floors + np.float32(0.2)).boxes) == 0


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_golden_tensor_does_not_hang_on_how_many_were_found(name):
    shapes = {rows_of(o, m).tensor.shape for m, o in (encoded(name, two()), encoded(name, []))}

    assert len(shapes) == 1
    assert shapes.pop()[1] == LABELS


def _with(value):
    def change(outputs, index):
        outputs[index].flat[outputs[index].size // 2] = value
        return outputs

    return change


def _replaced(make):
    return lambda outputs, index: [*outputs[:index], make(outputs[index]), *outputs[index + 1 :]]


BROKEN = {
    "a NaN": _with(np.nan),
    "an infinity": _with(np.inf),
    "an infinity below": _with(-np.inf),
    "a missing output": lambda outputs, index: outputs[:index] + outputs[index + 1 :],
    "an output twice": lambda outputs, index: [*outputs, outputs[index]],
    "no rows": _replaced(lambda o: o[:, :0] if o.ndim > 1 else o.reshape(1, -1)[:, :0, None]),
    "a number without a shape": _replaced(lambda o: np.float32(o.flat[0])),
    "a second image": _replaced(lambda o: np.stack([o, o])),
    "a column too many": _replaced(lambda o: np.concatenate([o, o[..., :1]], axis=-1)),
}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("broken", BROKEN)
def test_broken_outputs_are_refused(name, broken):
    manifest, outputs = encoded(name, two())

    for index in range(len(outputs)):
        if (name, broken, index) in BORNE:
            continue
        changed = [np.asarray(o) for o in BROKEN[broken]([o.copy() for o in outputs], index)]
        with pytest.raises(ReadingFailedError):
            decode(changed, manifest, FLOORS)


# A mask may have any size, a list any length, and what is not read any width.
BORNE = {
    ("instance masks", "a column too many", 1),
    ("semantic masks", "a column too many", 0),
    ("YOLOv8", "a column too many", 0),  # one cell more: cells are not counted here
    ("YOLOv8 segmenting", "a column too many", 0),
    ("YOLOv8 segmenting", "no rows", 1),
    ("YOLOv8 segmenting", "a number without a shape", 1),
    ("YOLOv8 segmenting", "a second image", 1),
    ("YOLOv8 segmenting", "a column too many", 1),
    ("BlazeFace in one piece", "a column too many", 1),
    ("torchvision", "an output twice", 1),
    ("SSD", "a number without a shape", 3),
}
SCORED = {
    "boxes and scores": 1, "YOLOv5": 0, "YOLOv8": 0, "YOLOv10": 0, "YOLOX": 0, "NanoDet": 0,
    "PicoDet": 3, "torchvision": 1, "SSD": 1,
}  # fmt: skip


@pytest.mark.parametrize("name", SCORED)
@pytest.mark.parametrize("by", [20, -20])
def test_numbers_that_are_no_scores_are_refused(name, by):
    manifest, outputs = encoded(name, two())
    outputs[SCORED[name]] = outputs[SCORED[name]] * by

    with pytest.raises(ReadingFailedError):
        decode(outputs, manifest, FLOORS)


@pytest.mark.parametrize("name", sorted(set(LAYOUTS) - LISTS - {"instance masks"}))
@pytest.mark.parametrize("value", [0.0, 1.0, 0.5])
def test_a_graph_that_says_the_same_everywhere_is_refused(name, value):
    manifest, outputs = encoded(name, two())

    with pytest.raises(ReadingFailedError):
        decode([np.full_like(o, value) for o in outputs], manifest, FLOORS)


@pytest.mark.parametrize("name", ["YOLOv10", "torchvision", "SSD"])
def test_a_label_that_is_none_of_the_packages_is_refused(name):
    manifest, outputs = encoded(name, [Known((20, 30, 71, 65), LABELS + 1, 0.8)])

    with pytest.raises(ReadingFailedError, match="labels"):
        decode(outputs, manifest, FLOORS)


@pytest.mark.parametrize("name", ["boxes and scores", "YOLOv5", "YOLOv8", "YOLOv10", "YOLOX"])
@pytest.mark.parametrize(
    "box", [(300, 20, 340, 60), (20, -80, 60, -10), (60, 20, 20, 60), (20, 20, 20, 60)]
)
def test_a_box_that_cannot_be_one_is_refused_and_not_dropped(name, box):
    if name == "YOLOX" and not box[0] < box[2] < WIDTH:
        return  # its centre lies in no cell, and a size is never below nought
    if name == "YOLOX" and box[1] < 0:
        return
    manifest, outputs = encoded(name, [Known(box, 1, 0.8)])

    with pytest.raises(ReadingFailedError, match=r"inside out|outside"):
        decode(outputs, manifest, FLOORS)


def test_a_size_that_overflows_is_refused():
    manifest, outputs = encoded("YOLOX", two())
    outputs[0][0, :, 2] = 500

    with pytest.raises(ReadingFailedError, match="not finite"):
        decode(outputs, manifest, FLOORS)


def test_a_mask_of_a_found_object_that_is_empty_is_refused():
    manifest, outputs = encoded("instance masks", two())
    outputs[1][0, 0] = -5

    with pytest.raises(ReadingFailedError, match="empty"):
        decode(outputs, manifest, FLOORS)


@pytest.mark.parametrize("count", [-1, 11, 1.5])
def test_a_count_that_cannot_be_one_is_refused(count):
    manifest, outputs = encoded("SSD", two())
    outputs[3][:] = count

    with pytest.raises(ReadingFailedError, match="count"):
        decode(outputs, manifest, FLOORS)


@pytest.mark.parametrize("name", ["DETR", "RT-DETR"])
@pytest.mark.parametrize("value", [-0.01, 1.01])
def test_a_box_that_is_no_fraction_of_the_input_is_refused(name, value):
    manifest, outputs = encoded(name, two())
    outputs[1][0, 5, 0] = value

    with pytest.raises(ReadingFailedError, match="range"):
        decode(outputs, manifest, FLOORS)
