"""A script of faults, played on any simulated device: at which frame what goes wrong, and how."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.image import CapturedImage
from edge_app.ports import Clock, Control, DeviceInfo, OpenScanner, Scanner

SLOW_S = 1.0
OTHER = "-another"
_BEAT_S = 1 / 30
_GREEN = (0, 135, 0)  # what video memory of zeros looks like as YUV
_REPAIR = 'Name frames like "5", "5-9", "5-" or "5, 9-12".'


class Fault(Enum):
    """What can go wrong at a frame; the value is the name in a profile's [choices]."""

    UNPLUG = "unplug"
    HANG = "hang"
    SHORT = "short frame"
    GREEN = "green frame"
    FROZEN = "frozen picture"
    SLOW = "rate drop"
    RUNAWAY = "rate runaway"
    RESIZED = "resolution change"
    SWAPPED = "swapped device"


@dataclass(frozen=True, slots=True)
class Planned:
    """One fault at frames `first` to `last`, counted from 1 as they are asked for."""

    fault: Fault
    first: int
    last: float


Script = Sequence[Planned]


def script_from(choices: Mapping[str, str]) -> Script:
    """Return the script that a profile's choices write down: fault -> frames.

    Raises:
        ScannerUnavailableError: There is no such fault, or the frames mean nothing.
    """
    known = {fault.value: fault for fault in Fault}
    unknown = sorted(set(choices) - set(known))
    if unknown:
        what = f"There is no fault {unknown[0]!r}."
        raise ScannerUnavailableError(what, f"Choose from: {', '.join(known)}.")
    return [
        _planned(known[name], part.strip())
        for name, frames in choices.items()
        for part in frames.split(",")
    ]


def _planned(fault: Fault, frames: str) -> Planned:
    first, dash, last = frames.partition("-")
    if not first.isdecimal() or (last and not last.isdecimal()):
        raise ScannerUnavailableError(f"A fault cannot be at frames {frames!r}.", _REPAIR)
    if not dash:
        return Planned(fault, int(first), int(first))
    return Planned(fault, int(first), int(last) if last else float("inf"))


class FaultyScanner:
    """A `Scanner` that behaves as its script says, around one that is sound."""

    def __init__(
        self,
        scanner: Scanner,
        script: Script,
        clock: Clock,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._scanner = scanner
        self._script = script
        self._clock = clock
        self._sleep = sleep

    def info(self) -> DeviceInfo:
        """Return what the sound device is."""
        return self._scanner.info()

    def open(self) -> AbstractContextManager[OpenScanner]:
        """Take the device; each opening begins the script anew."""
        return self._opened()

    @contextmanager
    def _opened(self) -> Iterator[OpenScanner]:
        with self._scanner.open() as device:
            opened = _OpenFaulty(device, self._script, self._clock, self._sleep)
            try:
                yield opened
            finally:
                opened.let_go()


class _OpenFaulty:
    def __init__(
        self, device: OpenScanner, script: Script, clock: Clock, sleep: Callable[[float], None]
    ) -> None:
        self._device = device
        self._script = script
        self._clock = clock
        self._sleep = sleep
        self._n_asked = 0
        self._sequence = 0
        self._last: CapturedImage | None = None
        self._is_held = True

    def frame(self) -> CapturedImage | None:
        """Return the next frame as the script has it, or None where there is none left.

        Raises:
            ScannerUnavailableError: The script unplugs the device here, or cut the frame before.
        """
        cut = Fault.SHORT in self._planned()
        self._n_asked += 1
        faults = self._planned()
        if not self._is_held:
            raise ScannerUnavailableError("The simulated device was let go.", "Open it again.")
        if Fault.UNPLUG in faults or cut:
            raise ScannerUnavailableError("The device was unplugged.", "Put its cable back in.")
        if Fault.HANG in faults:
            threading.Event().wait()
        if Fault.SLOW in faults:
            self._sleep(SLOW_S)
        image = self._taken(faults)
        if image is None:
            return None
        for fault in faults & _CHANGES.keys():
            image = _CHANGES[fault](image)
        self._sequence += 1
        self._last = replace(image, sequence=self._sequence)
        return self._last

    def _planned(self) -> set[Fault]:
        return {x.fault for x in self._script if x.first <= self._n_asked <= x.last}

    def _taken(self, faults: set[Fault]) -> CapturedImage | None:
        if self._last is None or not faults & {Fault.FROZEN, Fault.RUNAWAY}:
            return self._device.frame()
        now_ns = self._clock.monotonic_ns()
        again = replace(self._last, monotonic_ns=now_ns, captured_at=self._clock.now())
        if Fault.RUNAWAY in faults:  # faster than any sensor: each frame a little other
            return replace(again, pixels=again.pixels + np.uint8(1), hash="", deep=None)
        self._sleep(_BEAT_S)
        return again

    def controls(self) -> Sequence[Control]:
        """Return the knobs of the sound device."""
        return self._device.controls()

    def adjust(self, name: str, value: float) -> None:
        """Turn a knob of the sound device."""
        self._device.adjust(name, value)

    def let_go(self) -> None:
        """Give no more frames."""
        self._is_held = False


def _short(image: CapturedImage) -> CapturedImage:
    pixels = image.pixels.copy()
    pixels[image.height // 3 :] = 0
    return replace(image, pixels=pixels, is_partial=True, hash="", deep=None)


def _green(image: CapturedImage) -> CapturedImage:
    return replace(image, pixels=np.full_like(image.pixels, _GREEN), hash="", deep=None)


def _resized(image: CapturedImage) -> CapturedImage:
    return replace(image, pixels=image.pixels[::2, ::2].copy(), hash="", deep=None)


def _swapped(image: CapturedImage) -> CapturedImage:
    return replace(image, device_id=image.device_id + OTHER)


_CHANGES: Mapping[Fault, Callable[[CapturedImage], CapturedImage]] = {
    Fault.SHORT: _short,
    Fault.GREEN: _green,
    Fault.RESIZED: _resized,
    Fault.SWAPPED: _swapped,
}
