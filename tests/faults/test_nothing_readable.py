"""After a day's work no byte of the disk tells who the patient was, deleted blocks included."""

import base64
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.marked_day import MARKED

ROOT = Path(__file__).parents[2]
MARKERS = (MARKED.identifier, *MARKED.name.split(" "), "Okonjo", MARKED.issuer)


def encodings(text: str) -> dict[str, list[bytes]]:
    """Return how a text may stand on a disk."""
    plain = text.encode()
    return {
        "utf-8": [plain],
        "utf-16 little-endian": [text.encode("utf-16-le")],
        "utf-16 big-endian": [text.encode("utf-16-be")],
        "upper case": [plain.upper()],
        "hexadecimal": [plain.hex().encode(), plain.hex().upper().encode()],
        "base64": [_within_base64(plain, before) for before in range(3)],
    }


def _within_base64(plain: bytes, before: int) -> bytes:
    """Return what base64 makes of `plain` after so many other bytes, whatever stands around it."""
    whole = base64.b64encode(b"\0" * before + plain + b"\0\0\0")
    return whole[-(-before * 8 // 6) : (before + len(plain)) * 8 // 6]


def hits(content: bytes) -> dict[str, int]:
    """Return how often any marker stands in `content`, by encoding."""
    found: dict[str, int] = {}
    for marker in MARKERS:
        for name, forms in encodings(marker).items():
            found[name] = found.get(name, 0) + sum(content.count(form) for form in forms)
    return found


def written_blocks(image: Path) -> bytes:
    """Return the blocks of a disk on which anything stands."""
    with image.open("rb") as file:
        blocks = iter(lambda: file.read(4096), b"")
        return b"".join(block for block in blocks if block.strip(b"\0"))


@pytest.fixture
def disk(tmp_path):
    """A disk of our own, and the file that holds all of its blocks."""
    if os.geteuid() != 0 or not shutil.which("mkfs.ext4"):
        pytest.skip("NOT TESTED, deleted blocks: mounting a disk needs root and mkfs.ext4")
    image, place = tmp_path / "disk.img", tmp_path / "disk"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(3 << 30)  # a receiver takes nothing where little room is left
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    mounted = subprocess.run(
        ["mount", "-o", "loop", str(image), str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("NOT TESTED, deleted blocks: no loop device here")
    yield place, image
    subprocess.run(["umount", "-l", str(place)], check=False, capture_output=True)


def a_day(place: Path, build: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.marked_day", str(place), build],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    for said in (done.stdout, done.stderr):
        assert sum(hits(said.encode()).values()) == 0


def test_no_byte_of_the_disk_names_the_patient(disk):
    place, image = disk
    a_day(place, "sound")
    subprocess.run(["umount", str(place)], check=True)

    found = hits(written_blocks(image))

    print(f"\nmarkers on the disk: {found}")  # noqa: T201
    assert sum(found.values()) == 0


def test_a_build_that_writes_a_name_and_deletes_it_is_caught(disk):
    place, image = disk
    a_day(place, "deleted")
    assert (
        sum(hits(b"".join(p.read_bytes() for p in place.rglob("*") if p.is_file())).values()) == 0
    )
    subprocess.run(["umount", str(place)], check=True)

    assert sum(hits(written_blocks(image)).values()) > 0


def test_nothing_in_the_folder_names_the_patient_where_no_disk_can_be_mounted(tmp_path):
    a_day(tmp_path, "sound")

    content = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    names = "\n".join(str(p) for p in tmp_path.rglob("*")).encode()

    assert sum(hits(content).values()) == 0
    assert sum(hits(names).values()) == 0


@pytest.mark.parametrize("build", ["plain", "unsealed", "named", "logged"])
def test_a_build_that_writes_a_name_is_caught(tmp_path, build):
    a_day(tmp_path, build)

    content = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    names = "\n".join(str(p) for p in tmp_path.rglob("*")).encode()

    print(f"\n{build} build: {hits(content + names)}")  # noqa: T201
    assert sum(hits(content + names).values()) > 0
