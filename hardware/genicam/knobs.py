"""A camera's numbers as knobs, and its settings in words."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from edge_app.ports import Control
from hardware.genicam.camera import Camera, Number
from hardware.genicam.pixels import FORMATS
from hardware.genicam.trouble import no_such_choice, no_such_word, unsupported

_FORMAT = "PixelFormat"


@dataclass(frozen=True, slots=True)
class _Knob:
    number: Number
    unit: str
    scale: float = 1.0  # the camera's units in one of ours


_KNOBS = {
    "exposure": _Knob(Number.EXPOSURE_US, "ms", 1000.0),
    "gain": _Knob(Number.GAIN, ""),  # decibels or steps, as the maker likes
    "frame rate": _Knob(Number.FRAME_RATE, "1/s"),
}


def knobs(camera: Camera) -> tuple[Control, ...]:
    """Return the knobs that the camera has, with the limits that hold now."""
    return tuple(
        _control(camera, name, knob) for name, knob in _KNOBS.items() if camera.can(knob.number)
    )


def turn(camera: Camera, name: str, value: float) -> None:
    """Set a knob to the nearest value within its limits, by hand from now on.

    Raises:
        ValueError: There is no such knob, or `value` is not a number.
    """
    knob = _KNOBS.get(name)
    if knob is None or math.isnan(value) or not camera.can(knob.number):
        message = f"no knob {name!r} that takes {value}"
        raise ValueError(message)
    low, high = camera.bounds(knob.number)
    camera.set_value(knob.number, min(max(value * knob.scale, low), high))


def choose(camera: Camera, choices: Mapping[str, str]) -> None:
    """Set each choice in its order, then see that the pixels are of a format that is read.

    Raises:
        ScannerUnavailableError: The camera has no such choice, or not this word, or sends its
            pixels in no format that is read here.
    """
    for name, word in choices.items():
        words = camera.words(name) if camera.has(name) else ()
        if not words:
            raise no_such_choice(name)
        if word not in words:
            raise no_such_word(name, word, words)
        camera.set_word(name, word)
    _ensure_readable(camera, is_chosen=_FORMAT in choices)


def _ensure_readable(camera: Camera, *, is_chosen: bool) -> None:
    """Leave the format as it stands where it is read, else set the best that is."""
    read = [known.name for known in FORMATS.values()]
    present = camera.word(_FORMAT)
    if present in read:
        return
    offered = [] if is_chosen else camera.words(_FORMAT)
    better = next((name for name in read if name in offered), None)
    if better is None:
        raise unsupported(present or "no format at all")
    camera.set_word(_FORMAT, better)


def _control(camera: Camera, name: str, knob: _Knob) -> Control:
    low, high = camera.bounds(knob.number)
    value = min(max(camera.value(knob.number), low), high)
    return Control(name, knob.unit, low / knob.scale, high / knob.scale, value / knob.scale)
