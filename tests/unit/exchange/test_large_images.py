"""Large files are walked in bands that hold the very pixels, or refused with a sentence."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge_app.domain.error import ImageRefusedError
from edge_app.exchange import png_bands, tiff_bands
from edge_app.exchange.large_images import RollingImage, banded_images
from edge_app.exchange.pictures import read_frames
from tests.slides import a_slide

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def picture():
    """Return 650 x 483 pixels: no multiple of anything."""
    pixels = np.pad(a_slide(1001, 1, 1).pixels, ((0, 3), (0, 10), (0, 0)), mode="edge")
    return Image.fromarray(np.ascontiguousarray(pixels))


@pytest.fixture(autouse=True)
def small_bands(monkeypatch):
    """Make even these pictures come in many bands."""
    monkeypatch.setattr(png_bands, "_BAND_BYTES", 50_000)
    monkeypatch.setattr(tiff_bands, "_PLAIN_PART", 50_000)


@contextmanager
def banded_image(path):
    """Yield the one picture of the file, or None where it must be decoded whole."""
    with banded_images(path) as images:
        assert len(images) < 2
        yield images[0] if images else None


def rows_of(image, step):
    tops = range(0, image.height, step)
    bands = [image.rows(t, min(image.height, t + step)) for t in tops]
    assert (image.width, image.height) == (bands[0].shape[1], sum(map(len, bands)))
    assert image.__class__.__name__ in ("RollingImage", "BmpRows")
    return np.concatenate(bands)


def walked(path, step=200):
    with banded_image(path) as image:
        return rows_of(image, step)


def tiled_tiff(picture, path, compression="jpeg"):
    """Write a tiled TIFF as slide scanners do: 256 x 256, padded at the far edges."""
    tiff = pytest.importorskip("PIL.TiffImagePlugin")
    side, parts = 256, []
    for y in range(0, picture.height, side):
        for x in range(0, picture.width, side):
            made = BytesIO()
            picture.crop((x, y, x + side, y + side)).save(
                made, "TIFF", compression=compression, tiffinfo={278: side}
            )
            with Image.open(made) as one:
                at = zip(one.tag_v2[273], one.tag_v2[279], strict=True)
                parts.append(b"".join(made.getvalue()[o : o + n] for o, n in at))
                tags = {t: one.tag_v2[t] for t in (258, 259, 262, 277, 284)}
    ifd = tiff.ImageFileDirectory_v2()
    for tag, value in tags.items():
        ifd[tag] = value
    ifd[256], ifd[257], ifd[322], ifd[323] = picture.width, picture.height, side, side
    start = 4096 * 4
    ifd[324] = tuple(start + sum(map(len, parts[:n])) for n in range(len(parts)))
    ifd[325] = tuple(map(len, parts))
    made = BytesIO()
    ifd.save(made)
    assert len(made.getvalue()) <= start
    path.write_bytes(made.getvalue().ljust(start, b"\0") + b"".join(parts))


KINDS = {
    "raw.tif": {},
    "deflate.tif": {"compression": "tiff_adobe_deflate"},
    "lzw.tif": {"compression": "tiff_lzw"},
    "packed.tif": {"compression": "packbits"},
    "jpeg.tif": {"compression": "jpeg"},
    "a.png": {"compress_level": 1},
    "best.png": {"compress_level": 9},
    "a.bmp": {},
    "fine.jpg": {"quality": 95, "subsampling": 0},
    "usual.jpg": {},
    "marked.jpg": {"restart_marker_rows": 1},
    "progressive.jpg": {"progressive": True},
}


WITH_MODES = [n for n in KINDS if n.endswith((".png", ".tif")) and "jpeg" not in n]
FORMS = [(n, "RGB") for n in KINDS] + [(n, m) for n in WITH_MODES for m in ("L", "P", "RGBA")]


@pytest.mark.parametrize(("name", "mode"), FORMS)
def test_bands_hold_what_the_whole_file_holds(picture, tmp_path, name, mode):
    converted = picture.quantize(200) if mode == "P" else picture.convert(mode)
    converted.save(tmp_path / name, **KINDS[name])

    (whole,) = read_frames(tmp_path / name)

    assert np.array_equal(walked(tmp_path / name), whole.pixels)


@pytest.mark.parametrize("rows", [1, 7, 480, 5000])
def test_strips_of_any_height_are_read(picture, tmp_path, rows):
    path = tmp_path / "a.tif"
    picture.save(path, compression="tiff_lzw", tiffinfo={278: rows})

    assert np.array_equal(walked(path), np.asarray(picture))


@pytest.mark.parametrize("compression", ["tiff_lzw", "raw"])
def test_a_tiled_tiff_is_read_by_its_tiles(picture, tmp_path, compression):
    tiled_tiff(picture, tmp_path / "tiles.tif", compression)

    assert np.array_equal(walked(tmp_path / "tiles.tif"), np.asarray(picture))


def test_a_png_whose_rows_look_at_the_row_above_is_exact_at_every_band(tmp_path):
    rng = np.random.default_rng(5)
    smooth = np.cumsum(rng.integers(-3, 4, (300, 400, 3)), axis=0).astype(np.uint8)
    Image.fromarray(smooth).save(tmp_path / "a.png")

    assert np.array_equal(walked(tmp_path / "a.png", 64), smooth)


@pytest.mark.parametrize("name", sorted(KINDS.keys() - {"lzw.tif", "packed.tif"}))
@pytest.mark.parametrize("share", [0.3, 0.7, 0.98])
def test_a_file_that_was_cut_off_is_refused(picture, tmp_path, name, share):
    path = tmp_path / name
    picture.save(path, **KINDS[name])
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])

    with pytest.raises(ImageRefusedError):
        walked(path)


def test_a_png_with_one_changed_byte_is_refused(picture, tmp_path):
    path = tmp_path / "a.png"
    picture.save(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    with pytest.raises(ImageRefusedError):
        walked(path)


@pytest.mark.parametrize("how", [{"interlace": 1}, {}])
def test_what_cannot_be_walked_is_left_to_be_decoded_whole(picture, tmp_path, how):
    path = tmp_path / "deep.png"
    Image.fromarray(np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)).save(path, **how)

    with banded_image(path) as image:
        assert image is None


def pages(path, *pictures):
    first, *others = pictures
    first.save(path, save_all=True, append_images=others)
    return path


def test_every_page_of_a_file_is_walked(picture, tmp_path):
    path = pages(tmp_path / "pages.tif", picture, picture.resize((100, 90)), picture)

    with banded_images(path) as images:
        found = [rows_of(image, 70) for image in images]

    whole = [frame.pixels for frame in read_frames(path)]
    assert len(found) == len(whole) == 3
    assert all(map(np.array_equal, found, whole))


def test_a_page_that_is_a_smaller_copy_of_another_is_no_picture_of_its_own(picture, tmp_path):
    small = picture.resize((100, 90))
    small.encoderinfo = {"tiffinfo": {254: 1}}

    with banded_images(pages(tmp_path / "levels.tif", picture, small)) as images:
        assert [image.width for image in images] == [picture.width]


def test_one_page_that_cannot_be_walked_leaves_all_to_be_decoded_whole(picture, tmp_path):
    deep = Image.fromarray(np.zeros((64, 64), np.uint16))

    with banded_images(pages(tmp_path / "mixed.tif", picture, deep)) as images:
        assert images == ()


def test_a_page_beyond_every_cap_is_refused(picture, tmp_path):
    path = pages(tmp_path / "pages.tif", picture, picture.resize((16, 900)))

    with pytest.raises(ImageRefusedError, match="16 x 900"), banded_images(path):
        pass


def test_a_jpeg_with_several_pictures_in_it_is_left_to_be_read_one_by_one(picture, tmp_path):
    path = tmp_path / "two.jpg"
    picture.save(path, "MPO", save_all=True, append_images=[picture.rotate(180)])

    with banded_image(path) as image:
        assert image is None


def test_a_turned_photograph_is_left_to_be_turned(picture, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    for name in ("a.png", "a.tif", "a.jpg"):
        picture.save(tmp_path / name, exif=exif)

        with banded_image(tmp_path / name) as image:
            assert image is None, name


@pytest.mark.parametrize("name", ["grey.jpg", "grey.bmp"])
def test_a_grey_photograph_is_decoded_whole_and_handed_out_in_rows(picture, tmp_path, name):
    picture.convert("L").save(tmp_path / name)

    with banded_image(tmp_path / name) as image:
        rows = image.rows(100, 300)

    (whole,) = read_frames(tmp_path / name)
    assert np.array_equal(rows, whole.pixels[100:300])


def test_a_bmp_with_a_spare_byte_a_pixel_is_read(picture, tmp_path):
    path, pixels = tmp_path / "spare.bmp", np.asarray(picture)
    picture.save(path)
    head = bytearray(path.read_bytes()[:54])
    head[28:30] = (32).to_bytes(2, "little")
    spare = np.dstack([pixels[::-1, :, ::-1], np.full(pixels.shape[:2], 7, np.uint8)])
    path.write_bytes(bytes(head) + spare.tobytes())

    assert np.array_equal(walked(path), pixels)


def test_a_bmp_that_begins_with_its_top_row_is_left_to_be_decoded_whole(picture, tmp_path):
    path = tmp_path / "down.bmp"
    picture.save(path)
    content = bytearray(path.read_bytes())
    content[22:26] = (-picture.height).to_bytes(4, "little", signed=True)
    path.write_bytes(content)

    with banded_image(path) as image:
        assert image is None


def test_a_photograph_that_says_it_is_huge_is_refused_before_a_pixel_is_decoded(tmp_path):
    made = BytesIO()
    Image.new("RGB", (64, 64)).save(made, "JPEG")
    content = made.getvalue()
    frame = content.index(b"\xff\xc0") + 5
    for side in (65_000, 20_000, 12_000):
        bomb = content[:frame] + side.to_bytes(2, "big") * 2 + content[frame + 4 :]
        (tmp_path / "bomb.jpg").write_bytes(bomb)

        with (
            pytest.raises(ImageRefusedError, match="too large"),
            banded_image(tmp_path / "bomb.jpg"),
        ):
            pass


def test_a_picture_beyond_every_cap_is_refused_before_a_pixel_is_decoded(tmp_path):
    made = BytesIO()
    Image.new("L", (32, 32)).save(made, "PNG")
    content = made.getvalue()
    head = (50_000).to_bytes(4, "big") * 2
    (tmp_path / "bomb.png").write_bytes(content[:16] + head + content[24:])

    with pytest.raises(ImageRefusedError, match="too large"), banded_image(tmp_path / "bomb.png"):
        pass


def test_rolling_rows_may_overlap_and_forget_what_lies_above():
    pixels = np.arange(100 * 4 * 3, dtype=np.uint8).reshape(100, 4, 3)
    image = RollingImage(4, 100, iter(np.array_split(pixels, 13)))

    for top, bottom in ((0, 40), (30, 70), (60, 100)):
        assert np.array_equal(image.rows(top, bottom), pixels[top:bottom])
    with pytest.raises(ImageRefusedError, match="cut off"):
        image.rows(90, 101)


SIDE = int(os.environ.get("EDGE_APP_LARGE_SIDE", "6000"))
WALK = """
import json, sys
from pathlib import Path
from edge_app.exchange import png_bands, tiff_bands
from edge_app.exchange.large_images import banded_images
def peak():  # not ru_maxrss, which a child begins with its parent's
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024
before = peak()
with banded_images(Path(sys.argv[1])) as (image,):
    total = sum(len(image.rows(t, min(image.height, t + 640))) for t in range(0, image.height, 480))
print(json.dumps([before, peak(), total]))
"""


@pytest.mark.parametrize("kind", ["png", "tif", "jpg", "bmp"])
def test_memory_does_not_grow_with_the_height(tmp_path, kind):
    path = tmp_path / f"tall.{kind}"
    Image.new("RGB", (SIDE // 3, SIDE * 3), (200, 180, 190)).save(
        path, **({"compression": "tiff_adobe_deflate"} if kind == "tif" else {})
    )

    ended = subprocess.run(
        [sys.executable, "-c", WALK, str(path)], capture_output=True, check=True, cwd=ROOT
    )

    before, after, _ = json.loads(ended.stdout)
    assert SIDE * SIDE * 3 / 1e6 > 100
    assert after - before < 60, f"{after - before} MB for {SIDE * SIDE * 3 // 1_000_000} MB"
