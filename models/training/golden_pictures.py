"""Golden pictures of our own drawing; a data set's pictures are never committed."""

from collections.abc import Callable, Mapping
from datetime import datetime, timezone

import numpy as np

from edge_app.domain.image import Pixels
from hardware.simulated.microscope import FIELD_STEP_MM, FOCUS, LAMP, STAGE_X, SimulatedMicroscope
from models.training import phantoms
from models.training.recipe import Drawn

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


def _smears() -> dict[str, Pixels]:
    """With cells, dim, cut by the edge, empty, out of focus."""
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


def _endoscopies() -> dict[str, Pixels]:
    return {
        "one-polyp.png": phantoms.endoscopy(1, [(110, 150, 46)]),
        "two-polyps.png": phantoms.endoscopy(2, [(90, 90, 30), (190, 180, 40)]),
        "small-polyp.png": phantoms.endoscopy(3, [(120, 170, 18)]),
        "folds-only.png": phantoms.endoscopy(4, []),
    }


def _retinas() -> dict[str, Pixels]:
    return {
        "both-signs.png": phantoms.retina(1, [(110, 110), (150, 190)], [(90, 160), (170, 70)]),
        "exudates.png": phantoms.retina(2, [(120, 150), (90, 100), (140, 90)], []),
        "bleedings.png": phantoms.retina(3, [], [(100, 170), (150, 80), (80, 90)]),
        "no-sign.png": phantoms.retina(4, [], []),
    }


def _ultrasounds() -> dict[str, Pixels]:
    return {
        "nerve-and-vessel.png": phantoms.ultrasound(1, [(110, 150, 36)], [(200, 110, 24)]),
        "two-vessels.png": phantoms.ultrasound(2, [(80, 130, 24), (210, 160, 34)], []),
        "nerve.png": phantoms.ultrasound(3, [], [(150, 120, 28)]),
        "layers-only.png": phantoms.ultrasound(4, [], []),
    }


def _slices() -> dict[str, Pixels]:
    return {
        "large-mass.png": phantoms.brain_slice(1, [(200, 90, 24)]),
        "small-mass.png": phantoms.brain_slice(2, [(120, 170, 13)]),
        "middle-mass.png": phantoms.brain_slice(3, [(160, 140, 11)]),
        "no-mass.png": phantoms.brain_slice(4, []),
    }


def _films() -> dict[str, Pixels]:
    return {
        "one-break.png": phantoms.film(1, [(0, 0.55)]),
        "two-breaks.png": phantoms.film(2, [(0, 0.35), (1, 0.65)]),
        "no-break.png": phantoms.film(3, []),
    }


_PICTURES: Mapping[Drawn, Callable[[], dict[str, Pixels]]] = {
    Drawn.SMEAR: _smears,
    Drawn.ENDOSCOPY: _endoscopies,
    Drawn.RETINA: _retinas,
    Drawn.ULTRASOUND: _ultrasounds,
    Drawn.SLICE: _slices,
    Drawn.FILM: _films,
}


def golden_pictures(drawn: Drawn) -> dict[str, Pixels]:
    """Return our own drawings of that kind, by file name: with things to find, and without."""
    return _PICTURES[drawn]()
