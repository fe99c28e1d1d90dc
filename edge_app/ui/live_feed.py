"""The live picture of one scanner: a one-place mailbox that never gives out a stale frame."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from enum import Enum
from functools import partial

from edge_app.domain.belonging import Mismatch, mismatch
from edge_app.domain.error import EdgeAppError, NothingYetError, ScannerGoneError
from edge_app.domain.freshness import OLD_NS, FrameGuard, Freshness, Habits, habits_of
from edge_app.domain.image import CapturedImage
from edge_app.domain.patient import PatientRef
from edge_app.ports import (
    Clock,
    Control,
    Decision,
    DeviceInfo,
    OpenScanner,
    Scanner,
    Settles,
    SortsByPatient,
)
from edge_app.ui.in_words import in_words
from edge_app.ui.lanes import Lane, Runner, Ticket

RETRY_NS = 3_000_000_000
_CAME_AGAIN = "A picture that is in a study already came again. It was not taken a second time."


class FeedState(Enum):
    """What the scanner is doing, as far as anybody knows."""

    NO_SCANNER = "no scanner"
    STARTING = "starting"
    LIVE = "live"
    LOST = "lost"
    ENDED = "ended"


class _HeldScanner:
    """The device that the lane holds; every method runs in the DEVICE lane only."""

    def __init__(self, is_saved: Callable[[str], bool]) -> None:
        self._is_saved = is_saved
        self._stack = ExitStack()
        self._opened: OpenScanner | None = None
        self._served: PatientRef | None = None
        self._habits = Habits()

    def take(self, scanner: Scanner) -> tuple[DeviceInfo, tuple[Control, ...]]:
        self.let_go()
        self._opened = self._stack.enter_context(scanner.open())
        info = scanner.info()
        self._habits = habits_of(info.capabilities)
        return info, tuple(self._opened.controls())

    def frame(self, turns: dict[str, float], patient: PatientRef | None) -> CapturedImage | None:
        if self._opened is None:
            return None
        for name, value in turns.items():
            self._opened.adjust(name, value)
        if patient and patient != self._served and isinstance(self._opened, SortsByPatient):
            self._opened.serve(patient)
            self._served = patient
        frame = self._opened.frame()
        if frame and self._came_again(frame):
            self.settle(frame.sequence, Decision.KEPT)
            raise NothingYetError(_CAME_AGAIN, "")
        return frame

    def _came_again(self, frame: CapturedImage) -> bool:
        """Whether a device of files gives what is in a study: nobody told it before a power cut."""
        if not self._habits.settles or self._habits.names_patients:
            return False
        try:
            return self._is_saved(frame.hash)
        except EdgeAppError:
            return False  # a person decides; that nothing can be saved is told at the capture

    def settle(self, sequence: int, decision: Decision) -> None:
        if self._opened and isinstance(self._opened, Settles):
            self._opened.settle(sequence, decision)

    def let_go(self) -> None:
        self._opened = self._served = None
        self._stack.close()


class LiveFeed:
    """Asks the chosen scanner for frames, one at a time, as often as `tick` is called.

    A tick that finds a frame still on its way is made good as soon as that frame is there, so
    that a scanner which is a little slower than the ticks is not asked only at every second one.

    Only a frame that the guard calls fresh gets into the mailbox. A picture of its own, from a
    device that delivers stills, stays there until it is kept or left out, and no further one is
    asked for: the next one waits at the device. Where its pictures say whose they are, one that
    is not of the patient is shown as such, and those of the patient are asked for meanwhile.

    Attributes:
        is_lent: Whether the device was let go for somebody else in the window, until it is asked.
        waiting: What the device said of the picture that it waits for; empty where it does not.
        on_frame: Called with each new frame, on the window's thread.
    """

    def __init__(
        self,
        scanners: Sequence[Scanner],
        runner: Runner,
        clock: Clock,
        on_error: Callable[[Exception], None],
        is_saved: Callable[[str], bool],
    ) -> None:
        self.scanners = tuple(scanners)
        self.chosen = 0
        self.state = FeedState.STARTING if scanners else FeedState.NO_SCANNER
        self.info: DeviceInfo | None = None
        self.controls: tuple[Control, ...] = ()
        self.problem = ""
        self.waiting = ""
        self.is_lent = False
        self.habits = Habits()
        self._expected_id = ""
        self._guard: FrameGuard | None = None
        self._is_still_held = False
        self._runner = runner
        self._clock = clock
        self._on_error = on_error
        self._held = _HeldScanner(is_saved)
        self._mailbox: CapturedImage | None = None
        self._in_flight: Ticket | None = None
        self._patient: PatientRef | None = None
        self._turns: dict[str, float] = {}
        self._retry_at: int | None = 0
        self._taken_at_ns = 0
        self._asked_at_ns = 0
        self._is_asked_again = False
        self.on_frame: Callable[[CapturedImage], None] = lambda _frame: None

    @property
    def is_first_frame_due(self) -> bool:
        """Whether the scanner was taken and has not had time to answer yet."""
        waited = self._clock.monotonic_ns() - self._taken_at_ns
        return self.state is FeedState.LIVE and self._mailbox is None and waited <= OLD_NS

    @property
    def is_stalled(self) -> bool:
        """Whether the scanner was asked for a frame and has been silent for too long."""
        return self._is_late and not self.habits.stills

    @property
    def is_busy(self) -> bool:
        """Whether a device of stills is taking one; it would have said so if it only waited."""
        return self._is_late and self.habits.stills

    @property
    def _is_late(self) -> bool:
        waited = self._clock.monotonic_ns() - self._asked_at_ns
        return self.state is FeedState.LIVE and self._in_flight is not None and waited > OLD_NS

    @property
    def is_waiting(self) -> bool:
        """Whether a device of stills is there and nobody has taken a picture with it yet."""
        is_idle = self.state is FeedState.LIVE and self._mailbox is None
        return is_idle and (self.habits.stills or bool(self.waiting)) and not self.is_stalled

    def picture(self) -> CapturedImage | None:
        """Return the newest frame, or None where it is too old to be called live."""
        frame = self._mailbox
        if frame is None or self.trouble:
            return None
        is_old = self._clock.monotonic_ns() - frame.monotonic_ns > OLD_NS
        return None if is_old and not self.habits.stills else frame

    @property
    def trouble(self) -> Freshness | None:
        """Why what the device sends is not called a picture, or None."""
        return self._guard.trouble(self._clock.monotonic_ns()) if self._guard else None

    @property
    def mismatch(self) -> Mismatch | None:
        """Why the newest frame is not of the patient, or None."""
        said = self._mailbox.belongs if self._mailbox else None
        return mismatch(said, self._patient or PatientRef(""))

    def serve(self, patient: PatientRef) -> None:
        """Ask for what is of `patient`, where the device's pictures say whose they are."""
        if patient != self._patient:
            self._patient = patient
            self._take_anew()

    def let_go_of_kept(self) -> None:
        """Take the present frame away: it is safe in a study."""
        self._settle(Decision.KEPT)

    def leave_out(self) -> None:
        """Take the present frame away: somebody left it out."""
        self._settle(Decision.LEFT_OUT)

    def leave_for_later(self) -> None:
        """Take the present frame away; it comes again when its own patient is there."""
        self._settle(Decision.FOR_LATER)

    def _settle(self, decision: Decision) -> None:
        frame, self._mailbox = self._mailbox, None
        if frame and self.habits.settles:
            settle = partial(self._held.settle, frame.sequence, decision)
            self._runner.submit(Lane.DEVICE, settle, lambda _nothing: None, self._on_error)

    def _take_anew(self) -> None:
        """Forget a frame of a device that gives it again: nobody has decided on it."""
        if self.habits.names_patients and self.state is FeedState.LIVE:
            if self._in_flight:
                self._in_flight.drop()
            self._in_flight = self._mailbox = None

    def leave_patient(self) -> None:
        """Take the present frame away; what a device of stills took before now is not shown.

        A device that knows whose its pictures are stays held, and gives it again to its patient.
        """
        self._patient = None
        self._take_anew()
        if self.habits.stills and not self.habits.names_patients:
            self._forget()
            self._retry_at = 0
        self._mailbox = None

    def choose(self, index: int) -> None:
        """Let go of the present scanner and take number `index`."""
        self._forget()
        self._expected_id = ""
        self.chosen = index
        self._retry_at = 0

    def reconnect(self) -> None:
        """Take the present scanner again."""
        self.choose(self.chosen)

    def turn(self, name: str, value: float) -> None:
        """Turn a knob before the next frame; of many turns the last one counts."""
        self._turns[name] = value

    def tick(self) -> None:
        """Ask for the next frame unless one is still on its way."""
        self.is_lent = False
        if self._in_flight or not self.scanners:
            self._is_asked_again = True
            return
        if self.habits.stills and self._mailbox is not None and not self.mismatch:
            return
        if self.state is FeedState.LIVE:
            turns, self._turns = self._turns, {}
            self._asked_at_ns = self._clock.monotonic_ns()
            self._in_flight = self._runner.submit(
                Lane.DEVICE, self._asking(turns), self._received, self._lost
            )
        elif self._retry_at is not None and self._clock.monotonic_ns() >= self._retry_at:
            if self._is_still_held:  # what it has taken meanwhile is of this patient
                ask = self._asking({})
                self._in_flight = self._runner.submit(Lane.DEVICE, ask, self._received, self._lost)
                return
            self.state = FeedState.STARTING if self._retry_at == 0 else self.state
            take = partial(self._held.take, self.scanners[self.chosen])
            self._in_flight = self._runner.submit(Lane.DEVICE, take, self._taken, self._lost)

    def _asking(self, turns: dict[str, float]) -> Callable[[], CapturedImage | None]:
        # Never without one: asked by nobody, the device takes each frame before for kept.
        patient = (self._patient or PatientRef("")) if self.habits.names_patients else None
        return partial(self._held.frame, turns, patient)

    def lend(self) -> None:
        """Let go of the device for somebody else in the window; the next tick takes it anew."""
        self.stop()
        self.is_lent = True

    def stop(self) -> None:
        """Let go of the device."""
        self._forget()
        if self.scanners:
            self._runner.submit(Lane.DEVICE, self._held.let_go, self._let_go, self._on_error)

    def _let_go(self, _nothing: None) -> None:
        self._retry_at = 0

    def _forget(self) -> None:
        if self._in_flight:
            self._in_flight.drop()
        self._in_flight = None
        self._is_asked_again = False
        self._mailbox = None
        self._turns = {}
        self.info = None
        self.controls = ()
        self.problem = ""
        self.waiting = ""
        self._guard = None
        self._is_still_held = False
        self.state = FeedState.STARTING if self.scanners else FeedState.NO_SCANNER

    def _taken(self, answer: tuple[DeviceInfo, tuple[Control, ...]]) -> None:
        self._in_flight = None
        self.info, self.controls = answer
        self.problem = ""
        self._taken_at_ns = self._clock.monotonic_ns()
        self.habits = habits_of(self.info.capabilities)
        self._is_still_held = self.habits.stills
        self._expected_id = self._expected_id or self.info.device_id
        self._guard = FrameGuard(self._expected_id, self.habits)
        self.state = FeedState.LIVE

    def _received(self, frame: CapturedImage | None) -> None:
        self._in_flight = None
        if frame is None:
            self.state = FeedState.ENDED
            self._retry_at = None
            return
        self.state = FeedState.LIVE
        self.problem = self.waiting = ""
        now_ns = self._clock.monotonic_ns()
        if self._guard and self._guard.judged(frame, now_ns) is Freshness.FRESH:
            self._mailbox = frame
            self.on_frame(frame)
        if self._is_asked_again:
            self._is_asked_again = False
            self.tick()

    def _lost(self, error: Exception) -> None:
        self._in_flight = None
        if isinstance(error, NothingYetError):
            self.state = FeedState.LIVE
            self.problem, self.waiting = "", in_words(f"{error.what} {error.remedy}".strip())
            return
        if isinstance(error, ScannerGoneError):
            self._is_still_held = False
        is_known = isinstance(error, EdgeAppError)
        problem = in_words(str(error)) if is_known else type(error).__name__
        if not is_known and problem != self.problem:
            self._on_error(error)
        self.problem = problem
        self.state = FeedState.LOST
        self.waiting = ""
        self._mailbox = None
        self._retry_at = self._clock.monotonic_ns() + RETRY_NS
