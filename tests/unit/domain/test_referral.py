"""An image's advice never calls a marked sign, or an eye that was not seen, free of signs."""

from dataclasses import replace

import pytest

from edge_app.domain.measured import Measured
from edge_app.domain.reading import Outcome
from edge_app.domain.referral import Advice, Referral
from tests.fakes import a_detection, a_reading, an_image

HALF = Measured(0.5, 0.4, 0.6)
RULE = Referral("disc", ("exudate", "bleeding"), 0.6, HALF, HALF, HALF)
DISC = a_detection("disc", 0.9)


@pytest.mark.parametrize("sign", RULE.signs)
def test_one_strong_sign_is_enough_to_refer_even_without_the_landmark(sign):
    assert RULE.advice([a_detection(sign, 0.6)]) is Advice.REFER


def test_no_sign_is_found_only_where_the_landmark_is():
    assert RULE.advice([DISC]) is Advice.NO_SIGN_FOUND
    assert RULE.advice([]) is Advice.CANNOT_SAY


def test_a_faint_sign_is_never_called_no_sign():
    assert RULE.advice([DISC, a_detection("exudate", 0.59)]) is Advice.CANNOT_SAY


def test_a_reading_without_an_answer_is_cannot_say_whatever_was_marked():
    marked = a_reading(an_image(), [DISC, a_detection("exudate", 0.99)])

    assert RULE.advice_of(marked) is Advice.REFER
    poor = replace(marked, outcome=Outcome.CANNOT_SAY, reason="blurred")
    assert RULE.advice_of(poor) is Advice.CANNOT_SAY
