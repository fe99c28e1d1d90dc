"""The figures that tell a detector's kind are the ones that were tested, or the package falls."""

import hashlib
import json
import shutil

import cv2
import numpy as np
import pytest

from edge_app.domain.error import DetectorRefusedError
from edge_app.domain.reading import Outcome, QualityIssue
from edge_app.inference.choice import Choice
from edge_app.inference.kind import read_kind
from edge_app.inference.kind_features import N_FEATURES, features_of
from edge_app.inference.loading import load_detector
from edge_app.inference.package import load_package
from edge_app.inference.quality_gate import measure
from edge_app.inference.verify import verify_package
from tests.fakes import an_image
from tests.smears import EMPTY_COLUMN, PACKAGE, a_field

SPEC = load_package(PACKAGE).manifest.kind


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(PACKAGE, tmp_path / PACKAGE.name)


@pytest.fixture(scope="module")
def kind():
    return read_kind(PACKAGE, SPEC)


def changed(name, value):
    def change(figures):
        figures[name] = value(figures[name])

    return change


def one_not_a_number(figures):
    figures["hidden"][3][2] = float("nan")


DAMAGES = {
    "a number too few": changed("mean", lambda x: x[:-1]),
    "a row too few": changed("hidden", lambda x: x[:-1]),
    "rows of different length": changed("hidden", lambda x: [x[0][:-1], *x[1:]]),
    "no number": one_not_a_number,
    "no spread": changed("spread", lambda x: [0.0, *x[1:]]),
    "features of another program": changed("features", lambda _: "features 0"),
    "another detector's kinds": changed("kinds", lambda x: [f"{k}s" for k in x]),
    "a word for a number": changed("centre", lambda x: ["much", *x[1:]]),
    "a key too many": lambda figures: figures.update(surprise=1),
    "a triangle that is none": changed("whitening", lambda x: [x[1], *x[1:]]),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_figures_that_do_not_fit_are_refused_with_their_hash_right(folder, name):
    path = folder / SPEC.file
    figures = json.loads(path.read_bytes())
    DAMAGES[name](figures)
    path.write_text(json.dumps(figures))
    manifest = folder / "package.toml"
    right = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(manifest.read_text().replace(SPEC.sha256, right))

    with pytest.raises(DetectorRefusedError, match="kind"):
        load_detector(folder, Choice("int8", "cpu"))


def test_figures_that_were_changed_or_left_out_refuse_the_package(folder):
    path = folder / SPEC.file
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    with pytest.raises(DetectorRefusedError, match="hash"):
        load_detector(folder, Choice("int8", "cpu"))
    assert [c.name for c in verify_package(folder) if not c.ok] == ["kind"]

    path.unlink()
    with pytest.raises(DetectorRefusedError, match="missing"):
        load_detector(folder, Choice("int8", "cpu"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f'file = "{SPEC.file}"', 'file = "../kind.json"'),
        (f'own = "{SPEC.own}"', 'own = ""'),
        (f"min_share = {SPEC.min_share}", "min_share = 0.0"),
        (f"max_distance = {SPEC.max_distance}", "max_distance = 1000.0"),
        ("min_texture = ", "min_texture = -"),
    ],
)
def test_limits_that_let_everything_through_are_refused(folder, old, new):
    path = folder / "package.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))

    with pytest.raises(DetectorRefusedError, match="contradicts itself"):
        load_package(folder)


def test_the_simulated_smears_are_smears(kind):
    strange = {seed: kind.strangeness(a_field(seed)[0].pixels) for seed in range(1, 21)}

    assert {seed: s for seed, s in strange.items() if s > 1} == {}


def test_size_and_black_frame_hardly_count(kind):
    pixels = a_field(3)[0].pixels
    framed = cv2.copyMakeBorder(pixels, 60, 40, 90, 20, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    small = cv2.resize(pixels, (320, 240), interpolation=cv2.INTER_AREA)

    for other in (framed, small):
        assert kind.strangeness(other) <= 1


def test_features_are_finite_for_any_picture():
    rng = np.random.default_rng(5)
    pictures = [np.full((40, 30, 3), grey, np.uint8) for grey in (0, 7, 128, 255)]
    pictures += [rng.integers(0, 256, (h, w, 3), np.uint8) for h, w in ((1, 1), (9, 700), (600, 5))]

    for pixels in pictures:
        found = features_of(pixels)
        assert found.shape == (N_FEATURES,)
        assert np.isfinite(found).all()


def test_bare_glass_is_empty_and_not_of_another_kind(kind):
    manifest = load_package(PACKAGE).manifest
    for seed in range(1, 6):
        pixels = a_field(seed, column=EMPTY_COLUMN)[0].pixels

        assert measure(pixels, manifest.quality, kind).issue is QualityIssue.EMPTY_FIELD


@pytest.mark.parametrize("step", [1, 2, 3, 7, 22])
def test_a_regular_pattern_is_never_answered(kind, step):
    manifest = load_package(PACKAGE).manifest
    rows, columns = np.indices((264, 352)) // step
    for dark, light in ((0, 255), (60, 200), (120, 180)):
        grey = np.where((rows + columns) % 2, light, dark).astype(np.uint8)
        pixels = np.repeat(grey[..., None], 3, 2)

        assert measure(pixels, manifest.quality, kind).issue is not None


class Strange:
    """Finds every picture equally strange."""

    def __init__(self, degree):
        self.degree = degree

    def strangeness(self, _seen):
        return self.degree


def test_what_is_spoilt_and_a_little_strange_is_told_as_spoilt_with_nothing_marked():
    detector = load_detector(PACKAGE, Choice("int8", "cpu"))
    blurred = a_field(1, focus_um=8.0)[0]
    said = {}
    for degree in (0.5, 2.0, 50.0):
        detector._kind = Strange(degree)
        reading = detector.read(blurred)
        said[degree] = (reading.quality.issue, bool(reading.detections))

    assert said == {
        0.5: (QualityIssue.BLURRED, True),
        2.0: (QualityIssue.BLURRED, False),
        50.0: (QualityIssue.WRONG_KIND, False),
    }


def test_a_picture_too_dark_for_any_kind_is_told_as_dark():
    detector = load_detector(PACKAGE, Choice("int8", "cpu"))
    detector._kind = Strange(50.0)

    reading = detector.read(a_field(1, lamp=5.0)[0])

    assert reading.quality.issue is QualityIssue.UNDER_EXPOSED
    assert reading.detections == ()


def test_a_refused_kind_is_named_and_nothing_in_it_is_marked():
    noise = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)

    reading = load_detector(PACKAGE, Choice("int8", "cpu")).read(an_image(noise))

    assert reading.outcome is Outcome.CANNOT_SAY
    assert reading.reason.startswith(f"This does not look like {SPEC.title}.")
    assert reading.detections == ()
    assert reading.certificate.kind_sha256 == SPEC.sha256
