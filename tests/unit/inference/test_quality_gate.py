"""Pictures that cannot be judged are told from those that can, over many smears."""

import numpy as np
import pytest

from edge_app.domain.reading import QualityIssue
from edge_app.exchange.pictures import read_frames
from edge_app.inference.package import load_package
from edge_app.inference.preprocess import prepare
from edge_app.inference.quality_gate import figures_of, measure
from tests.smears import EMPTY_COLUMN, PACKAGE, a_field

SEEDS = range(1, 11)
MANIFEST = load_package(PACKAGE).manifest
FINDER = PACKAGE.parent / "nerve-vessel"
SCAN = load_package(FINDER).manifest
SCANS = [next(iter(read_frames(p))).pixels for p in sorted((FINDER / "golden").glob("*.png"))]


def issue_of(pixels):
    return measure(prepare(pixels, MANIFEST.input).seen, MANIFEST.quality).issue


def issues(**how):
    return {seed: issue_of(a_field(seed, **how)[0].pixels) for seed in SEEDS}


def test_sharp_fields_pass():
    assert issues() == dict.fromkeys(SEEDS)


@pytest.mark.parametrize("focus_um", [8.0, -8.0, 10.0])
def test_fields_far_out_of_focus_are_blurred(focus_um):
    assert issues(focus_um=focus_um) == dict.fromkeys(SEEDS, QualityIssue.BLURRED)


def test_one_dark_cell_does_not_make_a_blurred_field_look_sharp():
    # The only white cell of this field is small: its edge is steep against the pale others.
    assert issue_of(a_field(1012, focus_um=8.0)[0].pixels) is QualityIssue.BLURRED


def test_a_lamp_turned_up_too_far_is_over_exposed():
    assert issues(lamp=200.0) == dict.fromkeys(SEEDS, QualityIssue.OVER_EXPOSED)


def test_a_lamp_turned_down_too_far_is_under_exposed():
    assert issues(lamp=5.0) == dict.fromkeys(SEEDS, QualityIssue.UNDER_EXPOSED)


def test_empty_glass_is_an_empty_field():
    assert issues(column=EMPTY_COLUMN) == dict.fromkeys(SEEDS, QualityIssue.EMPTY_FIELD)


@pytest.mark.parametrize("grey", [0, 128, 255])
@pytest.mark.parametrize("size", [(32, 32), (480, 640), (3000, 40)])
def test_a_picture_of_one_grey_always_has_an_issue(grey, size):
    assert issue_of(np.full((*size, 3), grey, np.uint8)) is not None


def figures(pixels):
    return figures_of(prepare(pixels, SCAN.input).seen)


@pytest.mark.parametrize("gain", [0.5, 0.25])
@pytest.mark.parametrize("figure", ["contact", "field", "extent", "texture", "layers"])
def test_a_scan_at_low_gain_has_the_field_of_a_bright_one(figure, gain):
    for bright in SCANS:
        dim = (bright * gain).astype(np.uint8)

        assert getattr(figures(dim), figure) == pytest.approx(
            getattr(figures(bright), figure), rel=0.15
        )


def test_a_scan_at_low_gain_is_not_called_blurred():
    for bright in SCANS:
        dim = (bright * 0.5).astype(np.uint8)

        assert figures(dim).fineness > 0.9 * figures(bright).fineness


def test_a_lifted_probe_does_not_make_the_rest_of_the_scan_dark():
    for scan in SCANS:
        half = scan[:, : scan.shape[1] // 2]
        whole = np.concatenate([half[:, ::-1], half], axis=1)
        lifted = np.concatenate([half[:, ::-1] // 32, half], axis=1)

        assert figures(lifted).contact == pytest.approx(figures(whole).contact / 2, rel=0.1)
        assert figures(lifted).peak == pytest.approx(figures(whole).peak, rel=0.05)
