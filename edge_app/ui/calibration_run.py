"""Where a calibration stands: measured beside the window, kept only when somebody says so."""

from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial

from edge_app.domain.error import EdgeAppError
from edge_app.domain.image import CapturedImage
from edge_app.ports import Calibrator, Clock, MeasuredLight, MeasuredSpacing, Point
from edge_app.ui.lanes import Lane, Runner, Ticket
from edge_app.ui.live_feed import LiveFeed


class Stage(Enum):
    """What the technician does now."""

    CHOOSE = "choose"
    LIGHT = "light"
    LIGHT_FOUND = "light found"
    SCALE = "scale"
    FROZEN = "frozen"
    SPACING_FOUND = "spacing found"


_FOUND = (Stage.LIGHT_FOUND, Stage.SPACING_FOUND)
_BEFORE = {
    Stage.LIGHT: Stage.CHOOSE,
    Stage.LIGHT_FOUND: Stage.LIGHT,
    Stage.SCALE: Stage.CHOOSE,
    Stage.FROZEN: Stage.SCALE,
    Stage.SPACING_FOUND: Stage.FROZEN,
}


class CalibrationRun:
    """One visit of a technician to one device.

    Attributes:
        feed: The device as it delivers its frames; None before `begin` and after `leave`.
        frozen: The picture in which a scale is measured.
        problem: What went wrong last, until the next step.
        is_working: Whether something is being measured or kept.
        on_change: Called when an answer has come.
        on_kept: Called once what was measured stands in the profile.
    """

    def __init__(self, runner: Runner, clock: Clock, on_error: Callable[[Exception], None]) -> None:
        self._runner, self._clock, self._on_error = runner, clock, on_error
        self._ticket: Ticket | None = None
        self._calibrator: Calibrator | None = None
        self._visit = 0
        self.feed: LiveFeed | None = None
        self.on_change: Callable[[], None] = lambda: None
        self.on_kept: Callable[[], None] = lambda: None
        self._start_over()

    def _start_over(self) -> None:
        self.stage = Stage.CHOOSE
        self.is_working = False
        self.problem: EdgeAppError | None = None
        self.frozen: CapturedImage | None = None
        self.light: MeasuredLight | None = None
        self.spacing: MeasuredSpacing | None = None

    @property
    def spacing_before_mm(self) -> float | None:
        """The size of a pixel that the profile says so far."""
        return self._calibrator.spacing_mm if self._calibrator else None

    def begin(self, calibrator: Calibrator) -> None:
        """Take the device with nothing that was measured before."""
        self.leave()
        self._calibrator = calibrator
        scanners, runner, clock = [calibrator.scanner], self._runner, self._clock
        self.feed = LiveFeed(scanners, runner, clock, self._on_error, _is_of_no_study)

    def leave(self) -> None:
        """Let go of the device; what was not kept is gone."""
        if self._ticket:
            self._ticket.drop()
        if self.feed:
            self.feed.stop()
        self.feed = self._calibrator = self._ticket = None
        self._visit += 1
        self._start_over()

    def tick(self) -> None:
        """Ask for the next frame while the picture is live."""
        is_live = self.stage not in (Stage.FROZEN, Stage.SPACING_FOUND)
        if self.feed and is_live and not self.is_working:
            self.feed.tick()

    def picture(self) -> CapturedImage | None:
        """Return what is to be seen: the frozen picture, else the live one."""
        return self.frozen or (self.feed.picture() if self.feed else None)

    def go(self, stage: Stage) -> None:
        """Show another step."""
        if self.is_working:
            return
        self.problem = None
        if stage not in (Stage.FROZEN, Stage.SPACING_FOUND):
            self._thaw()
        self.stage = stage

    def _thaw(self) -> None:
        if self.frozen and self.feed and self.feed.habits.stills:
            self.feed.leave_out()
        self.frozen = None

    def back(self) -> bool:
        """Go back one step; return False where there is none before."""
        before = _BEFORE.get(self.stage)
        if before:
            self.go(before)
        return before is not None

    def freeze(self) -> None:
        """Keep the picture that is seen standing, to be measured in."""
        picture = self.picture()
        if picture:
            self.go(Stage.FROZEN)
            self.frozen = picture

    def measure_light(self) -> None:
        """Measure the empty field."""
        if self._calibrator:
            self._measure(self._calibrator.light, self._light_found)

    def measure_marks(self, marks: Sequence[Point], apart_mm: float) -> None:
        """Measure by two places in the frozen picture."""
        if self._calibrator and self.frozen:
            work = partial(self._calibrator.by_marks, self.frozen, tuple(marks), apart_mm)
            self._measure(work, self._spacing_found)

    def measure_lines(self, apart_mm: float, spaces: int) -> None:
        """Measure by the lines in the frozen picture."""
        if self._calibrator and self.frozen:
            work = partial(self._calibrator.by_lines, self.frozen, apart_mm, spaces)
            self._measure(work, self._spacing_found)

    def keep(self) -> None:
        """Put what was measured into the profile."""
        found = self.light if self.stage is Stage.LIGHT_FOUND else self.spacing
        if found and self.stage in _FOUND and not self.is_working:
            self.problem, self.is_working = None, True
            failed = partial(self._failed, self._visit)
            self._ticket = self._runner.submit(Lane.STORE, found.keep, self._was_kept, failed)

    def _measure(
        self,
        work: Callable[[], MeasuredLight | MeasuredSpacing],
        found: Callable[[MeasuredLight | MeasuredSpacing], None],
    ) -> None:
        if not self.is_working:
            self.problem, self.is_working = None, True
            failed = partial(self._failed, self._visit)
            self._ticket = self._runner.submit(Lane.DEVICE, work, found, failed)

    def _light_found(self, light: MeasuredLight | MeasuredSpacing) -> None:
        self.is_working = False
        if isinstance(light, MeasuredLight):
            self.light, self.stage = light, Stage.LIGHT_FOUND
        self.on_change()

    def _spacing_found(self, spacing: MeasuredLight | MeasuredSpacing) -> None:
        self.is_working = False
        if isinstance(spacing, MeasuredSpacing):
            self.spacing, self.stage = spacing, Stage.SPACING_FOUND
        self.on_change()

    def _was_kept(self, _nothing: None) -> None:
        self.is_working = False
        self.on_kept()

    def _failed(self, visit: int, error: Exception) -> None:
        if visit == self._visit:
            self.is_working = False
        if not isinstance(error, EdgeAppError):
            self._on_error(error)
        elif visit == self._visit:
            self.problem = error
        self.on_change()


def _is_of_no_study(_hash: str) -> bool:
    return False
