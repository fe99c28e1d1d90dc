"""What cameras send, and what the kernel is asked, without a camera."""

import ctypes
import errno
import itertools
import os
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from hardware.camera import structures as v4l2
from hardware.camera.jpeg import Whole, whole
from hardware.camera.pixels import FORMATS, Mode, is_whole, mode_of, rgb
from hardware.camera.structures import Request
from hardware.camera.video import letters, number
from hardware.camera.wire import Kernel, Usb, nodes_in

HEIGHT, WIDTH = 6, 8
COLOUR = (200, 120, 40)
PLAIN = ("YUYV", "NV12", "RGB24", "BGR24", "GREY")


def yuv(colour, *, is_bt709=False, is_full=False):
    """Return one colour as light and two colours, by the formulas of ITU-R BT.601 and BT.709."""
    red, blue = (0.2126, 0.0722) if is_bt709 else (0.299, 0.114)
    r, g, b = (value / 255 for value in colour)
    light = red * r + (1 - red - blue) * g + blue * b
    both = (b - light) / (2 - 2 * blue), (r - light) / (2 - 2 * red)
    if is_full:
        return [round(255 * light), *(min(255, round(128 + 255 * one)) for one in both)]
    return [round(16 + 219 * light), *(round(128 + 224 * one) for one in both)]


def a_mode(name, padding=0, **colours):
    row = WIDTH * {"YUYV": 2, "RGB24": 3, "BGR24": 3}.get(name, 1)
    return Mode(name, WIDTH, HEIGHT, row + padding, **colours)


