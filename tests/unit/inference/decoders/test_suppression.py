"""What becomes of overlapping boxes, and of the whole image's label, is what the package says."""

import numpy as np
import pytest

from edge_app.domain.decoding import Activation, Background, DecoderKind, Decoding, Suppression
from edge_app.domain.error import ReadingFailedError
from edge_app.inference.decoders.table import decode
from tests.unit.inference.decoders.layouts import HEIGHT, LABELS, WIDTH, a_manifest

FLOORS = np.full(LABELS, 0.3, np.float32)
TWINS = np.array([[10, 10, 50, 50], [14, 10, 54, 50], [10, 14, 50, 54]], np.float32)
SCORES = np.array([[0.8, 0, 0], [0.4, 0, 0], [0, 0.6, 0]], np.float32)


def read(suppression, scores=SCORES, boxes=TWINS):
    manifest = a_manifest(DecoderKind.BOXES_SCORES, Decoding(suppression=suppression))
    return decode([boxes, np.asarray(scores, np.float32)], manifest, FLOORS)


def test_per_label_the_weaker_twin_of_the_same_label_goes():
    assert read(Suppression.PER_LABEL).labels.tolist() == [0, 1]


def test_across_labels_the_weaker_twin_goes_whatever_it_is():
    assert read(Suppression.ACROSS_LABELS).labels.tolist() == [0]


def test_across_labels_a_row_has_its_best_label_among_those_that_reach_their_floor():
    floors = np.array([0.9, 0.3, 0.3], np.float32)
    manifest = a_manifest(DecoderKind.BOXES_SCORES, Decoding(suppression=Suppression.ACROSS_LABELS))

    found = decode([TWINS[:1], np.array([[0.8, 0.5, 0.4]], np.float32)], manifest, floors)

    assert found.labels.tolist() == [1]


def test_without_suppression_all_stay():
    assert read(Suppression.NONE).scores.tolist() == pytest.approx([0.8, 0.6, 0.4])


def test_weighted_twins_become_their_mean_and_keep_the_best_score():
    found = read(Suppression.WEIGHTED)

    assert found.labels.tolist() == [0, 1]
    assert found.scores.tolist() == pytest.approx([0.8, 0.6])
    assert found.boxes[0] == pytest.approx([10 + 4 / 3, 10, 50 + 4 / 3, 50], abs=1e-4)
    assert found.boxes[1] == pytest.approx(TWINS[2])


CLASSES = np.log(np.array([[0.1, 0.6, 0.05, 0.25]], np.float32))


@pytest.mark.parametrize(
    ("background", "label", "score"), [(Background.FIRST, 0, 0.6), (Background.LAST, 1, 0.6)]
)
def test_a_classifiers_label_covers_the_whole_image(background, label, score):
    decoding = Decoding(activation=Activation.SOFTMAX, background=background)

    found = decode([CLASSES], a_manifest(DecoderKind.CLASSIFICATION, decoding), FLOORS)

    assert found.boxes.tolist() == [[0, 0, WIDTH, HEIGHT]]
    assert found.labels.tolist() == [label]
    assert found.scores.tolist() == pytest.approx([score])


def test_a_classifier_without_exclusive_labels_may_give_several():
    decoding = Decoding(activation=Activation.SIGMOID)
    classes = np.array([[2.0, -9.0, 1.0]], np.float32)

    found = decode([classes], a_manifest(DecoderKind.CLASSIFICATION, decoding), FLOORS)

    assert found.labels.tolist() == [0, 2]


@pytest.mark.parametrize("shape", [(1, 3), (1, 5), (2, 4), (1, 4, 1, 1), (4,), (1, 0)])
def test_a_classifier_of_another_shape_is_refused(shape):
    decoding = Decoding(activation=Activation.SOFTMAX, background=Background.FIRST)
    manifest = a_manifest(DecoderKind.CLASSIFICATION, decoding)

    with pytest.raises(ReadingFailedError):
        decode([np.zeros(shape, np.float32)], manifest, FLOORS)


WRONG = [
    (DecoderKind.YOLOV8, Decoding(strides=(8,))),
    (DecoderKind.YOLOX, Decoding()),
    (DecoderKind.GFL, Decoding(strides=(8, 0))),
    (DecoderKind.BLAZEFACE, Decoding(strides=(8, 16), anchors=(2,))),
    (DecoderKind.BOXES_SCORES_LABELS, Decoding(first_label=2)),
    (DecoderKind.BOXES_SCORES, Decoding(activation=Activation.SIGMOID)),
    (DecoderKind.YOLOV8, Decoding(coefficients=-1)),
    (DecoderKind.GFL, Decoding(strides=(8,), cell_centre=1.0)),
]


@pytest.mark.parametrize(("kind", "decoding"), WRONG)
def test_a_parameter_that_the_decoder_does_not_take_or_lacks_is_refused(kind, decoding):
    with pytest.raises(ValueError, match=r"decoder|strides|anchors|range"):
        a_manifest(kind, decoding)
