"""A microscope without hardware: a drawn smear under a stage, a focus knob and a lamp."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.image import CapturedImage
from edge_app.ports import Clock, Control, DeviceInfo, DeviceState
from hardware.simulated.knobs import Knobs
from hardware.simulated.optics import Camera, Light, Optics
from hardware.simulated.smear import HEIGHT, SPACING_MM, WIDTH, Field, Smear

DEVICE_KIND = "microscope"
FIELD_STEP_MM = (WIDTH * SPACING_MM, HEIGHT * SPACING_MM)
FRAME_NS = 1_000_000_000 // 30

STAGE_X, STAGE_Y, FOCUS, LAMP = "stage x", "stage y", "focus", "lamp"

# At stage x = -0.1 the whole field is empty glass: the smear begins at 0.
CONTROLS = (
    Control(STAGE_X, "mm", -1.0, 20.0, 0.0),
    Control(STAGE_Y, "mm", -10.0, 10.0, 0.0),
    Control(FOCUS, "um", -10.0, 10.0, 0.0),
    Control(LAMP, "%", 0.0, 200.0, 100.0),
)


@dataclass(frozen=True, slots=True)
class View:
    """What the field depends on; the lamp and noise are added frame by frame."""

    stage_x_mm: float
    stage_y_mm: float
    focus_um: float


class SimulatedMicroscope:
    """A `Scanner` whose every cell is known.

    A smear is one seed: the same seed and stage position show the same cells for ever. The
    knobs make a bad image on demand: "stage x" below -0.06 mm shows empty glass, "focus" away
    from 0 blurs, "lamp" far above 100 % clips to white.
    """

    def __init__(
        self, clock: Clock, seed: int, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._seed = seed
        self._sleep = sleep
        self._held = threading.Lock()

    def info(self) -> DeviceInfo:
        """Return what the device is, without taking it."""
        state = DeviceState.BUSY if self._held.locked() else DeviceState.READY
        return DeviceInfo(
            device_id=f"simulated-microscope-{self._seed}",
            kind=DEVICE_KIND,
            name=f"Simulated microscope, smear {self._seed}",
            driver="hardware.simulated.microscope",
            state=state,
            capabilities=("live", "stage", "focus", "lamp", "truth"),
        )

    @contextmanager
    def open(self) -> Iterator["OpenMicroscope"]:
        """Take the microscope with all knobs at their first values.

        Raises:
            ScannerUnavailableError: Somebody holds it already.
        """
        if not self._held.acquire(blocking=False):
            raise ScannerUnavailableError(
                "The simulated microscope is already in use.", "Close the other view of it."
            )
        try:
            device_id = self.info().device_id
            opened = OpenMicroscope(self._clock, self._seed, device_id, self._sleep)
            try:
                yield opened
            finally:
                opened.let_go()
        finally:
            self._held.release()


class OpenMicroscope:
    """The microscope while it is held; not for more than one thread."""

    def __init__(
        self, clock: Clock, seed: int, device_id: str, sleep: Callable[[float], None]
    ) -> None:
        self._clock = clock
        self._device_id = device_id
        self._sleep = sleep
        self._smear = Smear(seed)
        self._optics = Optics(seed, self._smear.stain, (WIDTH, HEIGHT))
        self._camera = Camera(seed, (WIDTH, HEIGHT))
        self._knobs = Knobs(CONTROLS)
        self._seen: tuple[View, Light] | None = None
        self._sequence = 0
        self._due_ns: int | None = None
        self._is_held = True

    def frame(self) -> CapturedImage:
        """Return the next live frame, at most thirty a second.

        Raises:
            ScannerUnavailableError: The microscope was let go.
        """
        self._ensure_held()
        self._wait()
        pixels = self._camera.exposed(self._light(), self._value(LAMP))
        exposed_ns = self._clock.monotonic_ns()
        self._sequence += 1
        return CapturedImage(
            pixels=pixels,
            device_id=self._device_id,
            sequence=self._sequence,
            captured_at=self._clock.now(),
            monotonic_ns=exposed_ns,
            spacing_mm=(SPACING_MM, SPACING_MM),
        )

    def controls(self) -> Sequence[Control]:
        """Return the knobs with their present values."""
        return self._knobs.all

    def adjust(self, name: str, value: float) -> None:
        """Turn the knob `name`; values beyond its range stop at the end of it.

        Raises:
            ScannerUnavailableError: The microscope was let go.
            ValueError: No knob has this name, or the value is not a number.
        """
        self._ensure_held()
        self._knobs.turn(name, value)

    def truth(self) -> Field:
        """Return the known cells of the present field; focus and lamp do not change them."""
        return self._smear.field(self._value(STAGE_X), self._value(STAGE_Y))

    def let_go(self) -> None:
        """Refuse everything from now on."""
        self._is_held = False

    def _ensure_held(self) -> None:
        if not self._is_held:
            raise ScannerUnavailableError(
                "The simulated microscope was let go.", "Open the microscope again."
            )

    def _wait(self) -> None:
        """Wait for the next beat; one that was missed is not made good."""
        now_ns = self._clock.monotonic_ns()
        due_ns = now_ns if self._due_ns is None else max(now_ns, self._due_ns + FRAME_NS)
        if due_ns > now_ns:
            self._sleep((due_ns - now_ns) / 1e9)
        self._due_ns = due_ns

    def _light(self) -> Light:
        view = View(self._value(STAGE_X), self._value(STAGE_Y), self._value(FOCUS))
        if self._seen is None or self._seen[0] != view:
            densities = self._smear.densities(view.stage_x_mm, view.stage_y_mm)
            self._seen = (view, self._optics.light(densities, view.focus_um))
        return self._seen[1]

    def _value(self, name: str) -> float:
        return self._knobs.values[name]
