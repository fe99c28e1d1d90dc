"""A frame is a new picture or it is named for what it is."""

from dataclasses import replace

import numpy as np
import pytest

from edge_app.domain.freshness import (
    OLD_NS,
    STANDS_STILL_NS,
    FrameGuard,
    Freshness,
    Habits,
    habits_of,
)
from tests.fakes import an_image, some_pixels

BEAT_NS = 33_000_000
CAMERA = Habits()


def frame(number, pixels=None, device_id="fake-1"):
    shown = some_pixels() if pixels is None else pixels
    image = an_image(shown.copy(), sequence=number, monotonic_ns=number * BEAT_NS)
    return replace(image, device_id=device_id)


def noisy(number):
    grain = np.random.default_rng(number).integers(0, 3, (48, 64, 3)).astype(np.uint8)
    return frame(number, some_pixels() - grain)


def judged(guard, *frames):
    return [guard.judged(image, image.monotonic_ns) for image in frames]


def a_guard(habits=CAMERA):
    return FrameGuard("fake-1", habits)


def test_a_still_scene_with_a_sensors_noise_is_fresh_for_ever():
    guard = a_guard()

    assert set(judged(guard, *map(noisy, range(1, 100)))) == {Freshness.FRESH}
    assert guard.trouble(100 * BEAT_NS) is None


def test_the_same_pixels_under_a_new_number_and_time_are_no_new_picture():
    assert judged(a_guard(), frame(1), frame(2)) == [Freshness.FRESH, Freshness.REPEATED]


def test_a_frozen_picture_is_told_within_two_seconds_and_one_doubled_frame_is_not():
    guard = a_guard()
    judged(guard, noisy(1), noisy(2), frame(3), frame(4))
    assert guard.trouble(5 * BEAT_NS) is None

    told = None
    for number in range(5, 100):
        judged(guard, frame(number))
        if told is None and guard.trouble(number * BEAT_NS):
            told = number * BEAT_NS - 3 * BEAT_NS

    assert told is not None
    assert STANDS_STILL_NS < told < 2_000_000_000
    assert guard.trouble(100 * BEAT_NS) is Freshness.REPEATED


def test_a_camera_of_one_frame_a_second_that_freezes_is_told_within_two_seconds():
    guard = a_guard()
    first, again = noisy(1), replace(noisy(1), sequence=2, monotonic_ns=BEAT_NS + 1_000_000_000)
    judged(guard, first, again)

    assert guard.trouble(BEAT_NS + 1_950_000_000) is Freshness.REPEATED


def test_a_picture_that_moves_again_is_fresh_again():
    guard = a_guard()
    judged(guard, *[frame(n) for n in range(1, 90)])
    assert guard.trouble(90 * BEAT_NS)

    assert judged(guard, noisy(91)) == [Freshness.FRESH]
    assert guard.trouble(92 * BEAT_NS) is None


def test_two_pictures_in_turns_are_fresh_and_the_first_one_counts_as_seen_only_next_to_itself():
    one, other = some_pixels(), some_pixels(shift=9)
    frames = [frame(n, one if n % 2 else other) for n in range(1, 9)]

    assert set(judged(a_guard(), *frames)) == {Freshness.FRESH}


@pytest.mark.parametrize("level", [0, 4, 255])
def test_where_it_is_too_dark_or_bright_for_noise_equal_frames_say_nothing(level):
    flat = np.full((48, 64, 3), level, np.uint8)

    assert set(judged(a_guard(), *[frame(n, flat) for n in range(1, 60)])) == {Freshness.FRESH}


def test_a_device_that_says_so_may_repeat_itself():
    guard = a_guard(habits_of(("replay", "repeats")))

    assert judged(guard, frame(1), frame(2)) == [Freshness.FRESH] * 2


def test_a_device_of_stills_that_sends_the_last_one_again_is_told():
    guard = a_guard(habits_of(("stills",)))
    dark = np.zeros((48, 64, 3), np.uint8)

    assert judged(guard, frame(1), frame(2)) == [Freshness.FRESH, Freshness.REPEATED]
    assert judged(guard, frame(3, dark), frame(4, dark)) == [Freshness.FRESH, Freshness.REPEATED]


def test_a_number_that_stays_or_goes_back_is_stuck_even_for_a_device_that_may_repeat():
    for habits in (CAMERA, Habits(repeats=True)):
        guard = a_guard(habits)
        judged(guard, noisy(5))
        again = replace(noisy(6), sequence=5)

        assert guard.judged(again, again.monotonic_ns) is Freshness.STUCK
        assert guard.judged(noisy(4), 5 * BEAT_NS) is Freshness.STUCK


def test_a_time_that_goes_back_is_stuck():
    guard = a_guard()
    judged(guard, noisy(5))
    back = replace(noisy(6), monotonic_ns=4 * BEAT_NS)

    assert guard.judged(back, 6 * BEAT_NS) is Freshness.STUCK


def test_a_frame_that_was_taken_too_long_ago_is_old():
    guard = a_guard()

    assert guard.judged(noisy(1), BEAT_NS + OLD_NS) is Freshness.FRESH
    assert guard.judged(noisy(2), 2 * BEAT_NS + OLD_NS + 1) is Freshness.OLD


def test_another_size_is_told_at_once_and_stays_until_somebody_connects_again():
    guard = a_guard()
    judged(guard, noisy(1))
    small = frame(2, some_pixels(32, 24))

    assert judged(guard, small) == [Freshness.RESIZED]
    assert guard.trouble(2 * BEAT_NS) is Freshness.RESIZED
    assert judged(guard, frame(3, some_pixels(32, 24, 5))) == [Freshness.RESIZED]


def test_stills_may_be_of_any_size():
    guard = a_guard(Habits(stills=True))

    assert judged(guard, frame(1), frame(2, some_pixels(32, 24))) == [Freshness.FRESH] * 2


def test_another_device_is_told_at_once_from_the_first_frame_on():
    guard = a_guard()

    assert judged(guard, frame(1, device_id="fake-2")) == [Freshness.OTHER_DEVICE]
    assert guard.trouble(BEAT_NS) is Freshness.OTHER_DEVICE


def test_what_is_not_fresh_is_not_what_the_next_frame_is_held_against():
    guard = a_guard()
    judged(guard, noisy(1), frame(2, some_pixels(32, 24)))

    assert judged(guard, noisy(3)) == [Freshness.FRESH]
