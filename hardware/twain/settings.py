"""A source's capabilities as knobs and choices, under the names that they have through SANE."""

import math
from collections.abc import Mapping

from edge_app.domain.error import ScannerUnavailableError
from edge_app.ports import Control
from hardware.twain import trouble
from hardware.twain.containers import Offer
from hardware.twain.source import Source
from hardware.twain.structures import Capability, Item

_INCH_MM = 25.4
_RESOLUTION = "resolution"
_SIDES = {"tl-x": 0, "tl-y": 1, "br-x": 0, "br-y": 1}
_MODES = {"Lineart": 0, "Gray": 1, "Color": 2}
_SOURCES = {"Flatbed": 0, "Automatic Document Feeder": 1}
_CHOICES = {
    "source": (Capability.FEEDER_ENABLED, Item.BOOL, _SOURCES),
    "mode": (Capability.PIXEL_TYPE, Item.UINT16, _MODES),
}
_AT_FIRST = (
    (Capability.UNITS, Item.UINT16, 0),  # inches
    (Capability.TRANSFER, Item.UINT16, 0),  # native: one whole bitmap a page
    (Capability.INDICATORS, Item.BOOL, 0),  # no window of its own while it scans
)


class Settings:
    """What one source is set to; raises TwainError where it fails.

    The area is kept here and said to the source before each page: its sides are turned one by
    one, and in between they may enclose nothing.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        for capability, item, value in _AT_FIRST:
            self._set_if_there(capability, item, value)
        self._most = [self._side_mm(one) for one in (Capability.WIDTH, Capability.HEIGHT)]
        self._area = {name: self._most[axis] for name, axis in _SIDES.items()}
        self._area |= {"tl-x": 0.0, "tl-y": 0.0}
        self._is_area_turned = False

    def choose(self, choices: Mapping[str, str]) -> None:
        """Set each choice; the source first, because others may depend on it.

        Raises:
            ScannerUnavailableError: The scanner has no such choice, or not this word.
        """
        for name in sorted(choices, key=lambda name: name != "source"):
            if name not in _CHOICES:
                raise trouble.no_such_choice(name, _CHOICES)
            self._choose(name, choices[name])
        is_feeding = self.is_feeding
        self._set_if_there(Capability.PAGES, Item.INT16, -1 if is_feeding else 1)
        if is_feeding:
            self._set_if_there(Capability.AUTO_FEED, Item.BOOL, 1)

    def knobs(self) -> tuple[Control, ...]:
        """Return the resolution, and the sides of the area where the source says its size."""
        said = self._source.offer(Capability.X_RESOLUTION)
        sides = [
            Control(name, "mm", 0.0, self._most[axis], self._area[name])
            for name, axis in _SIDES.items()
            if self._most[axis]
        ]
        if said is None or said.low == said.high:
            return tuple(sides)
        current = min(max(said.current, said.low), said.high)
        return (Control(_RESOLUTION, "dpi", said.low, said.high, current), *sides)

    def turn(self, name: str, value: float) -> None:
        """Set a knob to the nearest that the scanner can do.

        Raises:
            ValueError: There is no such knob, or `value` is not a number.
        """
        knob = next((one for one in self.knobs() if one.name == name), None)
        if knob is None or math.isnan(value):
            message = f"no knob {name!r} that takes {value}"
            raise ValueError(message)
        if name in _SIDES:
            self._area[name] = min(max(value, knob.low), knob.high)
            self._is_area_turned = True
        else:
            for capability in (Capability.X_RESOLUTION, Capability.Y_RESOLUTION):
                said = self._source.offer(capability)
                if said:
                    self._source.set(capability, Item.FIX32, said.nearest(value))

    def say_area(self) -> None:
        """Say the area to the source, where somebody turned it.

        Raises:
            ScannerUnavailableError: It encloses nothing.
        """
        if not self._is_area_turned:
            return
        left, top, right, bottom = (self._area[name] / _INCH_MM for name in _SIDES)
        if left >= right or top >= bottom:
            raise ScannerUnavailableError(
                "The area to be scanned is empty.", "Turn its sides apart, then scan again."
            )
        self._source.set_area(left, top, right, bottom)

    @property
    def is_feeding(self) -> bool:
        """Whether pages come from a feeder."""
        return bool(self._source.current(Capability.FEEDER_ENABLED, 0))

    @property
    def has_paper(self) -> bool:
        """Whether paper lies in the feeder; assumed where the scanner cannot see it."""
        return bool(self._source.current(Capability.FEEDER_LOADED, 1))

    def spacing_mm(self, said_dpi: float) -> tuple[float, float] | None:
        """Return the spacing (down, right), or None where nobody says it or two contradict.

        `said_dpi` is what the page itself says across, or 0.
        """
        across = self._source.current(Capability.X_RESOLUTION, 0)
        down = self._source.current(Capability.Y_RESOLUTION, 0)
        if across <= 0 or down <= 0 or self._source.current(Capability.UNITS, 0) != 0:
            return None
        if said_dpi and abs(said_dpi - across) > 0.02 * across:
            return None
        return _INCH_MM / down, _INCH_MM / across

    def _choose(self, name: str, word: str) -> None:
        capability, item, words = _CHOICES[name]
        said = self._source.offer(capability)
        able = [one for one, value in words.items() if _can(said, value)]
        if word not in able:
            raise trouble.no_such_word(name, word, able or ["none, so take it out"])
        self._source.set(capability, item, words[word])

    def _set_if_there(self, capability: Capability, item: Item, value: float) -> None:
        said = self._source.offer(capability)
        if said is not None and said.current != value:
            self._source.set(capability, item, value)

    def _side_mm(self, capability: Capability) -> float:
        return max(0.0, self._source.current(capability, 0)) * _INCH_MM


def _can(said: Offer | None, value: float) -> bool:
    """Return whether a source offers a value; one that tells only the present one may have more."""
    return said is not None and (len(said.values) <= 1 or value in said.values)
