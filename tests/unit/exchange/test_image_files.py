"""PNG, JPEG, TIFF and BMP files come in whole and upright, or are refused with a sentence."""

import os
import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from edge_app.domain.error import ImageRefusedError
from edge_app.exchange.pictures import pictures, read_frames

HEIGHT, WIDTH = 40, 56
ROOT = Path(__file__).parents[3]


def noise(seed=0, shape=(HEIGHT, WIDTH, 3)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def ramp16():
    return (np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) * 20 + 3000).astype(np.uint16)


def encoded(picture, kind, **how):
    made = BytesIO()
    picture.save(made, kind, **how)
    return made.getvalue()


def pixels_of(path, content=None):
    if content is not None:
        path.write_bytes(content)
    (frame,) = read_frames(path)
    return frame.pixels


KINDS = {
    "png": ("PNG", {}),
    "unpacked.png": ("PNG", {"compress_level": 0}),
    "jpeg": ("JPEG", {"quality": 90}),
    "progressive.jpg": ("JPEG", {"progressive": True}),
    "tiff": ("TIFF", {}),
    "lzw.tiff": ("TIFF", {"compression": "tiff_lzw"}),
    "deflate.tif": ("TIFF", {"compression": "tiff_deflate"}),
    "bmp": ("BMP", {}),
}
LOSSLESS = [name for name, (kind, _) in KINDS.items() if kind != "JPEG"]


@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_files_give_the_very_pixels(tmp_path, name):
    kind, how = KINDS[name]

    read = pixels_of(tmp_path / f"a.{name}", encoded(Image.fromarray(noise()), kind, **how))

    assert np.array_equal(read, noise())


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "JPEG"])
def test_grey_files_have_three_equal_channels(tmp_path, kind):
    grey = Image.fromarray(noise(shape=(HEIGHT, WIDTH)))

    read = pixels_of(tmp_path / "a.png", encoded(grey, kind))

    assert read.shape == (HEIGHT, WIDTH, 3)
    assert (read[..., 0] == read[..., 1]).all()
    assert (read[..., 0] == read[..., 2]).all()


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_stretched_to_what_it_holds_and_keeps_its_order(tmp_path, kind):
    read = pixels_of(tmp_path / "deep.img", encoded(Image.fromarray(ramp16()), kind))[..., 0]

    assert (read.min(), read.max()) == (0, 255)
    assert (np.diff(read.ravel().astype(int)) >= 0).all()


def test_a_deep_image_of_one_value_is_read_without_a_division_by_nothing(tmp_path):
    flat = Image.fromarray(np.full((HEIGHT, WIDTH), 5000, np.uint16))

    assert len(np.unique(pixels_of(tmp_path / "flat.png", encoded(flat, "PNG")))) == 1


def test_values_that_are_no_numbers_are_refused(tmp_path):
    values = ramp16().astype(np.float32)
    values[3, 3] = np.nan
    path = tmp_path / "nan.tif"
    path.write_bytes(encoded(Image.fromarray(values), "TIFF"))

    with pytest.raises(ImageRefusedError, match="no numbers"):
        pixels_of(path)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_palette_files_come_in_as_their_colours(tmp_path, kind):
    picture = Image.fromarray(noise()).quantize(16)

    read = pixels_of(tmp_path / "a.img", encoded(picture, kind))

    assert np.array_equal(read, np.asarray(picture.convert("RGB")))


def test_alpha_does_not_change_the_colours(tmp_path):
    colours = noise()
    see_through = np.dstack([colours, noise(1, (HEIGHT, WIDTH, 1))])

    read = pixels_of(tmp_path / "a.png", encoded(Image.fromarray(see_through), "PNG"))

    assert np.array_equal(read, colours)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG"])
