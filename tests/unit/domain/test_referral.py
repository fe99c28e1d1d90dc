"""An image's advice never calls a marked sign, or an eye that was not seen, free of signs."""

from dataclasses import replace

import pytest

from edge_app.domain.measured import Measured
from edge_app.domain.reading import Advice, Outcome
from edge_app.domain.referral import Referral
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


def test_a_mark_too_faint_to_be_a_sign_does_not_refer_and_does_not_replace_the_landmark():
    faint = a_detection("exudate", 0.59)

    assert RULE.advice([DISC, faint]) is Advice.NO_SIGN_FOUND
    assert RULE.advice([faint]) is Advice.CANNOT_SAY


def test_a_reading_without_an_answer_is_cannot_say_whatever_was_marked():
    marked = a_reading(an_image(), [DISC, a_detection("exudate", 0.99)])

    assert RULE.advice_of(marked) is Advice.REFER
    poor = replace(marked, outcome=Outcome.CANNOT_SAY, reason="blurred")
    assert RULE.advice_of(poor) is Advice.CANNOT_SAY


def test_a_reading_carries_its_advice_and_refuses_one_that_it_did_not_answer():
    seen = RULE.advised(a_reading(an_image(), [DISC]))

    assert seen.advice is Advice.NO_SIGN_FOUND
    with pytest.raises(ValueError, match="yet the advice is"):
        replace(seen, outcome=Outcome.CANNOT_SAY, reason="blurred")
