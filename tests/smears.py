"""Fields of the simulated microscope, with what is on them."""

from functools import lru_cache
from pathlib import Path

import edge_app
from hardware.simulated.microscope import (
    FIELD_STEP_MM,
    FOCUS,
    LAMP,
    STAGE_X,
    SimulatedMicroscope,
)
from tests.fakes import FakeClock

PACKAGE = Path(edge_app.__file__).parent.parent / "models" / "onnx" / "blood-smear"
EMPTY_COLUMN = -2


@lru_cache(64)
def a_field(seed, column=None, focus_um=0.0, lamp=100.0):
    """Return one frame of smear `seed` at a whole field, and its known cells."""
    where = seed % 9 if column is None else column
    with SimulatedMicroscope(FakeClock(), seed, sleep=lambda _: None).open() as opened:
        opened.adjust(STAGE_X, where * FIELD_STEP_MM[0])
        opened.adjust(FOCUS, focus_um)
        opened.adjust(LAMP, lamp)
        return opened.frame(), opened.truth()
