"""The simulated microscope's knobs do what knobs of a microscope do."""

from collections.abc import Iterator
from datetime import datetime, timezone

import cv2
import numpy as np
import pytest

from edge_app.domain.image import CapturedImage
from hardware.simulated.microscope import FIELD_STEP_MM, OpenMicroscope, SimulatedMicroscope


class SteppedClock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.elapsed_ns = 0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=timezone.utc)

    def monotonic_ns(self) -> int:
        return self.elapsed_ns

    def sleep(self, seconds: float) -> None:
        self.elapsed_ns += round(seconds * 1e9)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def microscope(clock: SteppedClock) -> Iterator[OpenMicroscope]:
    with SimulatedMicroscope(clock, 5, sleep=clock.sleep).open() as opened:
        yield opened


def sharpness(frame: CapturedImage) -> float:
    """Return how steep the steepest edges are once the noise is smoothed away."""
    grey = cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    soft = cv2.GaussianBlur(grey, (0, 0), 1.5)
    slope = np.hypot(cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1))
    return np.percentile(slope, 99)


def test_frames_come_no_faster_than_thirty_a_second(
    microscope: OpenMicroscope, clock: SteppedClock
) -> None:
    for _ in range(31):
        microscope.frame()

    assert clock.elapsed_ns == pytest.approx(1e9, rel=0.001)


def test_thirty_frames_a_second_come_although_exposing_each_takes_time() -> None:
    class BusyClock(SteppedClock):
        def monotonic_ns(self) -> int:
            self.sleep(0.005)
            return super().monotonic_ns()

    clock = BusyClock()
    with SimulatedMicroscope(clock, 5, sleep=clock.sleep).open() as microscope:
        for _ in range(31):
            microscope.frame()

    assert clock.elapsed_ns == pytest.approx(1e9, rel=0.02)


def test_a_slow_reader_does_not_wait(microscope: OpenMicroscope, clock: SteppedClock) -> None:
    microscope.frame()
    clock.sleep(1.0)
    before = clock.elapsed_ns

    microscope.frame()

    assert clock.elapsed_ns == before


def test_two_frames_of_one_field_differ_only_by_noise(microscope: OpenMicroscope) -> None:
    one, other = microscope.frame().pixels, microscope.frame().pixels

    difference = np.abs(one.astype(int) - other)
    assert 0.2 < difference.mean() < 3
    assert difference.max() < 40


def test_moving_the_stage_shows_other_cells_and_coming_back_the_same(
    microscope: OpenMicroscope,
) -> None:
    home = microscope.truth()
    microscope.adjust("stage x", FIELD_STEP_MM[0])
    away = microscope.truth()
    microscope.adjust("stage x", 0.0)

    assert away.cells != home.cells
    assert microscope.truth() == home


def test_the_picture_moves_with_the_stage(microscope: OpenMicroscope) -> None:
    home = microscope.frame().pixels.astype(int)
    microscope.adjust("stage x", FIELD_STEP_MM[0] / 4)
    moved = microscope.frame().pixels.astype(int)

    assert np.abs(home[:, 160:] - moved[:, :-160]).mean() < 8
    assert np.abs(home - moved).mean() > 12


def test_glass_left_of_the_smear_is_empty_and_bright(microscope: OpenMicroscope) -> None:
    microscope.adjust("stage x", -0.1)

    assert microscope.truth().cells == ()
    assert microscope.frame().pixels.mean(axis=2).min() > 140


@pytest.mark.parametrize("focus", [-4.0, 4.0])
def test_focus_away_from_zero_blurs(microscope: OpenMicroscope, focus: float) -> None:
    sharp = sharpness(microscope.frame())
    microscope.adjust("focus", focus)

    assert sharpness(microscope.frame()) < 0.6 * sharp


def test_a_lamp_far_too_strong_clips_to_white(microscope: OpenMicroscope) -> None:
    microscope.adjust("lamp", 200.0)

    assert (microscope.frame().pixels == 255).all(axis=2).mean() > 0.5


def test_a_lamp_at_its_right_strength_does_not_clip(microscope: OpenMicroscope) -> None:
    assert (microscope.frame().pixels == 255).all(axis=2).mean() < 0.01


def test_a_lamp_that_is_off_gives_darkness(microscope: OpenMicroscope) -> None:
    microscope.adjust("lamp", 0.0)

    assert microscope.frame().pixels.max() < 16


def test_a_knob_does_not_take_a_value_that_is_no_number(microscope: OpenMicroscope) -> None:
    with pytest.raises(ValueError, match="no knob"):
        microscope.adjust("focus", float("nan"))


def test_the_truth_does_not_depend_on_focus_and_lamp(microscope: OpenMicroscope) -> None:
    before = microscope.truth()
    microscope.adjust("focus", 9.0)
    microscope.adjust("lamp", 0.0)

    assert microscope.truth() == before


def test_a_frame_says_how_large_a_pixel_is(microscope: OpenMicroscope) -> None:
    assert microscope.frame().spacing_mm == pytest.approx((FIELD_STEP_MM[0] / 640,) * 2)
