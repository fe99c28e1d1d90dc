"""Somebody's ONNX file becomes a package that answers as the file does, or is refused aloud."""

import math

import cv2
import numpy as np
import onnx
import onnxruntime
import pytest

from edge_app.compose.build_package import Wish, build_package, nobody_to_ask
from edge_app.domain.decoding import Suppression
from edge_app.domain.error import DetectorRefusedError
from edge_app.domain.geometry import pairwise_iou
from edge_app.domain.manifest import Fit, Status
from edge_app.inference import golden
from edge_app.inference.build.description import DecodingWish, Description, read_description
from edge_app.inference.build.drawn import drawn_pictures
from edge_app.inference.build.families import FAMILIES
from edge_app.inference.build.quantize import last_convolutions
from edge_app.inference.build.trials import Trial, best
from edge_app.inference.choice import Choice
from edge_app.inference.loading import load_detector
from tests.smears import a_field
from tests.unit.inference.build.small_graphs import GRAPHS, SIDE, a_graph

LABELS = ("cell", "speck", "thread")


def pictures():
    return [a_field(seed)[0].pixels[:300, :400] for seed in range(4)] + list(
        drawn_pictures().values()
    )


def made(tmp_path, model, said, *, calibration=(), golden=(), ask=nobody_to_ask):
    path = tmp_path / "foreign.onnx"
    path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
    wish = Wish(path, tmp_path / "package", said, calibration, golden)
    return build_package(wish, ask, lambda _: None)


def fed(pixels, family):
    """Return what the publisher would feed: the picture stretched to the input, in plain steps."""
    feeding = FAMILIES[family].feeding
    image = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    image = image[..., ::-1] if feeding.bgr else image
    image = (image - np.array(feeding.mean)) / np.array(feeding.std)
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None].astype(np.float32))


