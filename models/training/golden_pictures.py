"""Golden pictures of our own drawing; a data set's pictures are never committed."""

from datetime import datetime, timezone

import numpy as np

from edge_app.domain.image import Pixels
from hardware.simulated.microscope import FIELD_STEP_MM, FOCUS, LAMP, STAGE_X, SimulatedMicroscope

_WIDTH, _HEIGHT = 448, 336


class _StillClock:
    """A clock that stands, so that the same frame is drawn each time."""

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=timezone.utc)

    def monotonic_ns(self) -> int:
        return 0


def _frame(seed: int, field: float, focus_um: float = 0.0, lamp: float = 100.0) -> Pixels:
    microscope = SimulatedMicroscope(_StillClock(), seed, sleep=lambda _: None)
    with microscope.open() as opened:
        opened.adjust(STAGE_X, field * FIELD_STEP_MM[0])
        opened.adjust(FOCUS, focus_um)
        opened.adjust(LAMP, lamp)
        pixels = opened.frame().pixels
    return np.ascontiguousarray(pixels[:_HEIGHT, :_WIDTH])


def smear_pictures() -> dict[str, Pixels]:
    """Return fields of simulated smears: with cells, dim, cut by the edge, empty, out of focus."""
    return {
        "field-1.png": _frame(101, 0),
        "field-2.png": _frame(202, 3),
        "field-3.png": _frame(303, 7),
        "field-4.png": _frame(405, 1),
        "dim.png": _frame(506, 2, lamp=55.0),
        "cut-by-the-edge.png": _frame(607, 4.5),
        "empty.png": _frame(101, -2),
        "defocused.png": _frame(202, 3, focus_um=6.0),
    }
