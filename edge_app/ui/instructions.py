"""One plain instruction for each thing that can be wrong with a picture."""

from PyQt6.QtCore import QCoreApplication

from edge_app.domain.reading import QualityIssue


def wrong_words(issue: QualityIssue) -> str:
    """Return what is wrong with the picture, in one sentence."""
    translate = QCoreApplication.translate
    return {
        QualityIssue.UNDER_EXPOSED: translate("Instruction", "The picture is too dark."),
        QualityIssue.OVER_EXPOSED: translate("Instruction", "The picture is too bright."),
        QualityIssue.EMPTY_FIELD: translate("Instruction", "There is hardly anything to see."),
        QualityIssue.BLURRED: translate("Instruction", "The picture is not sharp."),
    }[issue]


def instruction(issue: QualityIssue) -> str:
    """Return the one thing to do, in the language of hands."""
    translate = QCoreApplication.translate
    return {
        QualityIssue.UNDER_EXPOSED: translate("Instruction", "Turn the lamp up a little."),
        QualityIssue.OVER_EXPOSED: translate("Instruction", "Turn the lamp down a little."),
        QualityIssue.EMPTY_FIELD: translate(
            "Instruction", "Move the slide until cells fill the picture."
        ),
        QualityIssue.BLURRED: translate(
            "Instruction", "Turn the focus knob slowly until edges are sharp."
        ),
    }[issue]
