"""The knobs of a simulated device."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from edge_app.ports import Control


class Knobs:
    """Knobs with their present values; a value beyond a knob's range stops at the end of it."""

    def __init__(self, controls: Sequence[Control]) -> None:
        self._controls = {control.name: control for control in controls}

    @property
    def all(self) -> Sequence[Control]:
        """Every knob with its present value."""
        return tuple(self._controls.values())

    @property
    def values(self) -> Mapping[str, float]:
        """The present values by name."""
        return {knob.name: knob.value for knob in self._controls.values()}

    def turn(self, name: str, value: float) -> None:
        """Turn the knob `name`.

        Raises:
            ValueError: No knob has this name, or the value is not a number.
        """
        if name not in self._controls or math.isnan(value):
            message = f"no knob {name!r} that takes {value}; there are {list(self._controls)}"
            raise ValueError(message)
        knob = self._controls[name]
        self._controls[name] = replace(knob, value=min(max(value, knob.low), knob.high))