def slow_nanodet(table):
    """NanoDet's published decode, cell by cell."""
    found, row = [], 0
    for stride in (8, 16, 32):
        for y in range(SIDE // stride):
            for x in range(SIDE // stride):
                cells = table[row]
                row += 1
                away = []
                for side in range(4):
                    powers = [math.exp(v) for v in cells[3 + side * 8 : 11 + side * 8]]
                    away.append(stride * sum(i * p for i, p in enumerate(powers)) / sum(powers))
                cx, cy = (x + 0.5) * stride, (y + 0.5) * stride
                box = [cx - away[0], cy - away[1], cx + away[2], cy + away[3]]
                found += [(box, k, float(cells[k])) for k in range(3)]
    return found


def slow_detr(classes, boxes, family):
    """DETR's and RT-DETR's published decode, query by query."""
    found = []
    for logits, (cx, cy, w, h) in zip(classes, boxes, strict=True):
        box = [v * SIDE for v in (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)]
        if family == "detr":
            powers = [math.exp(v) for v in logits]
            scores = [p / sum(powers) for p in powers][:3]
        else:
            scores = [1 / (1 + math.exp(-v)) for v in logits]
        found += [(box, k, s) for k, s in enumerate(scores)]
    return found


def slow(model, family, pixels):
    """Return the float graph's answer to a picture by the published decode, unsuppressed."""
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    outputs = [o[0] for o in session.run(None, {"images": fed(pixels, family)})]
    found = slow_nanodet(outputs[0]) if family == "nanodet" else slow_detr(*outputs, family)
    height, width = pixels.shape[:2]
    scale = np.array([width, height, width, height]) / SIDE
    cut = [width, height, width, height]
    return [(np.clip(np.array(b) * scale, 0, cut), k, s) for b, k, s in found if s >= 0.4]


@pytest.mark.parametrize("family", GRAPHS)
def test_a_random_export_reads_as_the_published_decode_says(tmp_path, family):
    model = a_graph(GRAPHS[family])
    plain = DecodingWish(suppression=Suppression.NONE)
    said = Description(family=family, labels=LABELS, score=0.4, decoding=plain)
    made(tmp_path, model, said)
    detector = load_detector(tmp_path / "package", Choice("fp32", "cpu"))
    total = 0
    for pixels in pictures():
        want = slow(model, family, pixels)
        got = detector.see(pixels, np.full(3, 0.4, np.float32)).detections
        assert len(got) == len(want)
        total += len(got)
        boxes = np.array([[d.box.x0, d.box.y0, d.box.x1, d.box.y1] for d in got])
        alike = pairwise_iou(np.array([w[0] for w in want]), boxes) > 0.9
        alike &= np.array([[LABELS[w[1]] == d.label for d in got] for w in want])
        alike &= np.array([[abs(w[2] - d.score) < 0.01 for d in got] for w in want])
        assert alike.any(axis=1).all()
        assert alike.any(axis=0).all()
    assert total > 50


def test_what_ultralytics_exporter_wrote_down_is_enough(tmp_path):
    told = {"names": "{0: 'nodule', 1: 'cyst'}", "task": "detect", "imgsz": "[64, 64]"}
    model = a_graph([((1, 6, 84), 1.0, "Sigmoid")], dynamic=True, metadata=told)

    manifest = made(tmp_path, model, Description(score=0.99)).package.manifest

    assert [x.name for x in manifest.labels] == ["nodule", "cyst"]
    assert (manifest.input.width, manifest.input.height) == (64, 64)
    assert manifest.input.fit is Fit.CENTRED
    assert manifest.decoder.value == "yolov8"


class StoppedError(Exception):
    """A person, or a full disk, stops the building."""


@pytest.mark.parametrize("is_leftover", [False, True])
def test_a_package_that_was_not_finished_leaves_nothing_behind(tmp_path, is_leftover):
    path = tmp_path / "foreign.onnx"
    path.write_bytes(a_graph(GRAPHS["rtdetr"]).SerializeToString())
    if is_leftover:
        (tmp_path / "package.part").mkdir()
        (tmp_path / "package.part" / "model.fp32.onnx").write_bytes(b"half")
    drafts = []

    def stop(said):
        drafts.append((tmp_path / "package.part").exists())
        if said.startswith("Writing"):
            raise StoppedError

    wish = Wish(path, tmp_path / "package", Description(labels=LABELS, family="rtdetr"), (), ())
    with pytest.raises(StoppedError):
        build_package(wish, nobody_to_ask, stop)

    assert drafts[-1]
    assert {p.name for p in tmp_path.iterdir()} == {"foreign.onnx"}


@pytest.mark.parametrize("family", GRAPHS)
def test_a_package_that_shall_read_several_pictures_at_once_answers_each_as_alone(tmp_path, family):
    said = Description(labels=LABELS, family=family, several=True)
    built = made(tmp_path, a_graph(GRAPHS[family]), said)
    session = load_detector(built.package.folder, Choice()).session
    variant = built.package.variant("fp32")

    assert session.takes_batches
    assert golden.batch_trouble(built.package, variant, session, 4) == ""


def test_a_graph_that_mixes_its_pictures_is_not_built_to_read_several(tmp_path):
    model = a_graph(GRAPHS["rtdetr"])
    for node in model.graph.node:
        if node.op_type == "Gemm":
            node.input[0] = "mixed"
    place = [n.op_type for n in model.graph.node].index("Flatten") + 1
    largest = onnx.helper.make_node("ReduceMax", ["flat"], ["largest"], axes=[0], keepdims=1)
    model.graph.node.insert(place, largest)
    mixed = onnx.helper.make_node("Add", ["flat", "largest"], ["mixed"])
    model.graph.node.insert(place + 1, mixed)
    said = Description(labels=LABELS, family="rtdetr", several=True)

    with pytest.raises(DetectorRefusedError, match="answers each of them alone"):
        made(tmp_path, model, said)
    assert not (tmp_path / "package").exists()


def test_the_package_says_that_nobody_validated_it(tmp_path):
    built = made(tmp_path, a_graph(GRAPHS["rtdetr"]), Description(labels=LABELS, family="rtdetr"))
    detector = load_detector(built.package.folder, Choice())

    assert built.package.manifest.status is Status.EXPERIMENTAL
    assert "Not validated" in (built.package.folder / "card.md").read_text()
    assert "experimental" in detector.certificate.version
    assert all(check.ok for check in built.checks)


@pytest.mark.parametrize("nhwc", [False, True])
def test_any_order_of_axes_is_fed_the_same_pixels(tmp_path, nhwc):
    said = Description(labels=LABELS, family="rtdetr", score=0.3)
    made(tmp_path, a_graph(GRAPHS["rtdetr"], nhwc=nhwc), said)

    model = onnx.load(tmp_path / "package" / "model.fp32.onnx")
    shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]

    assert model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert shape == [1, SIDE, SIDE, 3]


def test_an_int8_file_is_made_only_where_it_was_measured(tmp_path):
    folder = tmp_path / "calibration"
    folder.mkdir()
    for i in range(16):
        pixels = a_field(i % 5)[0].pixels[i * 8 : i * 8 + 300, :400]
        cv2.imwrite(str(folder / f"{i}.png"), pixels[..., ::-1])
    said = Description(labels=LABELS, family="rtdetr", score=0.3, loss=0.5)

    with_pictures = made(tmp_path, a_graph(GRAPHS["rtdetr"]), said, calibration=(folder,))

    assert len(with_pictures.trials) == 5
    names = [v.name for v in with_pictures.package.manifest.variants]
    kept = best(with_pictures.trials, 0.5)
    assert names == (["int8", "fp32"] if kept else ["fp32"])
    assert all(c.ok for c in with_pictures.checks)


def test_without_calibration_pictures_there_is_no_int8_and_it_is_said(tmp_path):
    said = Description(labels=LABELS, family="rtdetr", score=0.3)

    built = made(tmp_path, a_graph(GRAPHS["rtdetr"]), said)

    assert [v.name for v in built.package.manifest.variants] == ["fp32"]
    assert any("calibration" in r for r in built.remarks)


def a_trial(agreement, ms, why=""):
    return Trial("x", None if why else onnx.ModelProto(), agreement, ms, 10.0, why)


def test_the_fastest_within_the_loss_is_kept_and_nothing_that_is_slower_than_float():
    trials = [a_trial(0.99, 8), a_trial(0.96, 5), a_trial(0.90, 2), a_trial(1.0, 12)]

    assert best(trials, 0.05) is trials[1]
    assert best(trials, 0.02) is trials[0]
    assert best(trials[2:], 0.05) is None
    assert best([a_trial(1.0, 1, "broken")], 0.05) is None


def test_the_last_convolutions_are_those_nearest_to_the_outputs():
    model = a_graph(GRAPHS["rtdetr"])

    assert last_convolutions(model, 1) == ["second"]
    assert last_convolutions(model, 2) == ["first", "second"]


REFUSED = {
    "no labels": (GRAPHS["rtdetr"], Description(family="rtdetr"), "labels"),
    "no family": ([((1, 7), 1.0, "Identity"), ((1, 9), 1.0, "Identity")],
                  Description(labels=LABELS), "family"),
    "the wrong family": (GRAPHS["rtdetr"], Description(family="yolox", labels=LABELS), "shape"),
    "the wrong number of labels": (
        GRAPHS["rtdetr"], Description(family="rtdetr", labels=LABELS[:2]), "shape"),
    "an unknown output": (
        GRAPHS["rtdetr"], Description(family="rtdetr", labels=LABELS, outputs=("x",)), "output"),
    "a size that it has not": (
        GRAPHS["rtdetr"], Description(family="rtdetr", labels=LABELS, width=32, height=32), "64"),
    "a label twice": (
        GRAPHS["rtdetr"], Description(family="rtdetr", labels=("a", "a", "b")), "one name"),
    "no deviation": (
        GRAPHS["rtdetr"], Description(family="rtdetr", labels=LABELS, std=(0.0,)), "std"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused_and_nothing_is_left_behind(tmp_path, name):
    outputs, said, why = REFUSED[name]

    with pytest.raises(DetectorRefusedError) as refused:
        made(tmp_path, a_graph(outputs), said)

    assert why in refused.value.what
    assert refused.value.remedy
    assert [p.name for p in tmp_path.iterdir()] == ["foreign.onnx"]


@pytest.mark.parametrize("content", [b"", b"no model", b"\x08\x09" * 50])
def test_a_file_that_is_no_model_never_reaches_the_builder(tmp_path, content):
    with pytest.raises(DetectorRefusedError, match="check of the file"):
        made(tmp_path, content, Description(family="rtdetr", labels=LABELS))


def test_a_folder_that_is_there_is_never_written_over(tmp_path):
    (tmp_path / "package").mkdir()

    with pytest.raises(DetectorRefusedError, match="is there already"):
        made(tmp_path, a_graph(GRAPHS["rtdetr"]), Description(family="rtdetr", labels=LABELS))


def test_a_description_that_says_what_nobody_asked_is_refused(tmp_path):
    (tmp_path / "said.toml").write_text("threshold = 0.3\n")

    with pytest.raises(DetectorRefusedError, match="threshold"):
        read_description(tmp_path / "said.toml")


def test_only_what_is_missing_is_asked(tmp_path):
    asked = []

    def ask(question, choices, proposal):
        asked.append(question)
        return proposal or "a, b, c"

    said = Description(family="rtdetr", name="my-cells")
    made(tmp_path, a_graph(GRAPHS["rtdetr"]), said, ask=ask)

    assert not any("short name" in q or "family" in q for q in asked)
    assert any("3 labels" in q for q in asked)
