"""One code path from pixels to tensor; boxes find their way back."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from edge_app.domain.manifest import Fit, InputSpec, Shrink
from edge_app.exchange.pictures import read_frames
from edge_app.inference.golden import tensor_hash
from edge_app.inference.preprocess import contract_hash, prepare
from tests.unit.exchange.test_dicom_image import written

SPEC = InputSpec(352, 352, 114, "RGB")
SIDES = st.integers(32, 3000)


def noise(width, height):
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)


@settings(max_examples=60, deadline=None)
@given(SIDES, SIDES, st.tuples(*[st.floats(0, 1)] * 4), st.sampled_from(Fit))
def test_boxes_come_back_within_a_pixel(width, height, corners, fit):
    prepared = prepare(np.zeros((height, width, 3), np.uint8), replace(SPEC, fit=fit))
    x0, x1 = sorted(c * width for c in corners[:2])
    y0, y1 = sorted(c * height for c in corners[2:])
    scale = np.array([*prepared.scale, *prepared.scale])
    box = np.array([[x0, y0, x1, y1]])
    moved = box * scale + [*prepared.corner, *prepared.corner]

    back = prepared.to_image(moved.astype(np.float32))

    assert np.abs(back - box).max() < 1


@settings(max_examples=40, deadline=None)
@given(SIDES, SIDES)
def test_the_whole_image_fits_in_and_the_rest_is_fill(width, height):
    prepared = prepare(np.zeros((height, width, 3), np.uint8), SPEC)
    used_width, used_height = prepared.used

    assert prepared.tensor.shape == (1, 352, 352, 3)
    assert max(prepared.used) == 352
    assert min(prepared.used) >= 1
    assert (prepared.seen == 0).all()
    assert (prepared.tensor[0, used_height:] == 114).all()
    assert (prepared.tensor[0, :, used_width:] == 114).all()


@settings(max_examples=30, deadline=None)
@given(SIDES, SIDES)
def test_a_centred_image_has_the_same_fill_on_both_sides(width, height):
    prepared = prepare(np.zeros((height, width, 3), np.uint8), replace(SPEC, fit=Fit.CENTRED))
    filled = (prepared.tensor[0, ..., 0] == 114).sum()
    (left, top), (used_width, used_height) = prepared.corner, prepared.used

    assert prepared.seen.shape[:2] == (used_height, used_width)
    assert (prepared.seen == 0).all()
    assert filled == 352 * 352 - used_width * used_height
    assert 0 <= (352 - used_width) - 2 * left <= 1
    assert 0 <= (352 - used_height) - 2 * top <= 1


def test_a_stretched_image_fills_the_whole_input():
    prepared = prepare(noise(640, 200), replace(SPEC, fit=Fit.STRETCH))

    assert prepared.used == (352, 352)
    assert prepared.seen.shape == (352, 352, 3)
    assert prepared.scale == (352 / 640, 352 / 200)


def test_only_an_image_of_more_than_twice_the_size_is_shrunk_by_area():
    linear = replace(SPEC, shrink=Shrink.LINEAR)
    large, small = noise(1500, 1500), noise(700, 700)

    assert (prepare(large, linear).tensor != prepare(large, SPEC).tensor).any()
    assert (prepare(small, linear).tensor == prepare(small, SPEC).tensor).all()


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize(("width", "height"), [(352, 352), (640, 480), (480, 640), (2000, 900)])
def test_a_mark_in_the_image_is_where_its_box_says(width, height, fit):
    pixels = np.zeros((height, width, 3), np.uint8)
    x0, y0, x1, y1 = width // 4, height // 3, width // 2, height // 2
    pixels[y0:y1, x0:x1] = 255

    prepared = prepare(pixels, replace(SPEC, fit=fit))
    rows, columns = np.nonzero(prepared.tensor[0, ..., 0] > 127)
    box = np.array([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]], np.float32)

    assert np.abs(prepared.to_image(box) - [x0, y0, x1, y1]).max() <= max(width, height) / 352 + 1


def test_boxes_are_cut_at_the_edge_of_the_image():
    prepared = prepare(noise(640, 480), SPEC)

    beyond = prepared.to_image(np.array([[-50, -50, 900, 900]], np.float32))

    assert beyond[0] == pytest.approx([0, 0, 640, 480], abs=1e-3)


def test_channels_stay_red_green_blue():
    pixels = np.zeros((352, 352, 3), np.uint8)
    pixels[..., 0], pixels[..., 2] = 200, 30

    assert prepare(pixels, SPEC).tensor[0, 100, 100].tolist() == [200, 0, 30]


def test_the_same_pixels_give_the_same_tensor_from_every_kind_of_file(tmp_path):
    pixels = noise(500, 300)
    files = [tmp_path / f"a.{suffix}" for suffix in ("png", "bmp", "tiff", "dcm")]
    for path in files[:3]:
        Image.fromarray(pixels).save(path)
    written(files[3], pixels)

    hashes = {tensor_hash(prepare(f.pixels, SPEC).tensor) for p in files for f in read_frames(p)}

    assert hashes == {tensor_hash(prepare(pixels, SPEC).tensor)}


def test_another_declaration_has_another_hash():
    specs = [SPEC, InputSpec(320, 352, 114, "RGB"), InputSpec(352, 352, 0, "RGB")]
    specs += [replace(SPEC, fit=Fit.CENTRED), replace(SPEC, fit=Fit.STRETCH)]
    specs += [replace(SPEC, shrink=Shrink.LINEAR)]

    assert len({contract_hash(s) for s in specs}) == 6


def test_what_a_package_does_not_use_does_not_change_its_hash():
    first = b'{"width":352,"height":352,"fill":114,"colour":"RGB"}'
    steps = b"fit-upper-left, linear down to one half, area below, uint8 nhwc"

    assert contract_hash(SPEC) == hashlib.sha256(steps + first).hexdigest()


@pytest.mark.parametrize(
    "wrong", [{"colour": "BGR"}, {"fill": 256}, {"width": 0}, {"height": 9999}]
)
def test_a_declaration_that_no_image_fits_is_refused(wrong):
    with pytest.raises(ValueError, match=r"sides|fill"):
        replace(SPEC, **wrong)
