"""The preview of marks over the live picture: off until somebody wants it, and never in the way."""

from collections.abc import Callable
from functools import partial

from edge_app.domain.image import CapturedImage
from edge_app.domain.reading import Reading, not_analysed
from edge_app.ports import Clock, Detector
from edge_app.ui.lanes import Lane, Runner
from edge_app.workflow import examine
from edge_app.workflow.live_reading import LiveReading, LiveState, LiveView

BROKEN = "The detector stopped with an error of the program."


class LiveMarks:
    """Reads the newest live frame whenever the detector's lane is free for it.

    One frame at most is in the lane, so a picture that was captured waits for one reading at
    most; while `is_held_back` says so, none is begun.

    Attributes:
        on_answer: Called after each answer, on the window's thread.
    """

    def __init__(
        self,
        detector: Detector | None,
        runner: Runner,
        clock: Clock,
        is_held_back: Callable[[], bool],
        on_error: Callable[[Exception], None],
    ) -> None:
        self.detector = detector
        self.is_on = False
        self.reading = LiveReading()
        self.on_answer: Callable[[], None] = lambda: None
        self._runner = runner
        self._clock = clock
        self._is_held_back = is_held_back
        self._on_error = on_error
        self._told = ""

    def turn(self, on: bool) -> None:  # noqa: FBT001  reads well at its callers
        """Begin or end the preview; what was seen before is forgotten."""
        self.is_on = on and self.detector is not None
        self.reading.forget()

    def offer(self, frame: CapturedImage) -> None:
        """Take a new frame; it is read if the detector is free before the next one comes."""
        if self.is_on and not self._is_held_back():
            self.reading.offer(frame)
            self._read_next()

    def view(self, drawn: CapturedImage | None) -> LiveView:
        """Return what may be drawn over the frame on the screen."""
        if self._is_held_back():
            return LiveView(LiveState.WAITING)
        return self.reading.view(drawn, self._clock.monotonic_ns())

    def _read_next(self) -> None:
        image = None if self._is_held_back() else self.reading.take()
        if image is not None:
            self._runner.submit(
                Lane.DETECT,
                partial(examine.read, self.detector, image),
                self._answered,
                partial(self._broke, image),
            )

    def _broke(self, image: CapturedImage, error: Exception) -> None:
        if str(error) != self._told:  # once: the next frames are likely to break likewise
            self._told = str(error)
            self._on_error(error)
        self._answered(not_analysed(image.hash, "", BROKEN))

    def _answered(self, reading: Reading) -> None:
        self.reading.answered(reading, self._clock.monotonic_ns())
        self.on_answer()
        self._read_next()
