"""A picture that repeats the one before is told, and a different one is not."""

import cv2
import numpy as np

from edge_app.domain.field_change import repeats
from tests.smears import a_field

FIELD = a_field(4)[0].pixels


def _noisy(spread):
    noise = np.random.default_rng(3).normal(0, spread, FIELD.shape)
    return np.clip(FIELD + noise, 0, 255).astype(np.uint8)


def _moved(share):
    return np.roll(FIELD, round(share * FIELD.shape[1]), axis=1)


def _squeezed(quality):
    _, encoded = cv2.imencode(".jpg", FIELD, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(encoded, cv2.IMREAD_COLOR)


def test_the_same_frame_repeats_itself_through_noise_and_jpeg():
    for again in (FIELD, _noisy(4), _squeezed(60)):
        assert repeats(again, FIELD) > 1


def test_a_field_that_has_moved_is_no_repeat_the_less_the_farther():
    degrees = [repeats(_moved(share), FIELD) for share in (0.0, 0.02, 0.06, 0.15)]

    assert degrees == sorted(degrees, reverse=True)
    assert degrees[1] < 1


def test_other_fields_are_no_repeats():
    others = [a_field(seed)[0].pixels for seed in range(20, 30)]

    assert [repeats(o, FIELD) > 1 for o in others] == [False] * len(others)
