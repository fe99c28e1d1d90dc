"""Words that pages share."""

from dataclasses import replace

import pytest

from edge_app.domain.reading import EXPERIMENTAL, Advice, QualityIssue
from edge_app.ui.live_panel import LivePanel
from edge_app.ui.tokens import DARK
from edge_app.ui.words import experimental_words, outcome_words
from edge_app.workflow.live_reading import LiveState, LiveView
from tests.fakes import LABELS, a_detection, a_reading, an_image


@pytest.mark.parametrize(
    ("detections", "issue"),
    [([], None), ([a_detection()], None), ([], QualityIssue.BLURRED)],
    ids=["nothing", "something", "cannot say"],
)
def test_whatever_an_experimental_detector_says_begins_with_that(detections, issue):
    plain = a_reading(an_image(), detections, issue)
    trial = replace(plain, certificate=replace(plain.certificate, is_experimental=True))

    assert outcome_words(trial, LABELS).headline.startswith(EXPERIMENTAL)
    assert EXPERIMENTAL not in outcome_words(plain, LABELS).headline
    assert experimental_words() == EXPERIMENTAL


def test_the_preview_of_an_experimental_detector_says_so(qtbot):
    panel = LivePanel(LABELS, DARK, is_experimental=True)
    qtbot.addWidget(panel)

    panel.say(LiveView(LiveState.NOTHING_MARKED))

    assert panel.words.text().startswith(EXPERIMENTAL)


@pytest.mark.parametrize("advice", Advice)
def test_the_advice_on_the_whole_image_is_said_in_words_that_never_call_it_healthy(advice):
    reading = replace(a_reading(an_image()), advice=advice)

    detail = outcome_words(reading, LABELS).detail

    assert advice.value in detail
    assert ("not the same as healthy" in detail) == (advice is Advice.NO_SIGN_FOUND)
    assert outcome_words(a_reading(an_image()), LABELS).detail == ""
