"""Soft shapes and cloudy noise that cells are drawn with."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
STEPS = 720  # directions in which an outline is worked out
DIRECTIONS = (np.arange(STEPS) + 0.5) * (2 * np.pi / STEPS) - np.pi


@dataclass(frozen=True, slots=True)
class Outline:
    """A closed, nearly round line: a radius that swings a little with the angle."""

    radius: float
    swings: tuple[float, ...]
    phases: tuple[float, ...]

    def at(self, angle: Plane) -> Plane:
        """Return the radius in the direction `angle`, in radians."""
        place = ((angle + np.float32(np.pi)) * np.float32(STEPS / (2 * np.pi))).astype(np.int32)
        return np.asarray(np.take(self._table(), place, mode="clip"), np.float32)

    def points(self) -> tuple[Plane, Plane]:
        """Return x and y of points along the line, around its own centre."""
        angle = DIRECTIONS.astype(np.float32)
        reach = self._table()
        return reach * np.cos(angle), reach * np.sin(angle)

    def _table(self) -> Plane:
        factor = np.ones(STEPS)
        turns = enumerate(zip(self.swings, self.phases, strict=True), start=2)
        for turn, (swing, phase) in turns:
            factor += swing * np.cos(turn * DIRECTIONS + phase)
        return np.asarray(self.radius * factor, np.float32)


def outline(rng: np.random.Generator, radius: float, swings: Sequence[float]) -> Outline:
    """Return a line whose swing of each order is up to the value in `swings`."""
    drawn = rng.uniform(-1, 1, len(swings)) * np.asarray(swings)
    phases = rng.uniform(0, 2 * np.pi, len(swings))
    return Outline(radius, tuple(drawn.tolist()), tuple(phases.tolist()))


def grid(half: int) -> tuple[Plane, Plane]:
    """Return x and y of a square patch from -half to half, both included."""
    line = np.arange(-half, half + 1, dtype=np.float32)
    return np.broadcast_to(line, (line.size, line.size)), np.broadcast_to(
        line[:, None], (line.size, line.size)
    )


def inside(distance: Plane, softness: float) -> Plane:
    """Return 1 inside, 0 outside, with a soft edge; `distance` is negative inside."""
    return np.asarray(1 / (1 + np.exp(np.clip(distance / softness, -30, 30))), np.float32)


def clouds(rng: np.random.Generator, size: int, scale: float) -> Plane:
    """Return smooth noise [size, size] about 0, of deviation 1, with blobs of `scale` pixels."""
    cells = max(4, round(size / scale) + 3)
    coarse = rng.standard_normal((cells, cells), np.float32)
    smooth = cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)
    return np.asarray(smooth / max(float(smooth.std()), 1e-3), np.float32)


def grains(rng: np.random.Generator, size: int, grain: float) -> Plane:
    """Return dense round grains [size, size] of about `grain` pixels, 0 to 1."""
    noise = rng.standard_normal((size, size), np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), grain / 2.4)
    return inside(np.asarray(0.35 - soft / soft.std(), np.float32), 0.22)


def joined(a: Plane, b: Plane, width: float) -> Plane:
    """Return the distance to the union of two shapes, with their corner filled over `width`."""
    near = np.clip(0.5 + 0.5 * (b - a) / width, 0, 1)
    return np.asarray(b + (a - b) * near - width * near * (1 - near), np.float32)
