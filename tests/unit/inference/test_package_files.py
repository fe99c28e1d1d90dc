"""A file of a package is one plain file of its folder, read whole and once, or it is refused."""

import os

import numpy as np
import pytest

from edge_app.domain.error import DetectorRefusedError
from edge_app.inference.golden_pictures import read_picture
from edge_app.inference.package_files import is_plain_name, read_file, shown
from tests.smears import PACKAGE

CAP = 10


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (str, "is missing"),
        (lambda path: path.touch(), "is empty"),
        (lambda path: path.write_bytes(b"x" * (CAP + 1)), "larger than the 10 bytes"),
        (lambda path: path.mkdir(), "not a plain file"),
        (os.mkfifo, "not a plain file"),
        (lambda path: path.symlink_to("/etc/passwd"), "is a link"),
        (lambda path: path.symlink_to("nowhere"), "is a link"),
    ],
)
def test_what_is_no_plain_file_is_refused(tmp_path, make, said):
    make(tmp_path / "x")

    with pytest.raises(DetectorRefusedError, match=said):
        read_file(tmp_path / "x", CAP)


def test_a_pipe_that_somebody_writes_to_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "x")
    writing = os.open(tmp_path / "x", os.O_RDWR)
    os.write(writing, b"lies")

    with pytest.raises(DetectorRefusedError, match="not a plain file"):
        read_file(tmp_path / "x", CAP)

    os.close(writing)


def test_a_file_of_just_the_cap_is_read_whole(tmp_path):
    (tmp_path / "x").write_bytes(b"0123456789")

    assert read_file(tmp_path / "x", CAP) == b"0123456789"


@pytest.mark.parametrize("name", ["model.int8.onnx", "field-1.png", "a", "A_b.c"])
def test_a_plain_name_is_one(name):
    assert is_plain_name(name)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", ".hidden", "../x", "a/b", "/etc/passwd", "a\\b", "c:x", "x" * 65,
     "m\u00f6.onnx", "a\u202eb", "a\nb", "a\0b", "-x", "con", "NUL.onnx", "com1.png", "a b",
     "\uff0e\uff0e"],
)  # fmt: skip
def test_a_name_that_could_lead_elsewhere_is_none(name):
    assert not is_plain_name(name)


def test_a_name_must_have_the_wanted_ending():
    assert is_plain_name("model.onnx", ".onnx")
    assert not is_plain_name("model.onnx.so", ".onnx")


def test_the_shipped_pictures_are_read():
    content = (PACKAGE / "golden" / "field-1.png").read_bytes()

    pixels = read_picture(content, "field-1.png")

    assert pixels.shape == (336, 448, 3)
    assert pixels.dtype == np.uint8


def test_what_is_shown_is_short_and_can_be_seen():
    assert shown("a\nb\u202ec\x1b[31m") == "a?b?c?[31m"
    assert len(shown("x" * 10_000)) < 250
