"""A pipeline that runs: its newest frame, what it said, and what was left out."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from edge_app.domain.image import Pixels
from hardware.gstreamer import said
from hardware.gstreamer.arrivals import Lag, Pace
from hardware.gstreamer.library import CORRUPTED, DISCONT, GAP, NO_TIME, Library, Pipeline, RawFrame
from hardware.gstreamer.pipeline import Plan

_JPEG_END = b"\xff\xd9"
_LOOK_NS = 20_000_000
_END_S = 2.0


@dataclass(slots=True)
class LeftOut:
    """Frames of one opened device that were not delivered.

    Attributes:
        passed: Good ones that came while nobody asked.
        damaged: Those that did not come whole.
        old: Those that were too long on their way, or came after a break.
    """

    passed: int = 0
    damaged: int = 0
    old: int = 0


class Stream:
    """Holds the device from `start` to `stop`."""

    _KEPT: ClassVar[list[object]] = []
    """Pipelines that did not end: what still runs in them must not be freed."""

    def __init__(self, library: Library, plan: Plan, left_out: LeftOut) -> None:
        built = library.built(plan.text)
        if built is None:
            raise said.no_sense()
        self._pipeline: Pipeline = built
        self._plan = plan
        self._left_out = left_out
        self._pace = Pace()
        self._lag = Lag()
        self._taken = 0
        self._cut = 0  # counted on GStreamer's thread only
        if plan.source:
            built.set("source", plan.source)
        for name in plan.jpegs:
            built.watch(name, self._is_whole_jpeg)
        built.watch("out", self._noted)

    def start(self, until: float) -> None:
        """Start, and return once the first frame is there; raises ScannerUnavailableError."""
        started: list[bool] = []
        if not bounded(lambda: started.append(self._pipeline.play()), until - time.monotonic()):
            raise said.not_started()
        self.ensure_sound()
        if not started[0]:
            raise said.not_started()
        while not self._pace.count:
            if time.monotonic() > until:
                raise said.no_picture()
            time.sleep(_LOOK_NS / 1e9)
            self.ensure_sound()

    def ensure_sound(self) -> None:
        """Raise ScannerUnavailableError where the pipeline told of a fault or its end."""
        told = self._pipeline.said()
        if told:
            raise said.refusal(told, had_frames=self._pace.count > 0)

    @property
    def has_broken(self) -> bool:
        """Whether frames stopped coming for a while; what comes now may be old."""
        return self._pace.has_broken

    def forget(self) -> None:
        """Let go of the frame that came before now."""
        self._pipeline.empty()

    def picture(self) -> Pixels | None:
        """Return the next good frame, uint8 [h, w, 3], RGB; None where none came so far."""
        raw = self._pipeline.pull(_LOOK_NS)
        if raw is None:
            return None
        now_ns = time.monotonic_ns()
        is_late = raw.pts != NO_TIME and self._lag.is_late(now_ns, raw.pts)
        self._taken += 1
        pixels = None if self._is_damaged(raw) else unpadded(raw)
        if pixels is None:
            self._left_out.damaged += 1
        elif is_late or self._pace.has_broken:
            self._left_out.old += 1
        else:
            return pixels
        return None

    def stop(self) -> None:
        """Let go of the device; one that does not come to an end is left behind."""
        pipeline = self._pipeline
        if not bounded(pipeline.end, _END_S):
            Stream._KEPT.append(pipeline)
        self._left_out.passed, self._left_out.damaged = self.passed, self.damaged
        self._pace, self._taken, self._cut = Pace(), 0, 0

    @property
    def passed(self) -> int:
        """How many good frames came while nobody asked, since the device was opened."""
        return self._left_out.passed + max(0, self._pace.count - self._taken)

    @property
    def damaged(self) -> int:
        """How many frames did not come whole, since the device was opened."""
        return self._left_out.damaged + self._cut

    def _noted(self, _: bytes) -> bool:
        self._pace.note(time.monotonic_ns())
        return True

    def _is_whole_jpeg(self, tail: bytes) -> bool:
        """Return whether a JPEG has its end; the decoder would make up what is missing."""
        is_whole = tail.rstrip(b"\0\r\n").endswith(_JPEG_END)
        self._cut += not is_whole
        return is_whole

    def _is_damaged(self, raw: RawFrame) -> bool:
        if raw.flags & (CORRUPTED | GAP):
            return True
        # The first frame of all comes after nothing.
        follows_gap = raw.flags & DISCONT and self._taken > 1
        return bool(follows_gap) and not self._plan.stand_alone


def unpadded(raw: RawFrame) -> Pixels | None:
    """Return the rows without what fills them up, or None where bytes are missing."""
    row = 3 * raw.width
    needed = raw.stride * (raw.height - 1) + row
    if raw.width < 1 or raw.height < 1 or raw.stride < row or len(raw.rows) < needed:
        return None
    filled = raw.rows[:needed].ljust(raw.stride * raw.height, b"\0")
    lines = np.frombuffer(filled, np.uint8).reshape(raw.height, raw.stride)
    pixels: Pixels = lines[:, :row].reshape(raw.height, raw.width, 3).copy()
    return pixels


def bounded(call: Callable[[], None], limit_s: float) -> bool:
    """Make a call that may hang; return whether it came back in time."""
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(max(0.0, limit_s))
    return not thread.is_alive()
