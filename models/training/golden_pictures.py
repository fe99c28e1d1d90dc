"""Golden pictures of our own drawing; a data set's pictures are never committed."""

from datetime import datetime, timezone

import numpy as np

from edge_app.domain.image import Pixels
from hardware.simulated.microscope import FIELD_STEP_MM, FOCUS, STAGE_X, SimulatedMicroscope

_WIDTH, _HEIGHT = 448, 336


class _StillClock:
    """A clock that stands, so that the same frame is drawn each time."""

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=timezone.utc)

    def monotonic_ns(self) -> int:
        return 0


def _frame(seed: int, field: int, focus_um: float) -> Pixels:
    microscope = SimulatedMicroscope(_StillClock(), seed, sleep=lambda _: None)
    with microscope.open() as opened:
        opened.adjust(STAGE_X, field * FIELD_STEP_MM[0])
        opened.adjust(FOCUS, focus_um)
        pixels = opened.frame().pixels
    return np.ascontiguousarray(pixels[:_HEIGHT, :_WIDTH])


def smear_pictures() -> dict[str, Pixels]:
    """Return fields of simulated smears: three with cells, one empty, one out of focus."""
    return {
        "field-1.png": _frame(101, 0, 0.0),
        "field-2.png": _frame(202, 3, 0.0),
        "field-3.png": _frame(303, 7, 0.0),
        "empty.png": _frame(101, -2, 0.0),
        "defocused.png": _frame(202, 3, 6.0),
    }
