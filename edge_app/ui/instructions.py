"""One plain instruction for each thing that can be wrong with a picture."""

from PyQt6.QtCore import QCoreApplication

from edge_app.domain.instruction import Instruction as Do
from edge_app.domain.quality import instruction_for
from edge_app.domain.reading import Quality, QualityIssue


def wrong_words(issue: QualityIssue) -> str:
    """Return what is wrong with the picture, in one sentence."""
    translate = QCoreApplication.translate
    return {
        QualityIssue.UNDER_EXPOSED: translate("Instruction", "The picture is too dark."),
        QualityIssue.OVER_EXPOSED: translate("Instruction", "The picture is too bright."),
        QualityIssue.CLIPPED: translate(
            "Instruction", "The picture is nearly only black and white."
        ),
        QualityIssue.WRONG_KIND: translate(
            "Instruction", "This does not look like a picture for this detector."
        ),
        QualityIssue.COLLIMATION: translate(
            "Instruction", "What matters is too small in the picture."
        ),
        QualityIssue.POOR_COVERAGE: translate("Instruction", "A part of the picture is missing."),
        QualityIssue.EMPTY_FIELD: translate("Instruction", "There is hardly anything to see."),
        QualityIssue.WRONG_ORIENTATION: translate("Instruction", "The picture is turned."),
        QualityIssue.GLARE: translate(
            "Instruction", "A bright reflection hides a part of the picture."
        ),
        QualityIssue.COLOUR_CAST: translate("Instruction", "The colours of the picture are wrong."),
        QualityIssue.BLURRED: translate("Instruction", "The picture is not sharp."),
    }[issue]


def what_to_do(quality: Quality) -> Do | None:
    """Return the one thing to do about the picture, or None where nothing is wrong."""
    if quality.issue is None:
        return None
    return quality.instruction or instruction_for(quality.issue)


def instruction(do: Do) -> str:
    """Return the one thing to do, in the language of hands."""
    return _light(do) or _place(do) or _rest(do)


def _light(do: Do) -> str:
    translate = QCoreApplication.translate
    words = {
        Do.LAMP_UP: translate("Instruction", "Turn the lamp up a little."),
        Do.LAMP_DOWN: translate("Instruction", "Turn the lamp down a little."),
        Do.FLASH_UP: translate("Instruction", "Turn the flash up a little."),
        Do.FLASH_DOWN: translate("Instruction", "Turn the flash down a little."),
        Do.GAIN_UP: translate("Instruction", "Turn the gain up a little."),
        Do.GAIN_DOWN: translate("Instruction", "Turn the gain down a little."),
        Do.WINDOW_BRIGHTER: translate("Instruction", "Set the window brighter."),
        Do.LESS_CONTRAST: translate("Instruction", "Turn the camera's contrast down."),
        Do.WIDER_WINDOW: translate("Instruction", "Set a wider, darker window."),
        Do.WHITE_BALANCE: translate("Instruction", "Set the white balance on something white."),
    }
    return words.get(do, "")


def _place(do: Do) -> str:
    translate = QCoreApplication.translate
    words = {
        Do.MOVE_SLIDE: translate("Instruction", "Move the slide until cells fill the picture."),
        Do.OPEN_DIAPHRAGM: translate(
            "Instruction", "Open the diaphragm until the whole picture is lit."
        ),
        Do.TIP_NEARER: translate("Instruction", "Bring the tip nearer, or turn the light up."),
        Do.TIP_BACK: translate("Instruction", "Draw the tip back, or turn the light down."),
        Do.TILT_TIP: translate(
            "Instruction", "Tilt the tip a little until the bright patch is gone."
        ),
        Do.CAMERA_BACK: translate(
            "Instruction", "Move the camera back until the bright patch is gone."
        ),
        Do.AIM_AT_PUPIL: translate(
            "Instruction", "Move the camera until the light falls through the pupil."
        ),
        Do.OPEN_EYE: translate(
            "Instruction", "Ask for the eye to be opened wide, or hold the lid."
        ),
        Do.MORE_GEL: translate(
            "Instruction", "Put on more gel, and press the probe gently to the skin."
        ),
        Do.WHOLE_PROBE: translate("Instruction", "Lay the whole probe on the skin, with gel."),
        Do.SKIN_ON_TOP: translate("Instruction", "Turn the picture until the skin is at the top."),
        Do.OTHER_SLICE: translate("Instruction", "Choose a slice that shows the brain."),
        Do.SMALLER_FIELD: translate(
            "Instruction", "Choose a smaller field, so that the head fills the picture."
        ),
        Do.LIMB_IN_FIELD: translate(
            "Instruction", "Lay the limb in the middle of the field, and take it again."
        ),
        Do.NARROW_BEAM: translate("Instruction", "Narrow the beam to the limb."),
    }
    return words.get(do, "")


def _rest(do: Do) -> str:
    translate = QCoreApplication.translate
    return {
        Do.FOCUS_KNOB: translate(
            "Instruction", "Turn the focus knob slowly until edges are sharp."
        ),
        Do.WASH_LENS: translate("Instruction", "Wash the lens, and hold the tip still."),
        Do.FOCUS_VESSELS: translate("Instruction", "Turn the focus until the vessels are sharp."),
        Do.FOCUS_DEPTH: translate(
            "Instruction", "Set the focus to the depth that you look at, and hold still."
        ),
        Do.LIE_STILL: translate("Instruction", "Ask the patient to lie still, and take it again."),
        Do.NO_PHOTOGRAPH: translate(
            "Instruction", "Send the picture from the device, not a photograph of its screen."
        ),
        Do.OTHER_DETECTOR: translate(
            "Instruction", "Choose the detector that is made for this picture."
        ),
        Do.TAKE_AGAIN: translate("Instruction", "Take the picture again."),
        Do.NOT_TWICE: translate("Instruction", "Move on, and take a new picture."),
    }[do]
