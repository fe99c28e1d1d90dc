"""A large picture read in tiles says what its cells are, once each, or why it cannot."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from edge_app.domain.error import ReadingFailedError
from edge_app.domain.geometry import pairwise_iou
from edge_app.domain.image import content_hash
from edge_app.domain.reading import Outcome, QualityIssue
from edge_app.inference.choice import Choice
from edge_app.inference.loading import load_detector
from edge_app.inference.tiling import HashedImage, HeldImage, Tiling, concluded, seen_tiles
from hardware.simulated.smear import HEIGHT, WIDTH
from tests.slides import a_slide
from tests.smears import PACKAGE

SEED = 1001


@pytest.fixture(scope="module")
def detector():
    return load_detector(PACKAGE, Choice("int8", "cpu", threads=1))


def read(detector, pixels, tiling=Tiling()):  # noqa: B008  frozen
    image = HashedImage(HeldImage(pixels))
    grid = tiling.grid(image)
    seen = list(seen_tiles(detector, image, grid))
    return concluded(detector, grid, seen, image.whole_hash())


def boxes_of(reading, label):
    found = [d.box for d in reading.detections if d.label == label]
    return np.array([(b.x0, b.y0, b.x1, b.y1) for b in found]).reshape(-1, 4)


def known(slide, label):
    return np.array([(b.x0, b.y0, b.x1, b.y1) for b in slide.labelled(label)]).reshape(-1, 4)


def test_the_cells_of_a_stitched_slide_are_found_once_each(detector):
    slide = a_slide(SEED, 3, 3)

    reading = read(detector, slide.pixels).reading

    assert reading.outcome is Outcome.FINDING
    assert reading.counts()["white-cell"] == len(slide.labelled("white-cell"))
    for label, least in (("white-cell", 1.0), ("red-cell", 0.98)):
        overlap = pairwise_iou(known(slide, label), boxes_of(reading, label))
        assert (overlap.max(axis=1) >= 0.5).mean() >= least
        assert (np.sort(overlap, axis=1)[:, -2] < 0.5).all(), "a cell was marked twice"


def test_moving_the_grid_does_not_move_the_counts(detector):
    pixels = a_slide(SEED, 3, 3).pixels
    counts = [read(detector, pixels, Tiling(640, o)).reading.counts() for o in (0.25, 0.31, 0.4)]

    for label in ("white-cell", "red-cell", "platelet"):
        numbers = [c.get(label, 0) for c in counts]
        assert max(numbers) - min(numbers) <= max(1, 0.02 * max(numbers)), counts


def test_a_picture_of_one_tile_is_read_as_it_would_be_alone(detector):
    pixels = a_slide(SEED, 1, 1).pixels
    floors = np.array([s for _, s in detector.certificate.thresholds], np.float32)

    assert read(detector, pixels).reading.detections == detector.see(pixels, floors).detections


def test_tiles_seen_two_at_once_say_what_they_say_alone(detector):
    pixels = a_slide(SEED, 3, 3).pixels
    floors = np.array([s for _, s in detector.certificate.thresholds], np.float32)
    image = HeldImage(pixels)

    for one in seen_tiles(detector, image, Tiling().grid(image)):
        t = one.tile
        alone = detector.see(pixels[t.y0 : t.y1, t.x0 : t.x1], floors)
        assert alone.detections == one.seen.detections


def test_the_hash_is_that_of_the_whole_picture(detector):
    pixels = a_slide(SEED, 3, 3).pixels

    assert read(detector, pixels).reading.image_hash == content_hash(pixels)


def glass(rows, columns):
    return np.full((rows * HEIGHT, columns * WIDTH, 3), (230, 228, 222), np.uint8)


def test_bare_glass_alone_cannot_say(detector):
    done = read(detector, glass(2, 2))

    assert done.reading.outcome is Outcome.CANNOT_SAY
    assert done.reading.quality.issue is QualityIssue.EMPTY_FIELD
    assert done.tally.empty == done.tally.total


def test_bare_glass_beside_cells_is_counted_and_does_not_spoil_the_answer(detector):
    smear = a_slide(SEED, 2, 2).pixels
    beside = np.full((smear.shape[0], 3 * WIDTH, 3), smear[0, 0], np.uint8)

    done = read(detector, np.concatenate([smear, beside], axis=1))

    assert done.reading.outcome is Outcome.FINDING
    assert 0 < done.tally.empty < done.tally.total


def test_one_tile_that_was_turned_away_and_the_whole_cannot_say(detector):
    pixels = a_slide(SEED, 3, 3).pixels.copy()
    pixels[: HEIGHT * 2, : WIDTH * 2] //= 8

    done = read(detector, pixels)

    assert done.reading.outcome is Outcome.CANNOT_SAY
    assert done.tally.turned_away["under-exposed"] >= 1
    assert "could not be read" in done.reading.reason
    assert done.reading.detections


class OneTileFails:
    """The real detector, but its n-th run gives no answer."""

    def __init__(self, detector, nth):
        self.manifest, self.certificate = detector.manifest, detector.certificate
        self.batch = 1
        self._detector = detector
        self._left = nth
        self._counting = threading.Lock()

    def see(self, pixels, floors):
        with self._counting:
            self._left -= 1
            if self._left == 0:
                raise ReadingFailedError("The detector stopped.", "Try again.")
        return self._detector.see(pixels, floors)


@pytest.mark.parametrize("nth", [1, 5, 9])
def test_a_tile_without_an_answer_leaves_no_reading_at_all(detector, nth):
    with pytest.raises(ReadingFailedError):
        read(OneTileFails(detector, nth), a_slide(SEED, 3, 3).pixels)


def test_the_cutting_is_a_part_of_what_the_certificate_names(detector):
    pixels = a_slide(SEED, 1, 1).pixels
    made = [read(detector, pixels, Tiling(640, o)).reading.certificate for o in (0.25, 0.3, 0.25)]

    assert made[0] == made[2]
    assert made[0] != made[1]
    kept = made[0].preprocessing_sha256
    assert replace(made[1], preprocessing_sha256=kept) == made[0]


class Rows(HeldImage):
    """Remembers what was asked of it."""

    def __init__(self, pixels):
        super().__init__(pixels)
        self.asked = []

    def rows(self, top, bottom):
        self.asked.append((top, bottom))
        return super().rows(top, bottom)


def test_at_most_two_rows_of_tiles_are_asked_for_at_a_time(detector):
    image = Rows(a_slide(SEED, 3, 3).pixels)
    grid = Tiling().grid(image)
    tiles = seen_tiles(detector, image, grid)
    next(tiles)

    assert len(image.asked) <= 2
    list(tiles)
    assert all(bottom - top <= 640 for top, bottom in image.asked)
    assert image.asked == sorted(image.asked)
