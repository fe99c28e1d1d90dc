"""The material: objects that pydicom ships, cut, changed and numbered anew."""

import io
import struct
import warnings
from pathlib import Path

from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate
from pydicom.uid import generate_uid

from hardware.dicom_receiver.refusal import Announced

PLAIN = "CT_small.dcm"
SYNTAXES = {
    "examples_rgb_color.dcm": [],
    "MR_small_implicit.dcm": ["-xi"],
    "examples_ybr_color.dcm": ["-xy"],
    "JPGExtended.dcm": ["-xx"],
    "SC_rgb_jpeg_gdcm.dcm": ["-xs"],
    "examples_jpeg2k.dcm": ["-xv"],
    "693_J2KI.dcm": ["-xw"],
    "MR_small_jpeg_ls_lossless.dcm": ["-xt"],
    "SC_rgb_jls_lossy_line.dcm": ["-xu"],
    "SC_rgb_rle_2frame.dcm": ["-xr"],
}
"""One object of each syntax that we take, with how storescu is told to propose it."""


def shipped(name: str) -> Path:
    return Path(str(get_testdata_file(name, download=False)))


def opened(path: Path) -> FileDataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the material is odd on purpose
        return dcmread(path)


def announced(path: Path) -> Announced:
    ds = opened(path)
    return Announced(
        str(ds.SOPClassUID), str(ds.SOPInstanceUID), str(ds.file_meta.TransferSyntaxUID)
    )


def data_set_of(path: Path) -> bytes:
    """Return the bytes behind the head of a Part 10 file."""
    content = path.read_bytes()
    return content[144 + struct.unpack("<I", content[140:144])[0] :]


def renumbered(name: str, folder: Path, count: int, enlarged: int = 0) -> list[Path]:
    """Write copies with UIDs and pixels of their own; `enlarged` adds so many private bytes."""
    ds = opened(shipped(name))
    paths = []
    for number in range(count):
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        pixels = bytearray(ds.PixelData)
        pixels[:4] = struct.pack("<I", number)
        ds.PixelData = bytes(pixels)
        if enlarged:
            ds.add_new(0x00091010, "OB", bytes(enlarged))
        paths.append(folder / f"object-{number:03d}.dcm")
        ds.save_as(paths[-1])
    return paths


def renamed(name: str, to: Path) -> Path:
    """Write the same object under a UID of its own."""
    ds = opened(shipped(name))
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    ds.save_as(to)
    return to


def changed(path: Path, to: Path) -> Path:
    """Write the same object, with the same UID, and another pixel."""
    ds = opened(path)
    ds.PixelData = bytes([ds.PixelData[0] ^ 1]) + ds.PixelData[1:]
    ds.save_as(to)
    return to


def part_10(head_of: Path, data_set: bytes) -> bytes:
    """Return a file with the head of another one."""
    content = head_of.read_bytes()
    return content[: len(content) - len(data_set_of(head_of))] + data_set


def a_bomb(side: int) -> FileDataset:
    """Return black RLE pixels, three times 32 bits each, in a two-hundredth of their size."""
    ds = opened(shipped("SC_rgb_rle_32bit.dcm"))
    ds.Rows = ds.Columns = side
    segment = b"\x81\0" * (side * side // 128)
    places = [64 + number * len(segment) for number in range(12)]
    ds.PixelData = encapsulate([struct.pack("<16I", 12, *places, 0, 0, 0) + segment * 12])
    return ds


def encoded(ds: FileDataset) -> bytes:
    buffer = io.BytesIO()
    ds.save_as(buffer)
    return buffer.getvalue()
