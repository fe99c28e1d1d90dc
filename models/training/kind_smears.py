"""Drawn smears of the simulated microscope: of the kind, though drawn scenes are strangers."""

from collections.abc import Iterator
from datetime import datetime, timezone

from edge_app.domain.image import Pixels
from hardware.simulated.microscope import FIELD_STEP_MM, FOCUS, STAGE_X, SimulatedMicroscope
from models.training.kind_pictures import Rng

_FIRST_SEED = 50_000  # no test and no golden picture draws these
_FIELDS = 9
_OUT_OF_FOCUS_UM = 3.0


class _StillClock:
    """A clock that stands."""

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=timezone.utc)

    def monotonic_ns(self) -> int:
        return 0


def drawn_smears(n: int, rng: Rng) -> Iterator[Pixels]:
    """Yield `n` fields of as many smears, nearly in focus, uint8 [h, w, 3], RGB."""
    for number in range(n):
        microscope = SimulatedMicroscope(_StillClock(), _FIRST_SEED + number, sleep=lambda _: None)
        with microscope.open() as opened:
            opened.adjust(STAGE_X, number % _FIELDS * FIELD_STEP_MM[0])
            opened.adjust(FOCUS, float(rng.normal(0, _OUT_OF_FOCUS_UM)))
            yield opened.frame().pixels
