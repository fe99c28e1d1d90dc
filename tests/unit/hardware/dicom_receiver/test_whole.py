"""An object that is cut off anywhere, or short of pixels, is never taken."""

import random
import struct
from pathlib import Path

import pytest
from pydicom.encaps import encapsulate, generate_frames

from hardware.dicom_receiver.refusal import Announced, ObjectRefusedError, Status
from hardware.dicom_receiver.whole import ensure_whole
from tests.peers.dicom_objects import (
    PLAIN,
    SYNTAXES,
    announced,
    data_set_of,
    encoded,
    opened,
    shipped,
)

CUTS = 2000
WHOLE = [PLAIN, *SYNTAXES, "MR_small_padded.dcm", "SC_ybr_full_422_uncompressed.dcm"]


def looked_at(path: Path, said: Announced) -> int:
    with path.open("rb") as file:
        return ensure_whole(file, said)


def refused(path: Path, said: Announced) -> ObjectRefusedError:
    with pytest.raises(ObjectRefusedError) as caught:
        looked_at(path, said)
    assert len(str(caught.value)) <= 64  # PS3.5, 6.2: LO
    return caught.value


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_object_is_taken_and_its_data_set_found(name: str) -> None:
    path = shipped(name)

    begin = looked_at(path, announced(path))

    assert path.read_bytes()[begin:] == data_set_of(path)


def last_needed(name: str) -> int:
    """Return where the pixels end: what is cut off behind them is padding."""
    path = shipped(name)
    content = path.read_bytes()
    padding = b"\xfc\xff\xfc\xff" if b"\xfc\xff\xfc\xff" in content else b""
    return content.rindex(padding) if padding else len(content)


def test_of_two_thousand_cut_objects_none_is_taken(tmp_path: Path) -> None:
    draw = random.Random(5)  # noqa: S311  no secret
    path = tmp_path / "cut.dcm"
    taken = []
    material = {name: (shipped(name).read_bytes(), announced(shipped(name))) for name in WHOLE}
    for number in range(CUTS):
        name = WHOLE[number % len(WHOLE)]
        content, said = material[name]
        cut = draw.randrange(last_needed(name))
        path.write_bytes(content[:cut])
        try:
            looked_at(path, said)
        except ObjectRefusedError:
            continue
        taken.append((name, cut))

    assert taken == []


@pytest.mark.parametrize("name", [PLAIN, "MR_small_implicit.dcm", "SC_rgb_rle_2frame.dcm"])
def test_an_object_is_refused_at_every_single_cut_of_its_last_bytes_before_the_pixels_end(
    tmp_path: Path, name: str
) -> None:
    content, said = shipped(name).read_bytes(), announced(shipped(name))
    path = tmp_path / "cut.dcm"
    for cut in range(last_needed(name) - 200, last_needed(name)):
        path.write_bytes(content[:cut])
        refused(path, said)


def test_fewer_pixels_than_rows_and_columns_say_are_refused(tmp_path: Path) -> None:
    ds = opened(shipped(PLAIN))
    ds.PixelData = ds.PixelData[:-2]
    path = tmp_path / "short.dcm"
    path.write_bytes(encoded(ds))

    error = refused(path, announced(path))

    assert error.status is Status.DOES_NOT_MATCH
    assert "fewer pixels" in str(error)


def test_fewer_frames_than_said_are_refused(tmp_path: Path) -> None:
    ds = opened(shipped("examples_ybr_color.dcm"))
    frames = list(generate_frames(ds.PixelData, number_of_frames=30))
    ds.PixelData = encapsulate(frames[:-1])
    path = tmp_path / "short.dcm"
    path.write_bytes(encoded(ds))

    assert "fewer frames" in str(refused(path, announced(path)))


@pytest.mark.parametrize("name", [n for n, o in SYNTAXES.items() if o and n[:2] != "MR"])
def test_a_compressed_frame_that_is_cut_inside_is_refused(tmp_path: Path, name: str) -> None:
    ds = opened(shipped(name))
    count = int(ds.get("NumberOfFrames", 1) or 1)
    frames = list(generate_frames(ds.PixelData, number_of_frames=count))
    frames[-1] = frames[-1][: len(frames[-1]) * 2 // 3]
    ds.PixelData = encapsulate(frames)
    path = tmp_path / "short.dcm"
    path.write_bytes(encoded(ds))

    assert refused(path, announced(path)).status is Status.CANNOT_UNDERSTAND


def test_an_object_other_than_announced_is_refused() -> None:
    path = shipped(PLAIN)
    said = announced(path)

    other = Announced(said.sop_class, "1.2.3", said.transfer_syntax)
    assert "UID" in str(refused(path, other))
    other = Announced("1.2.3", said.sop_instance, said.transfer_syntax)
    assert "Class" in str(refused(path, other))


def test_a_uid_that_is_none_is_refused() -> None:
    said = announced(shipped(PLAIN))

    refused(shipped(PLAIN), Announced(said.sop_class, "../../x", said.transfer_syntax))


def test_a_head_that_claims_giant_pixels_is_refused_without_memory(tmp_path: Path) -> None:
    ds = opened(shipped("examples_jpeg2k.dcm"))
    ds.Rows = ds.Columns = 65_000
    path = tmp_path / "giant.dcm"
    path.write_bytes(encoded(ds))

    assert refused(path, announced(path)).status is Status.OUT_OF_RESOURCES


def test_a_flood_of_tiny_elements_is_refused_in_time(tmp_path: Path) -> None:
    content = shipped(PLAIN).read_bytes()
    head = content[: len(content) - len(data_set_of(shipped(PLAIN)))]
    path = tmp_path / "flood.dcm"
    path.write_bytes(head + struct.pack("<HH2sH", 9, 1, b"LO", 0) * 1_000_000)

    assert "elements" in str(refused(path, announced(shipped(PLAIN))))


def test_sequences_within_sequences_without_end_are_refused(tmp_path: Path) -> None:
    content = shipped(PLAIN).read_bytes()
    head = content[: len(content) - len(data_set_of(shipped(PLAIN)))]
    nested = struct.pack("<HH2sHI", 8, 0x1140, b"SQ", 0, 0xFFFFFFFF)
    nested += struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    path = tmp_path / "deep.dcm"
    path.write_bytes(head + nested * 5000)

    refused(path, announced(shipped(PLAIN)))


def test_noise_is_refused_and_nothing_else_is_raised(tmp_path: Path) -> None:
    draw = random.Random(7)  # noqa: S311  no secret
    path = tmp_path / "noise.dcm"
    content, said = bytearray(shipped(PLAIN).read_bytes()), announced(shipped(PLAIN))
    outcomes = set()
    for _ in range(500):
        spoilt = bytearray(content)
        for _ in range(draw.randrange(1, 20)):
            spoilt[draw.randrange(132, 6000)] = draw.randrange(256)
        path.write_bytes(spoilt)
        try:
            looked_at(path, said)
            outcomes.add("taken")
        except ObjectRefusedError:
            outcomes.add("refused")

    assert outcomes <= {"taken", "refused"}
    assert "refused" in outcomes


def test_pixels_that_are_not_compressed_as_announced_are_refused() -> None:
    path = shipped(PLAIN)
    said = announced(path)
    jpeg = Announced(said.sop_class, said.sop_instance, "1.2.840.10008.1.2.4.50")

    assert "syntax" in str(refused(path, jpeg))
