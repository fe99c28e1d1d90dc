"""A flatbed without hardware: a drawn sheet of film on a light bed, scanned at some resolution."""

import time
from collections.abc import Callable, Mapping

import cv2
import numpy as np

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.image import Pixels
from edge_app.ports import Clock, Control, DeviceInfo, DeviceState
from hardware.lent import Frame
from hardware.simulated.stand_in import StandIn

DEVICE_KIND = "flatbed"
RESOLUTION = "resolution"
BED_MM = (148.0, 105.0)
_CONTROLS = (Control(RESOLUTION, "dpi", 50.0, 300.0, 100.0),)
_MM_AN_INCH = 25.4
_LINES_A_SECOND = 4000.0
_NOISE = 2.0
_BED, _FILM = 245, 60


def simulated_flatbed(
    place: str, clock: Clock, *, sleep: Callable[[float], None] = time.sleep
) -> StandIn:
    """Return the flatbed with sheet `place` on it, a whole number from 0."""
    if not (place.isascii() and place.isdigit()):
        what = f"A simulated sheet is a whole number from 0, not {place!r}."
        raise ScannerUnavailableError(what, "Give another number.")
    info = DeviceInfo(
        device_id=f"simulated-flatbed-{place}",
        kind=DEVICE_KIND,
        name=f"Simulated flatbed, sheet {place}",
        driver="hardware.simulated.flatbed",
        state=DeviceState.READY,
        capabilities=("stills", RESOLUTION),
    )
    return StandIn(info, lambda: Sheet(int(place), sleep), clock, _CONTROLS)


class Sheet:
    """One sheet of film: the same seed is the same sheet, each scan with its own noise."""

    def __init__(self, seed: int, sleep: Callable[[float], None]) -> None:
        self._seed = seed
        self._sleep = sleep
        self._noise = np.random.default_rng((seed, 1))

    def picture(self, knobs: Mapping[str, float]) -> Frame:
        """Return one scan; it takes as long as the lamp needs to pass under the bed."""
        dots_a_mm = knobs[RESOLUTION] / _MM_AN_INCH
        height, width = (round(side * dots_a_mm) for side in BED_MM)
        self._sleep(height / _LINES_A_SECOND)
        sheet = _drawn(self._seed, width, height, dots_a_mm)
        grain = self._noise.normal(0, _NOISE, sheet.shape)
        scanned = np.clip(sheet + grain, 0, 255).astype(np.uint8)
        spacing_mm = (1 / dots_a_mm, 1 / dots_a_mm)
        return Frame(np.repeat(scanned[..., None], 3, axis=2), spacing_mm)


def _drawn(seed: int, width: int, height: int, dots_a_mm: float) -> Pixels:
    """Return the sheet without noise, uint8 [h, w]: a dark film with round shadows on it."""
    rng = np.random.default_rng(seed)
    sheet = np.full((height, width), _BED, np.uint8)
    low, high = round(8 * dots_a_mm), round(6 * dots_a_mm)
    cv2.rectangle(sheet, (high, low), (width - high, height - low), _FILM, -1)
    for _ in range(12):
        x, y = rng.uniform(0.2, 0.8, 2)
        radius = rng.uniform(2, 9)
        shade = int(rng.integers(80, 200))
        at = (round(x * width), round(y * height))
        cv2.circle(sheet, at, max(1, round(radius * dots_a_mm)), shade, -1, cv2.LINE_AA)
    return sheet
