"""Light and scale are measured on pictures whose truth is known, and nothing is guessed."""

from datetime import date

import numpy as np
import pytest

from edge_app.compose.clock import SystemClock
from edge_app.domain.error import ScannerUnavailableError
from hardware.light import Light, evened, measured_light
from hardware.scale import spacing_from_lines, spacing_from_marks
from hardware.simulated.microscope import FOCUS, LAMP, STAGE_X, SimulatedMicroscope

TODAY = date(2026, 11, 26)


def frames(stage_x=-0.1, lamp=85.0, count=4):
    with SimulatedMicroscope(SystemClock(), 7).open() as device:
        device.adjust(STAGE_X, stage_x)
        device.adjust(LAMP, lamp)
        return [device.frame().pixels for _ in range(count)]


def ruler(period_px, *, fifth=1.5, blur_px=1.5, depth=120, side=(480, 640)):
    """Draw upright lines; each fifth one is `fifth` times as long."""
    height, width = side
    across = np.arange(width)
    drawn = np.full(side, 220.0)
    for number, middle in enumerate(np.arange(7.3, width, period_px)):
        rows = int(height * 0.3 * (fifth if number % 5 == 0 else 1))
        drawn[:rows] -= depth * np.exp(-(((across - middle) / blur_px) ** 2))
    noisy = drawn + np.random.default_rng(0).normal(0, 3, side)
    return np.repeat(np.clip(noisy, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def test_an_empty_field_is_even_and_white_once_its_light_was_measured():
    seen = frames()
    light = measured_light(seen, TODAY)

    after = evened(seen[0], light.gain(480, 640)).reshape(-1, 3).astype(float)

    assert seen[0].reshape(-1, 3).astype(float).std(axis=0).min() > 7
    assert after.std(axis=0).max() < 1
    assert np.ptp(after.mean(axis=0)) < 0.2


def test_light_that_was_measured_at_one_size_evens_frames_of_another():
    light = measured_light(frames(), TODAY)
    full, half = light.gain(480, 640), light.gain(240, 320)

    assert np.abs(full[1::2, 1::2] / half - 1).max() < 0.002


def test_what_becomes_brighter_than_white_is_white_and_never_dark():
    pixels = np.full((2, 2, 3), 200, np.uint8)

    assert evened(pixels, np.full((2, 2, 3), 2.0, np.float32)).min() == 255


@pytest.mark.parametrize(
    ("stage_x", "lamp", "why"),
    [(0.1, 85, "not empty"), (-0.1, 190, "too bright"), (-0.1, 10, "too dark")],
)
def test_a_field_that_shows_more_or_less_than_the_light_is_refused(stage_x, lamp, why):
    with pytest.raises(ScannerUnavailableError, match=why):
        measured_light(frames(stage_x, lamp), TODAY)


def test_light_that_changes_while_it_is_measured_is_refused():
    dimmer = [np.rint(frame * 0.9).astype(np.uint8) for frame in frames()]

    with pytest.raises(ScannerUnavailableError, match="not steady"):
        measured_light([*frames(), *dimmer], TODAY)


def test_light_that_is_four_times_as_strong_in_a_corner_is_refused():
    slope = np.linspace(50, 200, 640)
    steep = np.repeat(np.tile(slope, (480, 1))[..., None], 3, axis=2).astype(np.uint8)

    with pytest.raises(ScannerUnavailableError, match="too uneven"):
        measured_light([steep], TODAY)


def test_a_profile_whose_light_is_no_light_is_refused():
    none = (0.0,) * 15

    with pytest.raises(ScannerUnavailableError, match="not one that can be evened"):
        Light(TODAY, (none, none, none)).gain(48, 64)


@pytest.mark.parametrize("period_px", [12.5, 31.27, 62.5, 101.3])
@pytest.mark.parametrize("off", [0.9, 1.0, 1.1])
def test_a_scale_is_exact_although_somebody_counted_its_lines_roughly(period_px, off):
    spacing_mm = spacing_from_lines(ruler(period_px), 0.01, round(640 / period_px * off))

    assert spacing_mm == pytest.approx(0.01 / period_px, rel=0.002)


def test_where_only_each_fifth_line_is_sharp_nothing_is_guessed():
    blurred = ruler(8, fifth=3, blur_px=4)

    assert spacing_from_lines(blurred, 0.05, 16) == pytest.approx(0.05 / 40, rel=0.002)
    with pytest.raises(ScannerUnavailableError, match="about 80"):
        spacing_from_lines(blurred, 0.01, 80)


@pytest.mark.parametrize("what", ["cells", "noise", "nothing"])
def test_a_picture_without_a_scale_gives_no_scale(what):
    noise = np.random.default_rng(1).integers(0, 255, (480, 640, 3)).astype(np.uint8)
    pictures = {
        "cells": frames(stage_x=0.1)[0], "noise": noise, "nothing": np.full_like(noise, 200),
    }  # fmt: skip

    for counted in (5, 20, 64, 200):
        with pytest.raises(ScannerUnavailableError, match="No scale"):
            spacing_from_lines(pictures[what], 0.01, counted)


def test_two_marks_give_their_distance_in_any_direction_and_none_where_they_are_close():
    assert spacing_from_marks((10, 10), (310, 410), 1.0) == pytest.approx(1 / 500)
    with pytest.raises(ScannerUnavailableError, match="only 5 pixels apart"):
        spacing_from_marks((10, 10), (13, 14), 1.0)


def test_the_knobs_that_the_tests_turn_are_those_of_the_microscope():
    names = {STAGE_X, FOCUS, LAMP}
    with SimulatedMicroscope(SystemClock(), 7).open() as device:
        assert names <= {knob.name for knob in device.controls()}
