"""Words that pages share."""

from dataclasses import replace

import pytest

from edge_app.domain.reading import EXPERIMENTAL, QualityIssue
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
