"""A coarse look tells one field from another, whatever the lamp does."""

import numpy as np
import pytest

from edge_app.domain.field_change import glance, likeness
from edge_app.workflow.live_reading import SAME_FIELD
from hardware.simulated.microscope import FOCUS, LAMP, STAGE_X, STAGE_Y, SimulatedMicroscope
from hardware.simulated.smear import SPACING_MM
from tests.fakes import FakeClock, some_pixels


def looks(seed, *knobs):
    """Return the look at the first field, and one after each turn of a knob from there."""
    with SimulatedMicroscope(FakeClock(), seed, sleep=lambda _: None).open() as opened:
        opened.adjust(STAGE_X, 0.2)
        found = [glance(opened.frame().pixels)]
        for name, value in knobs:
            before = {c.name: c.value for c in opened.controls()}[name]
            opened.adjust(name, value)
            found.append(glance(opened.frame().pixels))
            opened.adjust(name, before)
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_noise_lamp_focus_and_a_small_shift_are_the_same_field(seed):
    shift = 0.2 + 8 * SPACING_MM
    first, *others = looks(seed, (LAMP, 60.0), (FOCUS, 8.0), (STAGE_X, 0.2), (STAGE_X, shift))

    assert [likeness(first, x) >= SAME_FIELD for x in others] == [True] * 4


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_another_field_or_glass_or_a_large_shift_is_not(seed):
    shift = 0.2 + 30 * SPACING_MM
    knobs = ((STAGE_X, 0.5), (STAGE_Y, 1.0), (STAGE_X, -0.2), (STAGE_X, shift))
    first, *others = looks(seed, *knobs)

    assert [likeness(first, x) < SAME_FIELD for x in others] == [True] * 4


def test_glass_is_like_glass_and_like_nothing_else():
    glass, cells = np.full((48, 64, 3), 230, np.uint8), some_pixels()

    assert likeness(glance(glass), glance(glass - 9)) == 1.0
    assert likeness(glance(glass), glance(cells)) == 0.0


@pytest.mark.parametrize("size", [(1, 1), (5, 900), (24, 32), (1080, 1920), (37, 41)])
def test_frames_of_any_size_can_be_looked_at(size):
    pixels = np.random.default_rng(1).integers(0, 255, (*size, 3)).astype(np.uint8)

    assert likeness(glance(pixels), glance(pixels)) == pytest.approx(1.0)
    assert likeness(glance(pixels), np.zeros((2, 2), np.float32)) == 0.0
