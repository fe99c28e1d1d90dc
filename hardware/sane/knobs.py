"""SANE's options as knobs with numbers and choices in words."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from edge_app.domain.error import ScannerUnavailableError
from edge_app.ports import Control
from hardware.sane.library import Handle, Option, ValueType

_UNITS = ("", "px", "bit", "mm", "dpi", "%", "us")
_WORD_SIZE = 4
_INCH_MM = 25.4
_YES_NO = ("no", "yes")
# Each may change which others there are, so they come first, in this order.
_FIRST = ("source", "mode")
_FEEDS = ("adf", "feeder", "duplex")
_WIDTH_AGREES = 0.02


def knobs(handle: Handle) -> tuple[Control, ...]:
    """Return each number that can be set now and has limits, under SANE's name for it."""
    return tuple(
        Control(
            option.name, _unit(option), option.low or 0.0, option.high or 0.0, handle.number(option)
        )
        for option in handle.options().values()
        if _is_knob(option)
    )


def turn(handle: Handle, name: str, value: float) -> None:
    """Set a knob to the nearest that the scanner can do.

    Raises:
        ValueError: There is no such knob, or `value` is not a number.
    """
    option = handle.options().get(name)
    if option is None or not _is_knob(option) or math.isnan(value):
        message = f"no knob {name!r} that takes {value}"
        raise ValueError(message)
    handle.set_number(option, nearest(option, value))


def nearest(option: Option, value: float) -> float:
    """Return the value of `option` that is nearest to `value`."""
    low, high = option.low or 0.0, option.high or 0.0
    if option.numbers:
        within = min(max(value, low), high)
        return min(option.numbers, key=lambda number: abs(number - within))
    if value >= high or value <= low:
        return high if value >= high else low
    if option.step <= 0:
        return value
    return min(low + round((value - low) / option.step) * option.step, high)


def choose(handle: Handle, choices: Mapping[str, str]) -> None:
    """Set each choice: the source and the mode first, then the others in their order.

    Raises:
        ScannerUnavailableError: The scanner has no such choice, or not this word.
    """
    early = [name for name in _FIRST if name in choices]
    for name in (*early, *(name for name in choices if name not in _FIRST)):
        _choose(handle, name, choices[name])


def _choose(handle: Handle, name: str, word: str) -> None:
    option = handle.options().get(name)
    if option is None or option.type not in {ValueType.BOOL, ValueType.STRING}:
        raise ScannerUnavailableError(
            f"The scanner has no choice {name!r}, which its profile makes.",
            "Correct the profile, or attach the device that it was written for.",
        )
    words = _YES_NO if option.type is ValueType.BOOL else option.words
    if word not in words:
        can = f"Choose one of: {', '.join(words)}." if words else "Take it out of the profile."
        what = f"The scanner cannot set {name!r} to {word!r}, which its profile asks for."
        raise ScannerUnavailableError(what, can)
    if option.type is ValueType.BOOL:
        handle.set_number(option, _YES_NO.index(word))
    else:
        handle.set_word(option, word)


def is_feeding(handle: Handle) -> bool:
    """Return whether pages come from a feeder, so that its end is the end of the pages."""
    source = handle.options().get("source")
    if source is None or source.type is not ValueType.STRING:
        return False
    word = handle.word(source).lower()
    return any(feeds in word for feeds in _FEEDS)


@dataclass(frozen=True, slots=True)
class Scale:
    """How a page is measured: dots an inch, and the width of the area where it is in mm."""

    across_dpi: float
    down_dpi: float
    width_mm: float | None

    def spacing_mm(self, pixels_per_line: int) -> tuple[float, float] | None:
        """Return millimetres a pixel (down, right) of a page of that many pixels.

        None where the width of the area contradicts the resolution: a length that nobody knows
        is better than one that is wrong.
        """
        right = _INCH_MM / self.across_dpi
        if self.width_mm is not None:
            slack_mm = _WIDTH_AGREES * self.width_mm + 2 * right
            if abs(pixels_per_line * right - self.width_mm) > slack_mm:
                return None
        return _INCH_MM / self.down_dpi, right


def scale(handle: Handle) -> Scale | None:
    """Return the scale that the scanner has taken, or None where it names no resolution."""
    options = handle.options()
    across = _dpi(handle, options, "x-resolution") or _dpi(handle, options, "resolution")
    down = _dpi(handle, options, "y-resolution") or across
    if not across or not down:
        return None
    left, right = (_length_mm(handle, options, name) for name in ("tl-x", "br-x"))
    return Scale(across, down, None if left is None or right is None else abs(right - left))


def _dpi(handle: Handle, options: Mapping[str, Option], name: str) -> float | None:
    option = options.get(name)
    if option is None or _unit(option) != "dpi":
        return None
    value = handle.number(option)
    return value if value > 0 else None


def _length_mm(handle: Handle, options: Mapping[str, Option], name: str) -> float | None:
    option = options.get(name)
    return handle.number(option) if option is not None and _unit(option) == "mm" else None


def _is_knob(option: Option) -> bool:
    is_number = option.type in {ValueType.INT, ValueType.FIXED} and option.size == _WORD_SIZE
    return is_number and option.low is not None


def _unit(option: Option) -> str:
    return _UNITS[option.unit] if 0 <= option.unit < len(_UNITS) else ""
