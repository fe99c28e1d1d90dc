"""DICOM files that pydicom carries: complete pixels, or a refusal."""

import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

from edge_app.domain.error import ImageRefusedError
from edge_app.exchange.pictures import read_frames

FILES = Path(pydicom.__file__).parent / "data" / "test_files"
COMPRESSED = [
    "JPEG2000.dcm",
    "JPGExtended.dcm",
    "MR_small_RLE.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "SC_rgb_jls_lossy_line.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "SC_rgb_jpeg_gdcm.dcm",
    "SC_rgb_rle_2frame.dcm",
    "examples_ybr_color.dcm",
]
UNCOMPRESSED = ["CT_small.dcm", "MR_small_bigendian.dcm", "SC_ybr_full_422_uncompressed.dcm"]

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's word on odd files


def pixels_of(path):
    return [frame.pixels for frame in read_frames(path)]


def written(path, pixels, **changed):
    """Write pixels [frames, h, w] or [h, w, 3] as a plain file whose header says `changed`."""
    ds = pydicom.Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID = SecondaryCaptureImageStorage, generate_uid()
    is_colour = pixels.shape[-1] == 3
    ds.Rows, ds.Columns = pixels.shape[-3:-1] if is_colour else pixels.shape[-2:]
    ds.SamplesPerPixel = 3 if is_colour else 1
    ds.PhotometricInterpretation = "RGB" if is_colour else "MONOCHROME2"
    if is_colour:
        ds.PlanarConfiguration = 0
    ds.BitsAllocated = ds.BitsStored = pixels.dtype.itemsize * 8
    ds.HighBit, ds.PixelRepresentation = ds.BitsStored - 1, 0
    if pixels.ndim == 3 and not is_colour:
        ds.NumberOfFrames = pixels.shape[0]
    ds.PixelData = pixels.tobytes()
    for name, value in changed.items():
        setattr(ds, name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ds.save_as(path, enforce_file_format=True)
    return path


def ramp(dtype=np.uint16, top=4000):
    return np.linspace(0, top, 48 * 64).reshape(48, 64).astype(dtype)


def test_sixteen_bit_grey_is_stretched_and_keeps_its_order(tmp_path):
    (read,) = pixels_of(written(tmp_path / "a.dcm", ramp()))

    assert (read.min(), read.max()) == (0, 255)
    assert (np.diff(read[..., 0].ravel().astype(int)) >= 0).all()


def test_monochrome1_is_monochrome2_upside_down(tmp_path):
    (bright,) = pixels_of(written(tmp_path / "2.dcm", ramp()))
    (dark,) = pixels_of(
        written(tmp_path / "1.dcm", ramp(), PhotometricInterpretation="MONOCHROME1")
    )

    assert np.abs(255 - bright.astype(int) - dark).max() <= 1


def test_the_window_of_the_file_is_kept(tmp_path):
    path = written(tmp_path / "a.dcm", ramp(), WindowCenter=1000, WindowWidth=400)

    (read,) = pixels_of(path)

    assert (read[ramp() < 790] == 0).all()
    assert (read[ramp() > 1210] == 255).all()


def test_rgb_comes_in_as_it_is(tmp_path):
    colours = np.random.default_rng(2).integers(0, 256, (40, 50, 3), dtype=np.uint8)

    (read,) = pixels_of(written(tmp_path / "a.dcm", colours))

    assert np.array_equal(read, colours)


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
def test_deep_rgb_keeps_its_highest_eight_bits(tmp_path, dtype):
    shift = np.dtype(dtype).itemsize * 8 - 8
    colours = np.random.default_rng(2).integers(0, 256, (40, 50, 3)).astype(dtype)

    (read,) = pixels_of(written(tmp_path / "a.dcm", (colours << shift).astype(dtype)))

    assert np.array_equal(read, colours)


def test_rgb_of_twelve_bits_is_not_darkened(tmp_path):
    colours = np.random.default_rng(2).integers(0, 256, (40, 50, 3)).astype(np.uint16)
    path = written(tmp_path / "a.dcm", colours << 4, BitsStored=12, HighBit=11)

    (read,) = pixels_of(path)

    assert np.array_equal(read, colours)


def test_every_frame_comes_in_order(tmp_path):
    stack = np.stack([np.roll(ramp(np.uint8, 255), n, axis=1) for n in range(4)])

    read = pixels_of(written(tmp_path / "a.dcm", stack))

    assert [np.array_equal(r[..., 0], s) for r, s in zip(read, stack, strict=True)] == [True] * 4


def test_pixel_spacing_is_handed_on(tmp_path):
    path = written(tmp_path / "a.dcm", ramp(), PixelSpacing=[0.25, 0.5])

    assert [frame.spacing_mm for frame in read_frames(path)] == [(0.25, 0.5)]


@pytest.mark.parametrize(
    "name",
    ["MR_small_RLE", "MR_small_jp2klossless", "MR_small_jpeg_ls_lossless", "MR_small_implicit"],
)
def test_lossless_syntaxes_give_the_pixels_of_the_plain_file(name):
    (plain,) = pixels_of(FILES / "MR_small.dcm")
    (read,) = pixels_of(FILES / f"{name}.dcm")

    assert np.array_equal(read, plain)


@pytest.mark.parametrize(
    "name",
    ["SC_rgb_rle", "SC_rgb_jpeg_dcmtk", "SC_rgb_jpeg_gdcm", "SC_rgb_dcmtk_+eb+cy+np",
     "SC_rgb_dcmtk_+eb+cy+s2", "SC_ybr_full_422_uncompressed", "SC_rgb_jls_lossy_sample",
     "SC_rgb_rle_16bit", "SC_rgb_rle_32bit"],
)  # fmt: skip
def test_all_colour_spaces_and_codecs_show_the_same_picture(name):
    (plain,) = pixels_of(FILES / "SC_rgb_dcmtk_+eb+cr.dcm")
    read = pixels_of(FILES / f"{name}.dcm")[0]

    assert np.abs(read.astype(int) - plain).mean() < 4


def test_two_frames_of_one_file_are_two():
    assert len(pixels_of(FILES / "SC_rgb_rle_2frame.dcm")) == 2
    assert len(pixels_of(FILES / "examples_ybr_color.dcm")) == 30


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("test-SR.dcm", "no image"),
        ("rtplan.dcm", "no image"),
        ("image_dfl.dcm", "Deflated"),
        ("MR_truncated.dcm", "fewer pixels"),
        ("examples_palette.dcm", "palette"),
        ("SC_rgb_small_odd.dcm", "too small"),
    ],
)
def test_what_is_not_read_is_refused_by_its_reason(name, said):
    with pytest.raises(ImageRefusedError, match=said):
        pixels_of(FILES / name)


