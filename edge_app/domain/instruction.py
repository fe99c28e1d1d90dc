"""The one thing to do about a picture that cannot be read, in the language of hands."""

from enum import Enum


class Instruction(Enum):
    """What to do; the value names its picture."""

    LAMP_UP = "lamp-up"
    LAMP_DOWN = "lamp-down"
    LESS_CONTRAST = "less-contrast"
    MOVE_SLIDE = "move-slide"
    OPEN_DIAPHRAGM = "open-diaphragm"
    FOCUS_KNOB = "focus-knob"
    WHITE_BALANCE = "white-balance"
    TIP_NEARER = "tip-nearer"
    TIP_BACK = "tip-back"
    TILT_TIP = "tilt-tip"
    WASH_LENS = "wash-lens"
    FLASH_UP = "flash-up"
    FLASH_DOWN = "flash-down"
    CAMERA_BACK = "camera-back"
    AIM_AT_PUPIL = "aim-at-pupil"
    OPEN_EYE = "open-eye"
    FOCUS_VESSELS = "focus-vessels"
    GAIN_UP = "gain-up"
    GAIN_DOWN = "gain-down"
    MORE_GEL = "more-gel"
    WHOLE_PROBE = "whole-probe"
    SKIN_ON_TOP = "skin-on-top"
    FOCUS_DEPTH = "focus-depth"
    WINDOW_BRIGHTER = "window-brighter"
    WIDER_WINDOW = "wider-window"
    OTHER_SLICE = "other-slice"
    SMALLER_FIELD = "smaller-field"
    LIE_STILL = "lie-still"
    LIMB_IN_FIELD = "limb-in-field"
    NARROW_BEAM = "narrow-beam"
    NO_PHOTOGRAPH = "no-photograph"
    OTHER_DETECTOR = "other-detector"
    TAKE_AGAIN = "take-again"
    NOT_TWICE = "not-twice"


WORDS = {
    Instruction.LAMP_UP: "Turn the lamp up a little.",
    Instruction.LAMP_DOWN: "Turn the lamp down a little.",
    Instruction.LESS_CONTRAST: "Turn the camera's contrast down.",
    Instruction.MOVE_SLIDE: "Move the slide until cells fill the picture.",
    Instruction.OPEN_DIAPHRAGM: "Open the diaphragm until the whole picture is lit.",
    Instruction.FOCUS_KNOB: "Turn the focus knob slowly until edges are sharp.",
    Instruction.WHITE_BALANCE: "Set the white balance on something white.",
    Instruction.TIP_NEARER: "Bring the tip nearer, or turn the light up.",
    Instruction.TIP_BACK: "Draw the tip back, or turn the light down.",
    Instruction.TILT_TIP: "Tilt the tip a little until the bright patch is gone.",
    Instruction.WASH_LENS: "Wash the lens, and hold the tip still.",
    Instruction.FLASH_UP: "Turn the flash up a little.",
    Instruction.FLASH_DOWN: "Turn the flash down a little.",
    Instruction.CAMERA_BACK: "Move the camera back until the bright patch is gone.",
    Instruction.AIM_AT_PUPIL: "Move the camera until the light falls through the pupil.",
    Instruction.OPEN_EYE: "Ask for the eye to be opened wide, or hold the lid.",
    Instruction.FOCUS_VESSELS: "Turn the focus until the vessels are sharp.",
    Instruction.GAIN_UP: "Turn the gain up a little.",
    Instruction.GAIN_DOWN: "Turn the gain down a little.",
    Instruction.MORE_GEL: "Put on more gel, and press the probe gently to the skin.",
    Instruction.WHOLE_PROBE: "Lay the whole probe on the skin, with gel.",
    Instruction.SKIN_ON_TOP: "Turn the picture until the skin is at the top.",
    Instruction.FOCUS_DEPTH: "Set the focus to the depth that you look at, and hold still.",
    Instruction.WINDOW_BRIGHTER: "Set the window brighter.",
    Instruction.WIDER_WINDOW: "Set a wider, darker window.",
    Instruction.OTHER_SLICE: "Choose a slice that shows the brain.",
    Instruction.SMALLER_FIELD: "Choose a smaller field, so that the head fills the picture.",
    Instruction.LIE_STILL: "Ask the patient to lie still, and take it again.",
    Instruction.LIMB_IN_FIELD: "Lay the limb in the middle of the field, and take it again.",
    Instruction.NARROW_BEAM: "Narrow the beam to the limb.",
    Instruction.NO_PHOTOGRAPH: "Send the picture from the device, not a photograph of its screen.",
    Instruction.OTHER_DETECTOR: "Choose the detector that is made for this picture.",
    Instruction.TAKE_AGAIN: "Take the picture again.",
    Instruction.NOT_TWICE: "Move on, and take a new picture.",
}
