"""Pixels cross without a name on any disk, and are the reader's own afterwards."""

import os

import pytest

from edge_app.isolation.shared_pixels import (
    PixelsLostError,
    SharedPixels,
    shared_pixels,
    unnamed_file,
)


@pytest.fixture(params=[shared_pixels, unnamed_file])
def pixels(request):
    made = request.param()
    yield made
    made.close()


def copied(pixels, length, number):
    room = bytearray(length)
    pixels.copy_to(memoryview(room), number)
    return room


def test_what_was_copied_does_not_change_when_the_writer_goes_on(pixels):
    pixels.put(b"first", 1)
    copy = copied(pixels, 5, 1)
    pixels.put(b"later", 2)

    assert (copy, copied(pixels, 5, 2)) == (b"first", b"later")


def test_it_grows_and_is_used_again_for_less(pixels):
    large = os.urandom(3_000_000)
    for number, content in enumerate((b"small", large, b"small again")):
        pixels.put(content, number)

        assert copied(pixels, len(content), number) == content


def test_a_writer_that_cuts_it_short_costs_an_error_and_not_the_reader(pixels):
    pixels.put(bytes(1_000_000), 1)
    os.ftruncate(pixels.handle, 1000)

    with pytest.raises(PixelsLostError, match="only 1000 of 1000000"):
        copied(pixels, 1_000_000, 1)


def test_pixels_of_an_earlier_question_are_never_taken_for_new_ones(pixels):
    pixels.put(b"of question 1", 1)

    with pytest.raises(PixelsLostError, match="another message"):
        copied(pixels, 13, 2)


def test_a_file_that_is_closed_is_lost():
    closed = shared_pixels()
    closed.close()

    with pytest.raises(PixelsLostError):
        copied(SharedPixels(closed.handle), 1, 1)


def test_no_name_leads_to_the_pixels(pixels):
    assert os.fstat(pixels.handle).st_nlink == 0
