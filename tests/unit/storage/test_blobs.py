"""An image's file is whole and ours, or it is refused: never a wrong picture."""

import zlib
from dataclasses import replace
from datetime import date

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_app.domain.error import NotSavedError, StudyDamagedError
from edge_app.domain.image import UNCALIBRATED, Calibration, Deep, DeepScale
from edge_app.storage import blobs
from edge_app.storage.blobs import packed, unpacked
from tests.fakes import an_image


def some_noise(height: int = 5, width: int = 7):
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


IMAGE = an_image(some_noise(), sequence=4, spacing_mm=(0.2, 0.3))
WHOLE = packed(IMAGE)


def a_forged_file(height: int, width: int, body: bytes) -> bytes:
    """Return what looks as if it was packed but lies in its header."""
    header = msgspec.msgpack.encode(
        blobs.Header(height, width, IMAGE.hash, "fake-1", 1, IMAGE.captured_at, 1, None)
    )
    return len(header).to_bytes(4, "big") + header + body


def test_a_whole_file_is_the_image_with_all_that_is_known_of_it():
    back = unpacked(WHOLE)

    assert np.array_equal(back.pixels, IMAGE.pixels)
    assert (back.sequence, back.spacing_mm, back.hash) == (4, (0.2, 0.3), IMAGE.hash)


def test_a_picture_in_its_own_depth_comes_back_with_every_number_and_its_scale():
    numbers = np.random.default_rng(2).integers(0, 65_536, (5, 7), np.uint16)
    scale = DeepScale(0.5, -1024.0, "HU", is_inverted=True, window=(40.0, 400.0))
    back = unpacked(packed(replace(IMAGE, deep=Deep(numbers, scale))))

    assert np.array_equal(back.deep.numbers, numbers)
    assert back.deep.scale == scale
    assert (np.array_equal(back.pixels, IMAGE.pixels), back.hash) == (True, IMAGE.hash)


def test_a_file_without_a_depth_of_its_own_is_byte_for_byte_as_older_versions_wrote_it():
    length = int.from_bytes(WHOLE[:4], "big")

    assert "deep" not in msgspec.msgpack.decode(WHOLE[4 : 4 + length])
    assert zlib.decompress(WHOLE[4 + length :]) == IMAGE.pixels.tobytes()


@pytest.mark.parametrize("n_bytes", [5 * 7 * 3, 5 * 7 * 5 - 1, 5 * 7 * 5 + 1])
def test_a_depth_that_is_promised_and_not_there_is_refused(n_bytes):
    deep = replace(IMAGE, deep=Deep(np.zeros((5, 7), np.uint16)))
    whole = packed(deep)
    length = int.from_bytes(whole[:4], "big")
    body = (zlib.decompress(whole[4 + length :]) + b"\0")[:n_bytes]

    with pytest.raises(StudyDamagedError):
        unpacked(whole[: 4 + length] + zlib.compress(body))


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=200))
def test_what_is_no_image_is_refused(content):
    with pytest.raises(StudyDamagedError):
        unpacked(content)


def test_something_after_the_end_is_refused():
    with pytest.raises(StudyDamagedError):
        unpacked(WHOLE + b"\0")


@pytest.mark.parametrize(
    ("height", "width"),
    [(2**31, 2**31), (2**63, 2**63), (100_000, 100_000), (0, 7), (7, 0), (0, 0), (-1, -1)],
)
def test_a_header_that_promises_a_bomb_is_refused_before_it_goes_off(height, width):
    bomb = zlib.compress(bytes(50_000_000), 9)

    with pytest.raises(StudyDamagedError, match="size"):
        unpacked(a_forged_file(height, width, bomb))


def test_a_body_that_is_longer_than_its_header_says_is_refused():
    with pytest.raises(StudyDamagedError):
        unpacked(a_forged_file(5, 7, zlib.compress(bytes(5 * 7 * 3 + 1))))


def test_pixels_of_another_picture_are_refused():
    with pytest.raises(StudyDamagedError, match="not the one"):
        unpacked(a_forged_file(5, 7, zlib.compress(bytes(5 * 7 * 3))))


@pytest.mark.parametrize("shape", [(0, 5, 3), (5, 0, 3), (70_000, 1, 3)])
def test_a_picture_that_could_not_be_read_back_is_not_saved(shape):
    with pytest.raises(NotSavedError):
        packed(an_image(np.zeros(shape, np.uint8)))


def test_a_picture_that_came_in_part_is_kept_as_such():
    assert unpacked(packed(an_image(some_noise(), is_partial=True))).is_partial
    assert not unpacked(WHOLE).is_partial


def test_a_picture_says_for_ever_when_its_light_and_its_scale_were_measured():
    measured = Calibration(light=date(2026, 11, 26), spacing=date(2026, 11, 25))
    kept = unpacked(packed(replace(IMAGE, calibration=measured)))

    assert kept.calibration == measured
    assert unpacked(WHOLE).calibration == UNCALIBRATED


def test_a_file_from_before_there_were_calibrations_is_read():
    assert b"calibration" not in WHOLE
