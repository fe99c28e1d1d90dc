"""What a profile sets on a camera through OpenCV, under the names that it has through V4L2."""

import re
from collections.abc import Mapping

import cv2

from hardware.camera import trouble
from hardware.camera.modes import FRAME_RATE, PIXEL_FORMAT, RESOLUTION
from hardware.camera.opencv_wire import Capture

_NUMBERS = {
    "exposure": cv2.CAP_PROP_EXPOSURE,
    "gain": cv2.CAP_PROP_GAIN,
    "white balance": cv2.CAP_PROP_WB_TEMPERATURE,
    "focus": cv2.CAP_PROP_FOCUS,
    "zoom": cv2.CAP_PROP_ZOOM,
    "brightness": cv2.CAP_PROP_BRIGHTNESS,
    "contrast": cv2.CAP_PROP_CONTRAST,
    "saturation": cv2.CAP_PROP_SATURATION,
    "hue": cv2.CAP_PROP_HUE,
    "gamma": cv2.CAP_PROP_GAMMA,
    "sharpness": cv2.CAP_PROP_SHARPNESS,
    "backlight compensation": cv2.CAP_PROP_BACKLIGHT,
    "pan": cv2.CAP_PROP_PAN,
    "tilt": cv2.CAP_PROP_TILT,
    FRAME_RATE: cv2.CAP_PROP_FPS,
}
_SWITCHES = {
    "automatic exposure": cv2.CAP_PROP_AUTO_EXPOSURE,
    "automatic white balance": cv2.CAP_PROP_AUTO_WB,
    "automatic focus": cv2.CAP_PROP_AUTOFOCUS,
}
_YES_NO = {"yes": 1.0, "no": 0.0}
_FORMATS = {"MJPEG": "MJPG", "YUYV": "YUY2", "NV12": "NV12"}
_SIZE = re.compile(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})")
_NUMBER = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,6})?")
_AGREES = 0.01


def choose(capture: Capture, choices: Mapping[str, str]) -> None:
    """Set each choice, in its order.

    Raises:
        ScannerUnavailableError: There is no such choice, or the camera did not take its word.
    """
    for name, word in choices.items():
        for number, value in _wanted(name, word):
            if not capture.set(number, value) or not _agrees(capture.get(number), value, number):
                raise trouble.not_taken(name, word)


def _wanted(name: str, word: str) -> list[tuple[int, float]]:
    """Return OpenCV's properties and their values for one choice."""
    if name in _NUMBERS:
        if not _NUMBER.fullmatch(word):
            raise trouble.no_such_word(name, word, ["a number of the system's own"])
        return [(_NUMBERS[name], float(word))]
    if name in _SWITCHES:
        if word not in _YES_NO:
            raise trouble.no_such_word(name, word, _YES_NO)
        return [(_SWITCHES[name], _YES_NO[word])]
    if name == RESOLUTION:
        return _size(word)
    if name == PIXEL_FORMAT:
        if word not in _FORMATS:
            raise trouble.no_such_word(name, word, _FORMATS)
        return [(cv2.CAP_PROP_FOURCC, float(cv2.VideoWriter.fourcc(*_FORMATS[word])))]
    raise trouble.no_such_choice(name, [PIXEL_FORMAT, RESOLUTION, *_NUMBERS, *_SWITCHES])


def _size(word: str) -> list[tuple[int, float]]:
    found = _SIZE.fullmatch(word)
    if found is None:
        raise trouble.no_such_word(RESOLUTION, word, ["a size such as 1280x720"])
    sides = (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
    return list(zip(sides, map(float, found.groups()), strict=True))


def _agrees(taken: float, value: float, number: int) -> bool:
    """Return whether the camera kept a value; of its format some systems tell another name."""
    return number == cv2.CAP_PROP_FOURCC or abs(taken - value) <= _AGREES * abs(value)