def sent(name, colour=COLOUR, padding=0, **colours):
    """Return a picture of one colour as a camera sends it."""
    y, u, v = yuv(colour, **colours)
    row = {
        "YUYV": [y, u, y, v] * (WIDTH // 2),
        "NV12": [y] * WIDTH,
        "RGB24": [*colour] * WIDTH,
        "BGR24": [*colour[::-1]] * WIDTH,
        "GREY": [colour[0]] * WIDTH,
    }[name]
    rows = bytes([*row, *[255] * padding]) * HEIGHT
    if name == "NV12":
        rows += bytes([*[u, v] * (WIDTH // 2), *[255] * padding]) * (HEIGHT // 2)
    return rows


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("padding", [0, 5])
def test_a_colour_comes_out_as_it_was_sent(name, padding):
    picture = rgb(sent(name, padding=padding), a_mode(name, padding))

    wanted = (COLOUR[0],) * 3 if name == "GREY" else COLOUR
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert picture.dtype == np.uint8
    assert (abs(picture.astype(int) - wanted) <= 2).all()


@pytest.mark.parametrize(("is_bt709", "is_full"), list(itertools.product([False, True], repeat=2)))
@pytest.mark.parametrize("name", ["YUYV", "NV12"])
def test_a_colour_is_mixed_as_the_camera_says(name, is_bt709, is_full):
    colours = {"is_bt709": is_bt709, "is_full": is_full}
    for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), COLOUR):
        picture = rgb(sent(name, colour, **colours), a_mode(name, **colours))
        assert (abs(picture.astype(int) - colour) <= 3).all(), colour


def test_each_pair_of_pixels_has_the_colour_that_was_sent_between_them():
    red, blue = yuv((255, 0, 0)), yuv((0, 0, 255))
    row = bytes([red[0], red[1], red[0], red[2], blue[0], blue[1], blue[0], blue[2]])
    picture = rgb(row * 2, Mode("YUYV", 4, 2, 8)).astype(int)

    assert (abs(picture[:, :2] - (255, 0, 0)) <= 3).all()
    assert (abs(picture[:, 2:] - (0, 0, 255)) <= 3).all()


@pytest.mark.parametrize(
    ("colours", "is_bt709", "is_full"),
    [
        ((8, 0, 0), False, False),  # sRGB, as most webcams say: BT.601
        ((3, 0, 0), True, False),  # Rec. 709
        ((3, 1, 0), False, False),
        ((8, 2, 1), True, True),
    ],
)
def test_what_v4l2_says_of_colours_is_understood(colours, is_bt709, is_full):
    mode = mode_of("YUYV", (8, 6), 16, colours=colours)

    assert (mode.is_bt709, mode.is_full) == (is_bt709, is_full)


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("padding", [0, 5])
def test_a_picture_with_one_byte_too_few_is_not_whole(name, padding):
    content = sent(name, padding=padding)
    last = content[: len(content) - padding]

    assert is_whole(last, a_mode(name, padding))
    assert rgb(last, a_mode(name, padding)) is not None
    assert not is_whole(last[:-1], a_mode(name, padding))
    assert rgb(last[:-1], a_mode(name, padding)) is None


def a_jpeg(width=64, height=48, seed=0, **options):
    scene = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    flags = [item for pair in options.items() for item in (getattr(cv2, pair[0]), pair[1])]
    return cv2.imencode(".jpg", scene, flags)[1].tobytes()


@pytest.mark.parametrize(
    "options", [{}, {"IMWRITE_JPEG_PROGRESSIVE": 1}, {"IMWRITE_JPEG_RST_INTERVAL": 2}]
)
def test_a_whole_jpeg_is_read_with_whatever_follows_it(options):
    content = a_jpeg(**options)

    assert whole(content) == Whole(64, 48, len(content))
    assert whole(content + bytes(500)) == Whole(64, 48, len(content))
    assert whole(content + b"\xff\xd9") == Whole(64, 48, len(content))
    assert rgb(content + bytes(3), Mode("MJPEG", 64, 48, 0)).shape == (48, 64, 3)


def test_a_jpeg_that_was_cut_off_anywhere_is_refused():
    content = a_jpeg(IMWRITE_JPEG_RST_INTERVAL=2)

    assert not any(whole(content[:end]) for end in range(len(content)))
    assert not any(whole(content[:end] + bytes(100)) for end in range(0, len(content), 7))
    assert rgb(content[:-2], Mode("MJPEG", 64, 48, 0)) is None


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_jpeg_that_was_cut_off_and_given_an_end_is_refused(share):
    """The decoder would make that part grey."""
    content, mode = a_jpeg(), Mode("MJPEG", 64, 48, 0)
    head = content.index(b"\xff\xda") + 14
    at = head + int(share * (len(content) - head - 2))

    assert rgb(content[:at] + b"\xff\xd9", mode) is None


def test_a_few_bytes_too_many_before_the_end_do_no_harm(capfd):
    content, mode = a_jpeg(), Mode("MJPEG", 64, 48, 0)
    longer = content[:-2] + bytes(9) + content[-2:]  # of which the decoder calls four extraneous

    assert (rgb(longer, mode) == rgb(content, mode)).all()
    assert capfd.readouterr().err == "", "it is not printed with every frame"


def test_a_jpeg_of_another_size_than_agreed_is_refused_before_it_is_decoded():
    assert rgb(a_jpeg(width=4096), Mode("MJPEG", 64, 48, 0)) is None


def test_a_jpeg_without_its_tables_is_read_with_the_usual_ones():
    """Many cameras leave them out (USB Device Class Definition for Motion-JPEG, 3.3)."""
    content = a_jpeg()
    without, at = content[:2], 2
    while content[at + 1] != 0xDA:
        length = 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        without += b"" if content[at + 1] == 0xC4 else content[at : at + length]
        at += length
    without += content[at:]

    mode = Mode("MJPEG", 64, 48, 0)
    assert len(without) < len(content)
    assert (rgb(without, mode) == rgb(content, mode)).all()


def test_garbage_is_no_picture_and_ends_nothing():
    rng = np.random.default_rng(1)
    content = a_jpeg()
    mode = Mode("MJPEG", 64, 48, 0)
    for _ in range(300):
        spoilt = bytearray(content)
        for place in rng.integers(0, len(content), 8):
            spoilt[place] = rng.integers(0, 256)
        found = rgb(bytes(spoilt), mode)
        assert found is None or found.shape == (48, 64, 3)
        assert rgb(rng.integers(0, 256, 400, np.uint8).tobytes(), mode) is None


def test_requests_have_the_numbers_of_the_kernel_s_header():
    """As a C program printed them from linux/videodev2.h on a 64-bit machine."""
    if ctypes.sizeof(ctypes.c_long) != 8:
        pytest.skip("the numbers are those of 64 bits")
    assert {one.name: hex(one) for one in Request} == {
        "QUERYCAP": "0x80685600",
        "ENUM_FMT": "0xc0405602",
        "G_FMT": "0xc0d05604",
        "S_FMT": "0xc0d05605",
        "REQBUFS": "0xc0145608",
        "QUERYBUF": "0xc0585609",
        "QBUF": "0xc058560f",
        "DQBUF": "0xc0585611",
        "STREAMON": "0x40045612",
        "STREAMOFF": "0x40045613",
        "S_PARM": "0xc0cc5616",
        "G_CTRL": "0xc008561b",
        "S_CTRL": "0xc008561c",
        "QUERYCTRL": "0xc0445624",
        "QUERYMENU": "0xc02c5625",
        "ENUM_FRAMESIZES": "0xc02c564a",
        "ENUM_FRAMEINTERVALS": "0xc034564b",
    }


def test_fields_lie_where_the_kernel_has_them():
    if ctypes.sizeof(ctypes.c_long) != 8:
        pytest.skip("the places are those of 64 bits")
    assert (v4l2.Buffer.sequence.offset, v4l2.Buffer.m.offset) == (56, 64)
    assert (v4l2.Buffer.length.offset, v4l2.Format.fmt.offset) == (72, 8)
    assert (v4l2.Parameters.parm.offset, v4l2.MenuQuery.m.offset) == (4, 8)


def test_what_the_kernel_refuses_is_an_error_with_its_number():
    with Path("/dev/null").open("rb") as file, pytest.raises(OSError, match="ioctl") as refused:
        Kernel().ask(file.fileno(), Request.QUERYCAP, v4l2.Capability())

    assert refused.value.errno == errno.ENOTTY


def test_waiting_ends_when_something_comes_or_the_time_is_over():
    reading, writing = os.pipe()
    began = time.monotonic()
    assert not Kernel().wait(reading, 0.05)
    assert time.monotonic() - began > 0.04
    os.write(writing, b"x")
    assert Kernel().wait(reading, 10)
    os.close(reading)
    os.close(writing)


def test_a_pixel_format_is_four_letters():
    assert number("YUYV") == 0x56595559
    assert all(letters(number(name)) == name for name in FORMATS)
    assert letters(0x00000001) == "????"


def test_nodes_are_found_with_the_usb_device_above_them(tmp_path):
    """A camera with a serial number, one without, and one that hangs on no USB, as in /sys."""
    listed = tmp_path / "class"
    listed.mkdir()
    devices = {"video10": "usb1/1-3", "video2": "usb1/1-4", "video0": "platform/vivid.0"}
    for name, device in devices.items():
        place = tmp_path / device / "interface" / name
        place.mkdir(parents=True)
        (listed / name).symlink_to(place)
        if device.startswith("usb"):
            (tmp_path / device / "idVendor").write_text("046d\n")
            (tmp_path / device / "idProduct").write_text("0825\n")
    (tmp_path / "usb1/1-3/serial").write_text("8C1B2340\n")
    (listed / "v4l-subdev0").mkdir()

    found = nodes_in(listed)
    assert [node.path.name for node in found] == ["video0", "video2", "video10"]
    usb = [None, Usb("046d", "0825"), Usb("046d", "0825", "8C1B2340")]
    assert [node.usb for node in found] == usb
    assert nodes_in(tmp_path / "nowhere") == ()
