"""A camera's numbers as knobs, its automatics and menus as choices in words."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from edge_app.ports import Control
from hardware.camera import trouble
from hardware.camera.modes import CHOICES
from hardware.camera.structures import ControlQuery, Kind
from hardware.camera.video import Video, text

_USER, _CAMERA = 0x00980900, 0x009A0900  # V4L2_CID_BASE, V4L2_CID_CAMERA_CLASS_BASE
_NO_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class _Automatic:
    """What the camera may do by itself; `on` are its values for that, the best one first."""

    control: int
    on: tuple[int, ...] = (1,)
    off: int = 0


_AUTOMATICS = {
    # v4l2_exposure_auto_type: 0 is all automatic, 3 leaves the aperture alone, 1 is by hand.
    "automatic exposure": _Automatic(_CAMERA + 1, on=(0, 3), off=1),
    "automatic gain": _Automatic(_USER + 18),
    "automatic white balance": _Automatic(_USER + 12),
    "automatic focus": _Automatic(_CAMERA + 12),
    "automatic hue": _Automatic(_USER + 25),
}


@dataclass(frozen=True, slots=True)
class _Knob:
    control: int
    unit: str = ""
    scale: float = 1.0  # the camera's units in one of ours
    automatic: str = ""


_KNOBS = {
    "exposure": _Knob(_CAMERA + 2, "ms", 10.0, "automatic exposure"),
    "gain": _Knob(_USER + 19, automatic="automatic gain"),
    "white balance": _Knob(_USER + 26, "K", automatic="automatic white balance"),
    "focus": _Knob(_CAMERA + 10, automatic="automatic focus"),
    "zoom": _Knob(_CAMERA + 13),
    "brightness": _Knob(_USER + 0),
    "contrast": _Knob(_USER + 1),
    "saturation": _Knob(_USER + 2),
    "hue": _Knob(_USER + 3, automatic="automatic hue"),
    "gamma": _Knob(_USER + 16),
    "sharpness": _Knob(_USER + 27),
    "backlight compensation": _Knob(_USER + 28),
    "pan": _Knob(_CAMERA + 8, "deg", 3600.0),
    "tilt": _Knob(_CAMERA + 9, "deg", 3600.0),
}


def knobs(video: Video) -> tuple[Control, ...]:
    """Return the knobs that the camera has.

    One that it lists and then will not tell the value of, as some do, is left out.

    Raises:
        OSError: The camera went away.
    """
    found = []
    for name, knob in _KNOBS.items():
        try:
            said = _number(video, knob)
            if said is not None:
                found.append(_control(video, name, knob, said))
        except OSError as error:
            if trouble.is_gone(error):
                raise
    return tuple(found)


def turn(video: Video, name: str, value: float) -> None:
    """Set a knob to the nearest value that the camera has, by hand from now on.

    Raises:
        ValueError: There is no such knob, or `value` is not a number.
        OSError: The kernel refused.
    """
    knob = _KNOBS.get(name)
    said = None if knob is None else _number(video, knob)
    if knob is None or said is None or math.isnan(value):
        message = f"no knob {name!r} that takes {value}"
        raise ValueError(message)
    if knob.automatic:
        _switch_off(video, _AUTOMATICS[knob.automatic])
    video.set_value(knob.control, _nearest(said, value * knob.scale))


def choose(video: Video, choices: Mapping[str, str]) -> None:
    """Set each choice that is not about how pictures are sent, in its order.

    Raises:
        ScannerUnavailableError: The camera has no such choice, or not this word.
        OSError: The kernel refused.
    """
    for name, word in choices.items():
        if name in CHOICES:
            continue
        settings = _automatic_words(video, name) or _own_words(video, name)
        if settings is None:
            raise trouble.no_such_choice(name, _names(video))
        control, words = settings
        if word not in words:
            raise trouble.no_such_word(name, word, words)
        video.set_value(control, words[word])


def _number(video: Video, knob: _Knob) -> ControlQuery | None:
    said = video.control(knob.control)
    return said if said and said.type == Kind.INTEGER and said.maximum > said.minimum else None


def _top(said: ControlQuery) -> int:
    """Return the greatest value that the steps reach."""
    step = max(said.step, 1)
    return int(said.minimum + step * ((said.maximum - said.minimum) // step))


def _nearest(said: ControlQuery, value: float) -> int:
    low, high, step = said.minimum, _top(said), max(said.step, 1)
    within = min(max(value, low), high)
    return int(min(low + round((within - low) / step) * step, high))


def _control(video: Video, name: str, knob: _Knob, said: ControlQuery) -> Control:
    low, high = said.minimum, _top(said)
    value = min(max(video.value(knob.control), low), high)
    return Control(name, knob.unit, low / knob.scale, high / knob.scale, value / knob.scale)


def _switch_off(video: Video, automatic: _Automatic) -> None:
    if video.control(automatic.control) and video.value(automatic.control) != automatic.off:
        video.set_value(automatic.control, automatic.off)


def _automatic_words(video: Video, name: str) -> tuple[int, Mapping[str, int]] | None:
    """Return the control of one of our automatics and the number of yes and no, if it is there."""
    automatic = _AUTOMATICS.get(name)
    said = None if automatic is None else video.control(automatic.control)
    if automatic is None or said is None:
        return None
    offered = video.menu(said).values()
    words = {"yes": next((one for one in automatic.on if one in offered), automatic.off)}
    if words["yes"] == automatic.off:
        del words["yes"]
    return automatic.control, {**words, "no": automatic.off}


def _own_words(video: Video, name: str) -> tuple[int, Mapping[str, int]] | None:
    for said in video.all_controls():
        if plain_name(said) == name and (words := video.menu(said)):
            return said.id, words
    return None


def _names(video: Video) -> list[str]:
    """Return all that can be chosen: our words first, then the driver's."""
    ours = [name for name in _AUTOMATICS if _automatic_words(video, name)]
    taken = {automatic.control for automatic in _AUTOMATICS.values()}
    others = [said for said in video.all_controls() if said.id not in taken and video.menu(said)]
    return [*CHOICES, *ours, *(plain_name(said) for said in others)]


def plain_name(said: ControlQuery) -> str:
    """Return a control's name as v4l2-ctl writes it."""
    return _NO_NAME.sub("_", text(said.name).lower()).strip("_")
