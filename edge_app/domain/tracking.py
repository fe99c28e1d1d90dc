"""Detections of a live picture followed from reading to reading, so that a mark does not flicker.

After ByteTrack (Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection
Box", ECCV 2022, arXiv:2110.06864): tracks are predicted at constant velocity and associated with
detections by overlap, in stages. Its stage for low scores is left out: a preview shows nothing
that a reading would not. Stages here: first the tracks that are shown, then the new ones; in each
the best overlap first, so the outcome hangs on nothing but the input.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from edge_app.domain.geometry import Box, pairwise_iou
from edge_app.domain.reading import Detection

SHOWN_AFTER, OF_LAST = 2, 3
KEPT_FOR = 3
_LEAST_IOU = 0.3
_TRUST = 0.7  # in a new box against the predicted one: edges tremble from frame to frame


@dataclass(frozen=True, slots=True)
class Track:
    """One object, followed.

    Attributes:
        box: Where it was in the newest reading, or is expected to be while it is missed.
        velocity: Of its centre, pixels a second, right and down.
        hits: Whether it was found, in its last readings, the newest last.
        missed: Readings in a row in which it was not found; above 0 it is drawn as held.
        is_shown: Whether it was found often enough to be drawn.
    """

    number: int
    label: str
    box: Box
    velocity: tuple[float, float] = (0.0, 0.0)
    hits: tuple[bool, ...] = (True,)
    missed: int = 0
    is_shown: bool = False

    def moved(self, seconds: float) -> "Track":
        """Return the track where it is expected after `seconds`."""
        x, y = self.velocity[0] * seconds, self.velocity[1] * seconds
        box = Box(self.box.x0 + x, self.box.y0 + y, self.box.x1 + x, self.box.y1 + y)
        return replace(self, box=box)

    def found(self, box: Box, before: Box, seconds: float) -> "Track":
        """Return the expected track as found at `box`; `before` is where it was last."""
        sides = zip(_sides(self.box), _sides(box), strict=True)
        mixed = Box(*(old + _TRUST * (new - old) for old, new in sides))
        speed = _speed(before, mixed, seconds) if seconds > 0 else self.velocity
        velocity = speed if len(self.hits) == 1 else _middle(self.velocity, speed)
        hits = (*self.hits, True)[-OF_LAST:]
        is_shown = self.is_shown or sum(hits) >= SHOWN_AFTER
        return replace(self, box=mixed, velocity=velocity, hits=hits, missed=0, is_shown=is_shown)

    def not_found(self) -> "Track":
        """Return the expected track with one more miss."""
        return replace(self, hits=(*self.hits, False)[-OF_LAST:], missed=self.missed + 1)

    @property
    def is_gone(self) -> bool:
        """Whether it was missed for too long; a new track has less patience."""
        return self.missed > (KEPT_FOR if self.is_shown else OF_LAST - SHOWN_AFTER)


class Tracker:
    """Follows the detections of one view; deterministic."""

    def __init__(self) -> None:
        self._tracks: tuple[Track, ...] = ()
        self._at_ns = 0
        self._n_begun = 0

    def reset(self) -> None:
        """Drop every track at once: the field is another one."""
        self._tracks = ()

    def update(self, detections: Sequence[Detection], at_ns: int) -> tuple[Track, ...]:
        """Take the detections of a frame captured at `at_ns`; return the tracks to draw."""
        seconds = max(0, at_ns - self._at_ns) / 1e9 if self._tracks else 0.0
        self._at_ns = at_ns
        former = self._tracks
        expected = [t.moved(seconds) for t in former]
        pairs: dict[int, int] = {}
        for is_shown in (True, False):
            chosen = [n for n, t in enumerate(expected) if t.is_shown is is_shown]
            free = [k for k in range(len(detections)) if k not in pairs.values()]
            pairs.update(_associated(expected, chosen, detections, free))
        kept = [
            t.found(detections[pairs[n]].box, former[n].box, seconds)
            if n in pairs
            else t.not_found()
            for n, t in enumerate(expected)
        ]
        fresh = [d for k, d in enumerate(detections) if k not in pairs.values()]
        begun = [Track(self._n_begun + n, d.label, d.box) for n, d in enumerate(fresh, start=1)]
        self._n_begun += len(begun)
        self._tracks = tuple(t for t in (*kept, *begun) if not t.is_gone)
        return tuple(t for t in self._tracks if t.is_shown)


def _associated(
    tracks: Sequence[Track],
    chosen: Sequence[int],
    detections: Sequence[Detection],
    free: Sequence[int],
) -> dict[int, int]:
    """Return which detection belongs to which chosen track: one label, best overlap first."""
    if not chosen or not free:
        return {}
    mine = np.array([_sides(tracks[n].box) for n in chosen])
    theirs = np.array([_sides(detections[k].box) for k in free])
    labels = np.array([tracks[n].label for n in chosen])
    same = labels[:, None] == np.array([detections[k].label for k in free])[None]
    iou = np.where(same, pairwise_iou(mine, theirs), 0.0)
    rows, columns = np.nonzero(iou >= _LEAST_IOU)
    best_first = np.lexsort((columns, rows, -iou[rows, columns]))
    found: dict[int, int] = {}
    for place in best_first.tolist():
        n, k = chosen[int(rows[place])], free[int(columns[place])]
        if n not in found and k not in found.values():
            found[n] = k
    return found


def _sides(box: Box) -> tuple[float, float, float, float]:
    return box.x0, box.y0, box.x1, box.y1


def _speed(before: Box, after: Box, seconds: float) -> tuple[float, float]:
    x = (after.x0 + after.x1 - before.x0 - before.x1) / 2
    y = (after.y0 + after.y1 - before.y0 - before.y1) / 2
    return x / seconds, y / seconds


def _middle(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
