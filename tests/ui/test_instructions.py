"""Each instruction stands on the screen as words and as a picture of its own."""

import numpy as np
import pytest
from PyQt6.QtGui import QImage

from edge_app.domain.instruction import WORDS, Instruction
from edge_app.domain.reading import QualityIssue
from edge_app.inference.quality_gate import WRONG
from edge_app.ui.instruction_pictures import STROKES, picture_of
from edge_app.ui.instructions import instruction, what_to_do, wrong_words
from tests.fakes import a_quality


def drawn(do, size):
    image = picture_of(do, "#FFFFFF", size).toImage().convertToFormat(QImage.Format.Format_Alpha8)
    bits = image.constBits()
    bits.setsize(image.sizeInBytes())
    return np.frombuffer(bits, np.uint8).reshape(image.height(), image.bytesPerLine()).copy()


@pytest.mark.parametrize("do", Instruction)
def test_the_screen_says_what_the_reading_says(do):
    assert instruction(do) == WORDS[do]


@pytest.mark.parametrize("issue", QualityIssue)
def test_every_issue_is_one_sentence_on_the_screen(issue):
    assert wrong_words(issue).endswith(".")
    assert wrong_words(issue) == WRONG.get(issue, wrong_words(QualityIssue.WRONG_KIND))


@pytest.mark.parametrize("size", [64, 128])
def test_every_instruction_has_a_picture_of_its_own_that_fits(qapp, size):
    assert set(STROKES) == set(Instruction)
    seen = {}
    for do in Instruction:
        alpha = drawn(do, size)
        inked = (alpha > 128).mean()
        assert 0.04 < inked < 0.6, do
        assert alpha[[0, -1]].max() == 0, do
        seen[do] = alpha.tobytes()

    assert len(set(seen.values())) == len(Instruction)


def test_a_reading_without_an_instruction_is_of_a_microscope():
    assert what_to_do(a_quality(QualityIssue.BLURRED)) is Instruction.FOCUS_KNOB
    assert what_to_do(a_quality()) is None
