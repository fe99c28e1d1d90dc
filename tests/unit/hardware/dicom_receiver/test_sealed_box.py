"""What the receiver keeps can be written by anybody here and read by the store's owner only."""

import os
import random
from pathlib import Path

import pytest

from edge_app.domain.error import ScannerUnavailableError
from edge_app.storage.store_keys import StoreKeys
from hardware.dicom_receiver.owner import ensure_sealed_to, public_key_in
from hardware.dicom_receiver.sealed_box import (
    BoxBrokenError,
    SealedDraft,
    in_memory,
    opened_box,
    public_of,
)
from tests.keys import KEYS

OWN = KEYS.received
OTHER = StoreKeys.of(bytes(32)).received
CHUNK = 64 << 10
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 200_003]


def sealed(path: Path, content: bytes, piece: int = 1000) -> SealedDraft:
    draft = SealedDraft(path, public_of(OWN))
    for start in range(0, len(content), piece):
        draft.write(content[start : start + piece])
    draft.close()
    return draft


def read(path: Path, private: bytes = OWN) -> bytes:
    with opened_box(path, private) as file:
        return file.read()


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_is_read_by_the_owner_and_while_the_draft_is_there(tmp_path, size):
    content = os.urandom(size)
    draft = sealed(tmp_path / "x", content)
    with draft.opened() as file:
        assert file.read() == content

    assert read(tmp_path / "x") == content


def test_any_place_of_it_can_be_read_alone(tmp_path):
    content, draw = os.urandom(300_000), random.Random(3)  # noqa: S311  no secret
    sealed(tmp_path / "x", content)

    with opened_box(tmp_path / "x", OWN) as file:
        for _ in range(200):
            start, count = draw.randrange(len(content)), draw.randrange(1, 5000)
            file.seek(start)
            assert file.read(count) == content[start : start + count]
        assert file.seek(0, os.SEEK_END) == len(content)


def test_the_public_key_opens_nothing_and_no_byte_is_in_clear(tmp_path):
    content = b"Marker^Quirin" * 20_000
    sealed(tmp_path / "x", content)

    assert b"Marker" not in (tmp_path / "x").read_bytes()
    for key in (OTHER, public_of(OWN)):
        with pytest.raises(BoxBrokenError):
            read(tmp_path / "x", key)


def test_a_file_that_was_changed_or_cut_anywhere_is_refused(tmp_path):
    content, draw = os.urandom(150_000), random.Random(4)  # noqa: S311  no secret
    sealed(tmp_path / "x", content)
    whole = (tmp_path / "x").read_bytes()
    for _ in range(200):
        spoilt = bytearray(whole)
        spoilt[draw.randrange(len(spoilt))] ^= 1 << draw.randrange(8)
        (tmp_path / "x").write_bytes(spoilt)
        with pytest.raises(BoxBrokenError):
            read(tmp_path / "x")
        (tmp_path / "x").write_bytes(whole[: draw.randrange(len(whole))])
        with pytest.raises(BoxBrokenError):
            read(tmp_path / "x")


def test_chunks_cannot_change_places_and_none_can_be_taken_from_the_end(tmp_path):
    sealed(tmp_path / "x", bytes(4 * CHUNK))
    whole, step = (tmp_path / "x").read_bytes(), CHUNK + 16
    head, chunks = whole[:40], [whole[40 + n * step : 40 + (n + 1) * step] for n in range(4)]
    for order in ((1, 0, 2, 3), (0, 1, 2), (0, 1, 3)):
        (tmp_path / "x").write_bytes(head + b"".join(chunks[n] for n in order))
        with pytest.raises(BoxBrokenError):
            read(tmp_path / "x")


def test_it_is_opened_in_memory_and_nowhere_else(tmp_path):
    content = os.urandom(150_000)
    sealed(tmp_path / "x", content)

    with opened_box(tmp_path / "x", OWN) as file, in_memory(file) as path:
        assert path.read_bytes() == content
        assert "memfd" in str(path.readlink())
    assert not path.exists()


def test_a_swapped_public_key_is_noticed_and_refused(tmp_path):
    ensure_sealed_to(tmp_path, OWN)
    ensure_sealed_to(tmp_path, OWN)
    (file,) = tmp_path.iterdir()
    file.write_text(file.read_text().replace(public_of(OWN).hex(), public_of(OTHER).hex()))
    assert public_key_in(tmp_path) == public_of(OTHER)

    with pytest.raises(ScannerUnavailableError, match="another key"):
        ensure_sealed_to(tmp_path, OWN)


@pytest.mark.parametrize("written", [None, "", "edge-app-sealed-box-1 zz", "x" * 2000, "ab" * 32])
def test_without_a_key_to_seal_with_nothing_is_received(tmp_path, written):
    if written is not None:
        (tmp_path / "sealed-to.key").write_text(written)

    with pytest.raises(ScannerUnavailableError, match="takes none"):
        public_key_in(tmp_path)


def test_nobody_who_is_not_logged_in_opens_the_spool(tmp_path):
    with pytest.raises(ScannerUnavailableError, match="nobody is logged in"):
        ensure_sealed_to(tmp_path, b"")

    assert list(tmp_path.iterdir()) == []
