"""The live picture read as often as this machine can: the newest frame wins, nothing queues.

What is drawn over a live picture is a preview and never a reading of a study. Every answer keeps
the frame that it belongs to; an answer for a frame that is too old, or for another field than
the one on the screen, is not drawn.
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum

from edge_app.domain.field_change import Glance, glance, likeness
from edge_app.domain.image import CapturedImage
from edge_app.domain.instruction import Instruction
from edge_app.domain.reading import Outcome, QualityIssue, Reading
from edge_app.domain.tracking import Track, Tracker

STALE_NS = 500_000_000
SAME_FIELD = 0.8  # on the simulated smear: a shift of about a fifth of a red cell
_RATE_OF_LAST = 20
_OTHER_IMAGE = "The detector answered for another image."


class LiveState(Enum):
    """What the preview can say now; only the first two stand for an answer."""

    MARKED = "marked"
    NOTHING_MARKED = "nothing marked"
    CANNOT_SAY = "cannot say"
    NOT_ANALYSED = "not analysed"
    WAITING = "waiting"
    LATE = "late"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class LiveView:
    """What may be drawn over the picture now, and the frame that it belongs to.

    Attributes:
        reason: Why there is no answer, where the detector gave one.
        issue: What is wrong with the picture, where it cannot say.
        instruction: What to do about it.
        tracks: Empty in every state but `MARKED`.
        sequence: Of the frame that was read; 0 where there is none.
        captured_ns: When that frame was captured, on the monotonic clock.
    """

    state: LiveState
    reason: str = ""
    issue: QualityIssue | None = None
    instruction: Instruction | None = None
    tracks: tuple[Track, ...] = ()
    sequence: int = 0
    image_hash: str = ""
    captured_ns: int = 0


@dataclass(slots=True)
class LiveCounts:
    """What became of the frames so far."""

    offered: int = 0
    read: int = 0
    skipped: int = 0
    stale: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class _Answer:
    view: LiveView
    glance: Glance


class LiveReading:
    """Chooses which frame is read next and what may be drawn; never blocks, knows no thread.

    The caller reads what `take` gives, one frame at a time, and brings the answer to `answered`.
    """

    def __init__(self) -> None:
        self.counts = LiveCounts()
        self._tracker = Tracker()
        self._visit = 0
        self._forget()

    def _forget(self) -> None:
        self._visit += 1
        self._newest: CapturedImage | None = None
        self._under_way: tuple[int, CapturedImage] | None = None
        self._answer: _Answer | None = None
        self._problem = ""
        self._is_late = False
        self._answered_at: deque[int] = deque(maxlen=_RATE_OF_LAST)
        self._drawn: tuple[str, Glance] | None = None
        self._tracker.reset()

    def forget(self) -> None:
        """Start anew: nothing that was seen before may be drawn, whatever still comes in."""
        under_way = self._under_way
        self._forget()
        self._under_way = under_way

    @property
    def rate_hz(self) -> float:
        """Answers a second, over the last ones."""
        if len(self._answered_at) < 2:
            return 0.0
        spent_ns = self._answered_at[-1] - self._answered_at[0]
        return (len(self._answered_at) - 1) * 1e9 / spent_ns if spent_ns > 0 else 0.0

    def offer(self, image: CapturedImage) -> None:
        """Put the newest frame where the detector finds it; the one that waited is skipped."""
        self.counts.offered += 1
        if self._newest is not None:
            self.counts.skipped += 1
        self._newest = image

    def take(self) -> CapturedImage | None:
        """Return the frame to be read now, or None while one is being read."""
        if self._under_way or self._newest is None:
            return None
        image, self._newest = self._newest, None
        self._under_way = (self._visit, image)
        return image

    def answered(self, reading: Reading, now_ns: int) -> None:
        """Take the answer for the frame that `take` gave; one that is too old is dropped.

        A failure is never too old to be told.
        """
        if self._under_way is None:
            return
        (visit, image), self._under_way = self._under_way, None
        if visit != self._visit:
            return
        if reading.image_hash != image.hash:
            self._failed(_OTHER_IMAGE)
        elif reading.outcome is Outcome.NOT_ANALYSED:
            self._failed(reading.reason)
        elif now_ns - image.monotonic_ns > STALE_NS:
            self.counts.stale += 1
            self._problem, self._answer, self._is_late = "", None, True
        else:
            self.counts.read += 1
            self._answered_at.append(now_ns)
            self._problem, self._is_late = "", False
            self._keep(image, reading)

    def _failed(self, reason: str) -> None:
        self.counts.failed += 1
        self._problem = reason
        self._answer = None
        self._tracker.reset()

    def _keep(self, image: CapturedImage, reading: Reading) -> None:
        seen = glance(image.pixels)
        if self._answer and likeness(self._answer.glance, seen) < SAME_FIELD:
            self._tracker.reset()
        quality = reading.quality
        issue, do = (quality.issue, quality.instruction) if quality else (None, None)
        tracks: tuple[Track, ...] = ()
        if reading.outcome is Outcome.CANNOT_SAY:
            self._tracker.reset()
            state = LiveState.CANNOT_SAY
        else:
            tracks = self._tracker.update(reading.detections, image.monotonic_ns)
            state = LiveState.MARKED if tracks else LiveState.NOTHING_MARKED
            if reading.detections and not tracks:
                state = LiveState.WAITING  # found for the first time; to be seen once more
        view = LiveView(
            state, reading.reason, issue, do, tracks, image.sequence, image.hash, image.monotonic_ns
        )
        self._answer = _Answer(view, seen)

    def view(self, drawn: CapturedImage | None, now_ns: int) -> LiveView:
        """Return what may be drawn over the frame `drawn`, which is on the screen now."""
        if self._problem:
            return LiveView(LiveState.NOT_ANALYSED, self._problem)
        if self._answer is None or drawn is None:
            return LiveView(LiveState.LATE if self._is_late else LiveState.WAITING)
        if now_ns - self._answer.view.captured_ns > STALE_NS:
            return LiveView(LiveState.LATE)
        if likeness(self._glance_of(drawn), self._answer.glance) < SAME_FIELD:
            return LiveView(LiveState.MOVED)
        return self._answer.view

    def _glance_of(self, drawn: CapturedImage) -> Glance:
        if self._drawn is None or self._drawn[0] != drawn.hash:
            self._drawn = (drawn.hash, glance(drawn.pixels))
        return self._drawn[1]
