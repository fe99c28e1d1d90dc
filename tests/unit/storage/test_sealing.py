"""What is sealed is opened whole and in its own place, or refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_app.storage import sealing
from edge_app.storage.sealing import SealBrokenError, opened, sealed

KEY, PLACE = bytes(32), b"image\0study-1\0image-1"


@pytest.fixture
def small_chunks(monkeypatch):
    """Chunks of 16 bytes, so that a short content has many."""
    monkeypatch.setattr(sealing, "_CHUNK", 16)


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=300))
def test_what_was_sealed_comes_back_and_cannot_be_read_before(content):
    file = sealed(content, KEY, PLACE)

    assert opened(file, KEY, PLACE) == content
    assert len(content) < 8 or content not in file[9:]


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 31, 32, 33, 160])
def test_contents_of_every_length_around_a_chunk_come_back(small_chunks, length):
    content = bytes(range(length))

    assert opened(sealed(content, KEY, PLACE), KEY, PLACE) == content


def test_a_file_cut_at_any_place_is_refused(small_chunks):
    file = sealed(bytes(100), KEY, PLACE)

    for length in range(len(file)):
        with pytest.raises(SealBrokenError):
            opened(file[:length], KEY, PLACE)


def test_a_file_with_any_one_byte_changed_is_refused(small_chunks):
    file = sealed(bytes(100), KEY, PLACE)

    for place in range(len(file)):
        changed = bytearray(file)
        changed[place] ^= 0x01
        with pytest.raises(SealBrokenError):
            opened(bytes(changed), KEY, PLACE)


def test_chunks_that_change_places_are_refused(small_chunks):
    file = sealed(bytes(16) + bytes([1]) * 16 + bytes(16), KEY, PLACE)
    first = len(file) - 3 * 32
    head, one, two, three = (
        file[:first],
        file[first : first + 32],
        file[first + 32 : first + 64],
        file[first + 64 :],
    )
    assert opened(head + one + two + three, KEY, PLACE)

    for changed in (two + one + three, one + three, one + two, one + two + three + three):
        with pytest.raises(SealBrokenError):
            opened(head + changed, KEY, PLACE)


@pytest.mark.parametrize(
    ("key", "place"),
    [(bytes(31) + b"\1", PLACE), (KEY, b"image\0study-2\0image-1"), (KEY, b"")],
    ids=["another key", "another study", "no place"],
)
def test_another_key_or_place_opens_nothing(key, place):
    with pytest.raises(SealBrokenError):
        opened(sealed(b"content", KEY, PLACE), key, place)


def test_the_same_content_never_looks_the_same():
    assert sealed(b"content", KEY, PLACE) != sealed(b"content", KEY, PLACE)
