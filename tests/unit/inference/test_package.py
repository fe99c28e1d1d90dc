"""A package that is not what was tested is refused, whole or a variant at a time."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from edge_app.domain.error import DetectorRefusedError, ReadingFailedError
from edge_app.domain.reading import Outcome
from edge_app.inference import golden
from edge_app.inference.choice import Choice
from edge_app.inference.detector import OnnxDetector
from edge_app.inference.loading import load_detector
from edge_app.inference.package import load_package
from edge_app.inference.providers import PROVIDERS
from edge_app.inference.session import open_session, usable_providers
from edge_app.inference.verify import selftest, verify_file, verify_package
from tests.smears import PACKAGE, a_field
from tests.unit.inference.lying_providers import LyingInner, changed

CPU = Choice("int8", "cpu")


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(PACKAGE, tmp_path / PACKAGE.name)


@pytest.fixture(scope="module")
def package():
    return load_package(PACKAGE)


@pytest.fixture(scope="module")
def session(package):
    return open_session(package.model(package.variant("int8")), "cpu")


def cut_model(folder):
    path = folder / "model.int8.onnx"
    path.write_bytes(path.read_bytes()[:-1])


def flip_a_byte(folder):
    content = bytearray((folder / "model.int8.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "model.int8.onnx").write_bytes(content)


def swap_models(folder):
    shutil.copy(folder / "model.fp32.onnx", folder / "model.int8.onnx")


def manifest_text(old, new):
    def change(folder):
        path = folder / "package.toml"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))

    return change


def brighten_golden(folder):
    path = folder / "golden" / "field-1.png"
    with Image.open(path) as picture:
        picture.point(lambda v: min(255, v + 1)).save(path)


def change_answers(change):
    def changed(folder):
        path = folder / "golden" / "golden.json"
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    return changed


def move_a_box(content):
    content["pictures"][0]["expected"]["int8"][0]["box"][0] -= 30


def forget_answers(content):
    for picture in content["pictures"]:
        picture["expected"].pop("int8", None)


DAMAGES = {
    "cut model": cut_model,
    "one bit of the model": flip_a_byte,
    "another variant's model": swap_models,
    "no model": lambda folder: (folder / "model.int8.onnx").unlink(),
    "no manifest": lambda folder: (folder / "package.toml").unlink(),
    "manifest is no TOML": manifest_text("name =", "name ="[:-1] + ": ="),
    "unknown key": manifest_text("nms_iou", "surprise = 1\nnms_iou"),
    "unknown nested key": manifest_text("fill = 114", "fill = 114\nmean = 3"),
    "missing key": manifest_text("nms_iou = 0.5\n", ""),
    "unknown decoder": manifest_text("boxes-scores", "guess"),
    "unknown default point": manifest_text('default_point = "balanced"', 'default_point = "x"'),
    "a threshold for no label": manifest_text('label = "platelet"', 'label = "parasite"'),
    "no golden folder": lambda folder: shutil.rmtree(folder / "golden"),
    "no golden answers": lambda folder: (folder / "golden" / "golden.json").unlink(),
    "no golden picture": lambda folder: (folder / "golden" / "field-1.png").unlink(),
    "changed golden picture": brighten_golden,
    "empty golden list": change_answers(lambda content: content["pictures"].clear()),
    "changed golden answer": change_answers(move_a_box),
    "no golden answer for the variant": change_answers(forget_answers),
    "another tensor": change_answers(lambda c: c["pictures"][0].update(tensor_sha256="0" * 64)),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_package_that_was_changed_is_refused(folder, name):
    DAMAGES[name](folder)

    with pytest.raises(DetectorRefusedError) as refused:
        load_detector(folder, CPU)

    assert refused.value.what
    assert refused.value.remedy
    assert not all(check.ok for check in verify_package(folder))


def test_the_shipped_package_is_sound():
    checks = list(verify_package(PACKAGE))

    assert [c for c in checks if not c.ok] == []
    assert len(checks) >= 10


def test_a_broken_variant_refuses_even_the_automatic_choice(folder):
    flip_a_byte(folder)

    with pytest.raises(DetectorRefusedError, match="hash"):
        load_detector(folder, Choice())


def test_a_variant_that_decides_wrongly_here_is_passed_over_with_the_reason(folder):
    change_answers(move_a_box)(folder)

    detector = load_detector(folder, Choice(provider="cpu"))

    assert detector.certificate.variant == "fp32"
    assert "int8" in detector.passed_over[0]


@pytest.mark.parametrize(
    ("choice", "named"),
    [(Choice("int4"), "int8"), (Choice(provider="tpu"), "cpu"), (Choice(point="x"), "balanced")],
)
def test_a_wrong_wish_is_refused_with_what_there_is(choice, named):
    with pytest.raises(DetectorRefusedError) as refused:
        load_detector(PACKAGE, choice)

    assert named in refused.value.remedy


def test_only_named_providers_may_run_and_none_of_them_is_remote():
    assert set(usable_providers()) <= {p.name for p in PROVIDERS}
    assert not any("Azure" in p.runtime_name for p in PROVIDERS)


@pytest.mark.parametrize(
    "provider", ["azure", "AzureExecutionProvider", "CPUExecutionProvider", ""]
)
def test_a_provider_that_is_not_on_the_list_is_refused(package, provider):
    with pytest.raises(DetectorRefusedError, match="cannot be used"):
        open_session(package.model(package.variant("int8")), provider)


def test_a_session_runs_on_the_provider_that_was_named(session):
    assert session.inner.get_providers() == ["CPUExecutionProvider"]


@pytest.mark.parametrize(
    "content", [b"", b"no model", (PACKAGE / "model.int8.onnx").read_bytes()[:9999]]
)
def test_bytes_that_are_no_graph_are_refused(tmp_path, content):
    with pytest.raises(DetectorRefusedError, match="not accepted"):
        open_session(content, "cpu")

    path = tmp_path / "bare.onnx"
    path.write_bytes(content)
    assert not all(check.ok for check in verify_file(path))


def test_a_runtime_that_gives_up_is_a_failed_reading(session):
    with pytest.raises(ReadingFailedError):
        session.run(np.zeros((1, 7, 7, 3), np.uint8))


def lying(session, change):
    return replace(session, inner=LyingInner(session.inner, changed(change)))


def test_the_golden_check_refuses_numbers_that_are_none(package, session):
    liar = lying(session, lambda boxes, scores: (boxes * np.nan, scores))

    with pytest.raises(DetectorRefusedError, match="not finite"):
        golden.passed(package, package.variant("int8"), liar)


def test_the_golden_check_bears_a_rounding(package, session):
    rounded = lying(session, lambda b, s: (b + 0.05, np.clip(s - 0.001, 0, 1)))

    assert golden.passed(package, package.variant("int8"), rounded)


def test_the_selftest_names_every_picture(package):
    names = [c.name for c in selftest(package, "int8")]

    assert len(names) == len(golden.golden_set(package).pictures) * len(usable_providers())


@pytest.fixture(scope="module")
def detector():
    return load_detector(PACKAGE, CPU)


@pytest.mark.parametrize("focus_um", [0.0, 8.0])
def test_every_reading_carries_a_complete_certificate(detector, focus_um):
    image, _ = a_field(7, focus_um=focus_um)

    reading = detector.read(image)
    certificate = reading.certificate

    assert reading.image_hash == image.hash
    assert all(str(getattr(certificate, name)) for name in certificate.__slots__)
    assert certificate.provider == "cpu"
    assert certificate.model_sha256 == detector.manifest.variant("int8").sha256
    assert dict(certificate.thresholds).keys() == {x.name for x in detector.manifest.labels}
    assert reading.timing.total_ms > 0


def test_reading_the_same_image_again_gives_the_same_answer(detector):
    image, _ = a_field(7)
    one, other = detector.read(image), detector.read(image)

    assert one.outcome is Outcome.FINDING
    assert one.detections == other.detections
    assert one.quality == other.quality


def test_every_detection_reaches_its_threshold_and_lies_in_the_image(detector):
    image, _ = a_field(7)
    limits = dict(detector.certificate.thresholds)

    for found in detector.read(image).detections:
        assert found.score >= limits[found.label] - 1e-6
        assert 0 <= found.box.x0 < found.box.x1 <= image.width + 1e-3
        assert 0 <= found.box.y0 < found.box.y1 <= image.height + 1e-3


def test_the_strict_point_never_finds_more_than_the_screening_point():
    image, _ = a_field(7)
    strict, screening = (
        load_detector(PACKAGE, Choice("int8", "cpu", point)).read(image)
        for point in ("rule-in", "screening")
    )

    assert set(strict.detections) <= set(screening.detections)
    assert isinstance(load_detector(PACKAGE, CPU), OnnxDetector)