@pytest.mark.parametrize(
    "lie",
    [
        {"Rows": 4000},
        {"Columns": 65535},
        {"Rows": 0},
        {"NumberOfFrames": 7},
        {"NumberOfFrames": 2_000_000_000},
        {"NumberOfFrames": -1},
        {"BitsAllocated": 32, "BitsStored": 32, "HighBit": 31},
        {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0},
        {"SamplesPerPixel": 2},
        {"PhotometricInterpretation": "NONSENSE"},
        {"PixelData": b""},
    ],
)
def test_a_header_that_lies_is_refused(tmp_path, lie):
    path = written(tmp_path / "lie.dcm", ramp(), **lie)

    with pytest.raises(ImageRefusedError):
        pixels_of(path)


@pytest.mark.parametrize("name", UNCOMPRESSED + COMPRESSED)
def test_a_file_cut_anywhere_is_refused(tmp_path, name):
    whole = (FILES / name).read_bytes()
    expected = pixels_of(FILES / name)
    path = tmp_path / name
    accepted = []
    steps = 30 if name.startswith("examples") else 100
    for cut in (len(whole) * n // steps for n in range(steps)):
        path.write_bytes(whole[:cut])
        try:
            read = pixels_of(path)
        except ImageRefusedError:
            continue
        accepted.append((cut, read))

    for cut, read in accepted:
        # What follows the pixels (trailing padding, an end mark) may be missing.
        assert len(read) == len(expected), cut
        assert all(np.array_equal(a, b) for a, b in zip(read, expected, strict=True)), cut
    assert len(accepted) <= 8


@pytest.mark.parametrize("name", ["MR_small_RLE.dcm", "MR_small.dcm", "SC_rgb_jpeg_gdcm.dcm"])
def test_damaged_bytes_never_do_more_than_refuse(tmp_path, name):
    whole = (FILES / name).read_bytes()
    rng = np.random.default_rng(5)
    path = tmp_path / name
    ends = {"read": 0, "refused": 0}
    for _ in range(150):
        damaged = bytearray(whole)
        for place in rng.integers(0, len(whole), 6):
            damaged[place] = int(rng.integers(256))
        path.write_bytes(damaged)
        try:
            pixels_of(path)
        except ImageRefusedError:
            ends["refused"] += 1
        else:
            ends["read"] += 1

    assert sum(ends.values()) == 150
    assert ends["refused"] > 0


def test_a_damaged_run_length_code_is_refused(tmp_path):
    whole = bytearray((FILES / "MR_small_RLE.dcm").read_bytes())
    start = whole.index(b"\xe0\x7f\x10\x00")
    path = tmp_path / "runs.dcm"
    whole[start + 120 : start + 400] = b"\x81\x00" * 140  # runs far beyond the frame
    path.write_bytes(whole)

    with pytest.raises(ImageRefusedError):
        pixels_of(path)


def test_a_film_of_more_than_8_bits_keeps_its_own_levels_beside_what_is_shown():
    (frame,) = read_frames(FILES / "CT_small.dcm")
    ds = pydicom.dcmread(FILES / "CT_small.dcm")
    hounsfield = ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
    scale = frame.deep.scale

    assert scale.unit == "HU"
    assert np.array_equal(frame.deep.numbers * scale.slope + scale.intercept, hounsfield)
    assert len(np.unique(frame.deep.numbers)) > 256
    assert frame.pixels.shape == (*frame.deep.numbers.shape, 3)


@pytest.mark.parametrize("is_signed", [False, True])
def test_levels_are_the_same_signed_or_not_and_the_window_of_the_file_is_known(tmp_path, is_signed):
    stored = np.arange(-800, 800, dtype=np.int16).reshape(1, 40, 40)
    stored = stored if is_signed else (stored + 800).astype(np.uint16)
    path = written(
        tmp_path / "a.dcm",
        stored,
        PixelRepresentation=int(is_signed),
        RescaleSlope="2",
        RescaleIntercept="0" if is_signed else "-1600",
        WindowCenter=["40", "300"],
        WindowWidth=["400", "1500"],
    )
    (frame,) = read_frames(path)
    scale = frame.deep.scale

    levels = frame.deep.numbers * scale.slope + scale.intercept
    assert np.array_equal(levels, np.arange(-1600, 1600, 2.0).reshape(40, 40))
    assert scale.window == (40.0, 400.0)
    assert scale.unit == ""


@pytest.mark.parametrize("name", ["SC_rgb_jpeg_dcmtk.dcm", "examples_ybr_color.dcm"])
def test_a_picture_in_colour_has_no_other_depth(name):
    assert next(read_frames(FILES / name)).deep is None


def test_a_scale_that_makes_no_sense_leaves_the_picture_that_is_shown(tmp_path):
    stored = np.arange(1600, dtype=np.uint16).reshape(1, 40, 40)
    (frame,) = read_frames(written(tmp_path / "a.dcm", stored, RescaleSlope="-1"))

    assert frame.deep is None
    assert frame.pixels.shape == (40, 40, 3)
