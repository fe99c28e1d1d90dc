"""The preview shows the newest frame's marks, or says why it shows none."""

import numpy as np
import pytest

from edge_app.domain.geometry import Box
from edge_app.domain.reading import QualityIssue, not_analysed
from edge_app.workflow.live_reading import STALE_NS, LiveReading, LiveState
from tests.fakes import a_detection, a_reading, an_image, some_pixels

FRAME_NS = 33_000_000
CELL = a_detection("red-cell", 0.8, Box(4, 4, 20, 20))
FIELDS = [np.random.default_rng(n).integers(0, 255, (48, 64, 3)).astype(np.uint8) for n in (1, 2)]


def frame(number, pixels=None):
    shown = some_pixels(shift=0) if pixels is None else pixels
    return an_image(shown.copy(), sequence=number, monotonic_ns=number * FRAME_NS)


def read(live, image, *found, after_ns=FRAME_NS, issue=None):
    live.offer(image)
    assert live.take() is image
    live.answered(a_reading(image, found, issue), image.monotonic_ns + after_ns)


def marked(live, until=3):
    """Return the live reading with one steady mark, and the last frame."""
    for number in range(1, until + 1):
        image = frame(number)
        read(live, image, CELL)
    return image


def test_one_frame_is_read_at_a_time_and_the_newest_wins():
    live = LiveReading()
    frames = [frame(n) for n in range(1, 8)]
    live.offer(frames[0])
    first = live.take()
    for image in frames[1:]:
        live.offer(image)
        assert live.take() is None

    live.answered(a_reading(first), first.monotonic_ns + FRAME_NS)

    assert live.take() is frames[-1]
    assert live.counts.skipped == 5


@pytest.mark.parametrize("reading_ns", [FRAME_NS // 3, FRAME_NS, 4 * FRAME_NS, 12 * FRAME_NS])
def test_a_slow_detector_lowers_the_rate_and_never_the_freshness(reading_ns):
    live, busy, ends_at, age = LiveReading(), None, 0, []
    for number in range(1, 300):
        while busy and ends_at <= number * FRAME_NS:
            live.answered(a_reading(busy, [CELL]), ends_at)
            age.append(ends_at - busy.monotonic_ns)
            busy, ends_at = live.take(), ends_at + reading_ns
        live.offer(frame(number))
        if not busy:
            busy, ends_at = live.take(), number * FRAME_NS + reading_ns

    assert max(age) <= reading_ns + FRAME_NS
    assert live.counts.stale == 0
    assert live.rate_hz == pytest.approx(1e9 / max(reading_ns, FRAME_NS), rel=0.15)


def test_each_view_names_the_frame_that_it_belongs_to():
    live = LiveReading()
    image = marked(live)
    newer = frame(4)

    view = live.view(newer, newer.monotonic_ns)

    assert view.state is LiveState.MARKED
    assert (view.sequence, view.image_hash, view.captured_ns) == (
        image.sequence, image.hash, image.monotonic_ns,
    )  # fmt: skip


def test_an_answer_that_comes_too_late_is_dropped_and_said():
    live = LiveReading()
    marked(live)
    late = frame(4)
    read(live, late, CELL, after_ns=STALE_NS + 1)

    view = live.view(late, late.monotonic_ns + STALE_NS + 2)

    assert (view.state, view.tracks, live.counts.stale) == (LiveState.LATE, (), 1)


def test_marks_go_away_when_no_answer_comes_any_more():
    live = LiveReading()
    image = marked(live)

    assert live.view(image, image.monotonic_ns + STALE_NS).tracks
    view = live.view(image, image.monotonic_ns + STALE_NS + 1)
    assert (view.state, view.tracks) == (LiveState.LATE, ())


def test_old_marks_are_never_drawn_over_another_field():
    live = LiveReading()
    image = marked(live)
    moved = frame(4, FIELDS[0])

    view = live.view(moved, moved.monotonic_ns)

    assert live.view(image, moved.monotonic_ns).tracks
    assert (view.state, view.tracks) == (LiveState.MOVED, ())


def test_a_new_field_drops_all_tracks_at_once():
    live = LiveReading()
    for number, pixels in enumerate([FIELDS[0]] * 4 + [FIELDS[1]], start=1):
        image = frame(number, pixels)
        read(live, image, *([CELL] if number < 5 else []))

    view = live.view(image, image.monotonic_ns)

    assert (view.state, view.tracks) == (LiveState.NOTHING_MARKED, ())


def test_a_mark_flickers_no_more_than_it_is_missed():
    live = LiveReading()
    marked(live)
    image = frame(4)
    read(live, image)

    (track,) = live.view(image, image.monotonic_ns).tracks

    assert track.missed == 1


def test_a_failure_is_said_and_leaves_no_mark_and_a_success_ends_it():
    live = LiveReading()
    marked(live)
    image = frame(4)
    live.offer(image)
    live.take()
    live.answered(not_analysed(image.hash, "", "The detector died."), 40 * STALE_NS)

    view = live.view(image, image.monotonic_ns)
    assert (view.state, view.reason) == (LiveState.NOT_ANALYSED, "The detector died.")
    assert view.tracks == ()
    again = frame(5)
    read(live, again)
    assert live.view(again, again.monotonic_ns).state is LiveState.NOTHING_MARKED


def test_an_answer_for_another_image_is_a_failure():
    live = LiveReading()
    image = frame(1)
    live.offer(image)
    live.take()
    live.answered(a_reading(frame(2, FIELDS[0]), [CELL]), image.monotonic_ns)

    assert live.view(image, image.monotonic_ns).state is LiveState.NOT_ANALYSED


def test_a_picture_that_cannot_be_read_has_no_marks_and_a_reason():
    live = LiveReading()
    marked(live)
    image = frame(4)
    read(live, image, CELL, issue=QualityIssue.BLURRED)

    view = live.view(image, image.monotonic_ns)
    assert (view.state, view.issue) == (LiveState.CANNOT_SAY, QualityIssue.BLURRED)
    assert view.tracks == ()


def test_what_was_found_for_the_first_time_is_not_called_nothing():
    live = LiveReading()
    image = frame(1)
    read(live, image, CELL)

    assert live.view(image, image.monotonic_ns).state is LiveState.WAITING


def test_an_answer_from_before_it_was_forgotten_is_not_drawn():
    live = LiveReading()
    image = marked(live)
    live.offer(image)
    live.take()
    live.forget()
    live.answered(a_reading(image), image.monotonic_ns)

    assert live.view(image, image.monotonic_ns).state is LiveState.WAITING
    live.offer(frame(9))
    assert live.take() is not None


def test_before_any_answer_the_preview_waits():
    live = LiveReading()

    assert live.view(frame(1), FRAME_NS).state is LiveState.WAITING
    assert live.view(None, FRAME_NS).state is LiveState.WAITING
