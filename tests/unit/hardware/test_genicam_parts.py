"""Pixels of cameras and the numbers of their frames, without a camera."""

import itertools
from datetime import datetime, timezone

import numpy as np
import pytest

from hardware.arrivals import Arrivals
from hardware.genicam.opened import OpenGenicam
from hardware.genicam.pixels import FORMATS, Sent, format_name, is_whole, rgb

CODES = {known.name: code for code, known in FORMATS.items()}
HEIGHT, WIDTH = 6, 8
COLOUR = (200, 120, 40)


def sent(name, content, width=WIDTH, height=HEIGHT, padding=0):
    return Sent(np.frombuffer(content, np.uint8), CODES[name], width, height, padding)


def mosaic(name):
    """Return one even colour as a sensor with this pattern sees it; the name is its first rows."""
    first, second = {
        "RG": ("RG", "GB"),
        "GR": ("GR", "BG"),
        "GB": ("GB", "RG"),
        "BG": ("BG", "GR"),
    }[name[5:7]]
    cell = [["RGB".index(letter) for letter in row] for row in (first, second)]
    return np.array(COLOUR, np.uint8)[np.tile(cell, (HEIGHT // 2, WIDTH // 2))]


@pytest.mark.parametrize("name", ["BayerRG8", "BayerGR8", "BayerGB8", "BayerBG8"])
def test_a_mosaic_becomes_the_colour_that_the_sensor_saw(name):
    picture = rgb(sent(name, mosaic(name).tobytes()))

    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert (picture == COLOUR).all()


@pytest.mark.parametrize(("height", "width"), list(itertools.product([1, 2, 3], [1, 2, 3])))
def test_a_tiny_mosaic_is_not_made_black(height, width):
    content = np.full((height, width), 90, np.uint8).tobytes()

    assert (rgb(sent("BayerGB8", content, width, height)) == 90).all()


@pytest.mark.parametrize(("name", "order"), [("RGB8", [0, 1, 2]), ("BGR8", [2, 1, 0])])
def test_colours_come_in_the_order_red_green_blue(name, order):
    scene = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)

    assert (rgb(sent(name, scene[..., order].tobytes())) == scene).all()


@pytest.mark.parametrize(("name", "bits"), [("Mono10", 10), ("Mono12", 12), ("Mono14", 14),
                                            ("Mono16", 16)])  # fmt: skip
def test_the_upper_eight_bits_of_a_grey_value_are_kept(name, bits):
    values = np.linspace(0, 2**bits - 1, HEIGHT * WIDTH).astype("<u2")
    picture = rgb(sent(name, values.tobytes()))

    grey = (values // 2 ** (bits - 8)).reshape(HEIGHT, WIDTH, 1)
    assert picture.dtype == np.uint8
    assert (picture == grey).all()
    assert (picture.min(), picture.max()) == (0, 255)


@pytest.mark.parametrize("name", CODES)
def test_what_follows_each_row_is_no_part_of_the_picture(name):
    row = WIDTH * FORMATS[CODES[name]].pixel_bytes
    plain = np.random.default_rng(1).integers(0, 4, (HEIGHT, row), np.uint8)
    padded = np.pad(plain, [(0, 0), (0, 5)], constant_values=255)

    wanted = rgb(sent(name, plain.tobytes()))
    assert (rgb(sent(name, padded.tobytes(), padding=5)) == wanted).all()
    assert (rgb(sent(name, padded.tobytes()[:-5], padding=5)) == wanted).all()


@pytest.mark.parametrize("name", CODES)
def test_a_picture_with_one_byte_too_few_is_not_whole(name):
    size = HEIGHT * WIDTH * FORMATS[CODES[name]].pixel_bytes

    assert is_whole(sent(name, bytes(size)))
    assert not is_whole(sent(name, bytes(size - 1)))
    assert not is_whole(sent(name, bytes(size), width=0))


def test_a_picture_keeps_its_pixels_when_the_camera_writes_over_the_buffer():
    for code, known in FORMATS.items():
        buffer = np.zeros(HEIGHT * WIDTH * known.pixel_bytes, np.uint8)
        picture = rgb(Sent(buffer, code, WIDTH, HEIGHT, 0))
        buffer[:] = 255
        assert not picture.any(), known.name


def test_a_format_that_is_not_read_is_named_by_its_number():
    assert format_name(0x010C0006) == "format 0x010C0006"
    assert not is_whole(Sent(np.zeros(100, np.uint8), 0x010C0006, 4, 4, 0))


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        ([1, 2, 3], 0),
        ([1, 4, 5], 2),
        ([65534, 65535, 1, 2], 0),  # 0 is left out where 16 bits are counted
        ([65534, 65535, 0, 1], 0),
        ([65534, 2], 2),
        ([65535, 65536], 0),  # counted in 64 bits
        ([70000, 1, 2], 0),  # the camera began again
        ([5, 5], 0),
    ],
)
def test_numbers_that_are_left_out_are_missing_frames(numbers, missing):
    arrivals = Arrivals()
    for number in numbers:
        arrivals.came(number, is_whole=True)

    assert (arrivals.missing, arrivals.broken) == (missing, 0)


def test_broken_frames_count_beside_missing_ones():
    arrivals = Arrivals()
    arrivals.came(1, is_whole=False)
    arrivals.came(3, is_whole=True)
    arrivals.skipped()
    arrivals.came(90, is_whole=False)

    assert (arrivals.broken, arrivals.missing, arrivals.dropped) == (2, 1, 3)


def test_a_frame_that_was_half_over_when_somebody_asked_again_is_not_lost():
    arrivals = Arrivals()
    arrivals.came(1, is_whole=True)
    arrivals.resumed()
    arrivals.came(40, is_whole=False)
    assert arrivals.dropped == 0

    arrivals.came(42, is_whole=False)
    assert (arrivals.broken, arrivals.missing) == (1, 1)


class _Stopped:
    """A clock that is first asked by a process which was just stopped for two seconds."""

    def __init__(self):
        self.awake_s, self.is_first = 100.0, True

    def now(self):
        if self.is_first:
            self.is_first = False
            self.awake_s += 2.0
        return datetime.now(timezone.utc)

    def monotonic_ns(self):
        return int(self.awake_s * 1e9)


class _Lent:
    def __init__(self, number):
        self.number = number

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def sent(self):
        return sent("Mono8", bytes([self.number]) * (HEIGHT * WIDTH))


class _Stream:
    """One frame lies there from before the stop; the next one comes after it."""

    is_full = False

    def __init__(self):
        self.waiting = [_Lent(1)]

    def next(self, wait_s):
        if self.waiting:
            return self.waiting.pop() if wait_s else None
        return _Lent(2) if wait_s else None


def test_a_frame_from_before_a_stop_is_never_stamped_with_the_time_after_it(monkeypatch):
    clock = _Stopped()
    monkeypatch.setattr("time.clock_gettime", lambda _: clock.awake_s)
    camera = OpenGenicam(None, "place", clock, "id", 8.0)
    monkeypatch.setattr(camera, "_is_controlled", lambda: True)
    camera._stream, camera._looked_s = _Stream(), clock.awake_s

    assert (camera.frame().pixels == 2).all()