def test_a_turned_camera_is_turned_back(tmp_path, kind):
    lying = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    lying[:, : WIDTH // 2] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter to the left

    read = pixels_of(tmp_path / "a.img", encoded(Image.fromarray(lying), kind, exif=exif))

    assert read.shape == (WIDTH, HEIGHT, 3)
    assert read[: WIDTH // 3].min() > 200
    assert read[-WIDTH // 3 :].max() < 50


def test_every_page_of_a_tiff_is_a_frame_in_order(tmp_path):
    pages = [Image.fromarray(noise(seed)) for seed in range(3)]
    path = tmp_path / "pages.tif"
    path.write_bytes(encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:]))

    frames = list(read_frames(path))

    assert [np.array_equal(f.pixels, noise(n)) for n, f in enumerate(frames)] == [True] * 3


def test_a_jpeg_named_png_is_read_by_its_content(tmp_path):
    jpeg = encoded(Image.fromarray(noise()), "JPEG")

    read = pixels_of(tmp_path / "wrong.png", jpeg)

    assert np.array_equal(read, pixels_of(tmp_path / "right.jpg", jpeg))


def test_junk_after_a_whole_jpeg_changes_nothing(tmp_path):
    jpeg = encoded(Image.fromarray(noise()), "JPEG")

    read = pixels_of(tmp_path / "junk.jpg", jpeg + b"\x00\xff\xd8junk" * 500)

    assert np.array_equal(read, pixels_of(tmp_path / "clean.jpg", jpeg))


BAD = {
    "empty.png": b"",
    "text.png": b"These are no pixels.\n" * 20,
    "html.jpg": b"<html><body>404</body></html>",
    "one-pixel.png": encoded(Image.new("RGB", (1, 1)), "PNG"),
    "thin.png": encoded(Image.new("RGB", (4000, 3)), "PNG"),
    "cmyk.jpg": encoded(Image.new("CMYK", (64, 64)), "JPEG"),
    "gif.png": encoded(Image.new("P", (64, 64)), "GIF"),
    "half-a-signature.png": b"\x89PNG\r",
    "zeros.tif": bytes(4096),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_image_is_refused_with_what_to_do_now(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(BAD[name])

    with pytest.raises(ImageRefusedError) as refused:
        list(read_frames(path))

    assert refused.value.what.endswith(".")
    assert refused.value.remedy.endswith(".")
    assert "\n" not in str(refused.value)
    assert "Error" not in str(refused.value)


def test_a_missing_file_and_a_pipe_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")

    for name in ("missing.png", "pipe.png"):
        with pytest.raises(ImageRefusedError):
            list(read_frames(tmp_path / name))


@pytest.mark.parametrize("name", KINDS)
def test_a_file_cut_anywhere_is_refused_never_half_grey(tmp_path, name):
    kind, how = KINDS[name]
    whole = encoded(Image.fromarray(noise()), kind, **how)
    path = tmp_path / f"cut.{name}"
    cuts = {*range(0, len(whole), max(1, len(whole) // 120)), *range(len(whole) - 30, len(whole))}
    accepted = []
    for cut in cuts:
        path.write_bytes(whole[:cut])
        try:
            frames = [f.pixels for f in read_frames(path)]
        except ImageRefusedError:
            continue
        accepted.append((cut, frames))

    read_whole = pixels_of(path, whole)
    assert all(len(f) == 1 and np.array_equal(f[0], read_whole) for _, f in accepted)
    assert len(accepted) <= 20  # a PNG's last 20 bytes are checksums and an end mark


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(list(KINDS)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_a_damaged_file_is_read_or_refused_and_nothing_else_happens(tmp_path, name, damages):
    kind, how = KINDS[name]
    content = bytearray(encoded(Image.fromarray(noise()), kind, **how))
    for place, value in damages:
        content[int(place**3 * (len(content) - 1))] = value  # mostly in the headers
    path = tmp_path / "damaged.img"
    path.write_bytes(content)

    try:
        shapes = [frame.pixels.shape for frame in read_frames(path)]
    except ImageRefusedError:
        return
    assert all(shape[2] == 3 for shape in shapes)


def test_a_tiff_without_dimensions_is_refused(tmp_path):
    whole = bytearray(encoded(Image.fromarray(noise()), "TIFF"))
    tag = whole.index(b"\x00\x01", 8) if whole[:2] == b"MM" else whole.index(b"\x00\x01\x04\x00", 8)
    whole[tag : tag + 2] = b"\xff\xfe"
    path = tmp_path / "no-width.tif"
    path.write_bytes(whole)

    with pytest.raises(ImageRefusedError):
        list(read_frames(path))


MEASURE = """
import sys, time
from pathlib import Path
from edge_app.domain.error import ImageRefusedError
from edge_app.exchange.pictures import read_frames
import numpy, PIL.PngImagePlugin, PIL.TiffImagePlugin, PIL.BmpImagePlugin, PIL.JpegImagePlugin
def peak():  # not ru_maxrss, which a child begins with its parent's
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
started = time.perf_counter()
before = peak()
for name in sys.argv[1:]:
    try:
        list(read_frames(Path(name)))
    except ImageRefusedError as error:
        assert "too large" in error.what, error.what
    else:
        raise SystemExit("read")
print(peak() - before, time.perf_counter() - started)
"""


def huge_png(side):
    """Return a valid black PNG, one bit a pixel, without ever holding its pixels."""

    def chunk(kind, content):
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    pack = zlib.compressobj(1)
    rows = [pack.compress(bytes(side // 8 + 1)) for _ in range(side)]
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    content = b"".join([*rows, pack.flush()])
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", header), chunk(b"IDAT", content), chunk(b"IEND", b"")]
    )


def huge_bmp(side):
    small = bytearray(encoded(Image.fromarray(noise()), "BMP"))
    small[18:26] = struct.pack("<ii", side, side)
    return bytes(small)


def test_a_huge_image_is_refused_before_it_is_decoded(tmp_path):
    bombs = {
        "huge.png": huge_png(20_000),
        "huge.bmp": huge_bmp(20_000),
        "bomb.bmp": huge_bmp(1 << 30),
    }
    for name, content in bombs.items():
        (tmp_path / name).write_bytes(content)

    ended = subprocess.run(
        [sys.executable, "-c", MEASURE, *(str(tmp_path / name) for name in bombs)],
        capture_output=True, text=True, cwd=ROOT, check=False, timeout=60,
    )  # fmt: skip

    assert ended.returncode == 0, ended.stderr
    grown_kib, took_s = ended.stdout.split()
    assert int(grown_kib) < 20_000  # decoded, the smallest alone is 50 MB
    assert float(took_s) < 2


def test_a_refused_file_or_folder_does_not_stop_the_others(tmp_path):
    (tmp_path / "nothing here").mkdir()
    (tmp_path / "folder").mkdir()
    for name in ("a.png", "folder/c.png"):
        Image.fromarray(noise()).save(tmp_path / name)
    (tmp_path / "b.png").write_bytes(b"")
    names = ("missing.png", "nothing here", "b.png", "folder", "a.png")

    found = list(pictures([tmp_path / name for name in names]))

    assert [p.refused.code if p.refused else "read" for p in found] == [
        "IMG-001", "IMG-002", "IMG-001", "read", "read",
    ]  # fmt: skip


def test_a_page_that_is_refused_says_its_own_number(tmp_path):
    pages = [Image.fromarray(noise(seed)) for seed in range(2)]
    path = tmp_path / "pages.tif"
    path.write_bytes(
        encoded(pages[0], "TIFF", save_all=True, append_images=[Image.new("L", (3, 3))])
    )

    found = list(pictures([path]))

    assert [(p.frame_number, p.refused is None) for p in found] == [(0, True), (1, False)]
