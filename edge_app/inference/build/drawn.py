"""Pictures of our own drawing, for golden answers where nobody gave any."""

import cv2
import numpy as np

from edge_app.domain.image import Pixels

_WIDTH, _HEIGHT = 320, 240


def _ground(rng: np.random.Generator) -> Pixels:
    down, across = np.mgrid[:_HEIGHT, :_WIDTH]
    slope = 90 + 80 * across / _WIDTH + 40 * down / _HEIGHT
    grain = rng.normal(0, 4, (_HEIGHT, _WIDTH, 3))
    tint = np.array([1.0, 0.94, 0.9])
    return np.asarray(np.clip(slope[..., None] * tint + grain, 0, 255), np.uint8)


def drawn_pictures() -> dict[str, Pixels]:
    """Return three pictures, RGB, the same on each machine: discs, bars, and nothing but grain."""
    made = {}
    for number, shapes in enumerate((12, 7, 0), 1):
        rng = np.random.default_rng(number)
        picture = _ground(rng)
        for _ in range(shapes):
            x, y = (int(v) for v in rng.integers((20, 20), (_WIDTH - 20, _HEIGHT - 20)))
            r = int(rng.integers(8, 40))
            colour = tuple(int(v) for v in rng.integers(10, 250, 3))
            if number == 1:
                cv2.circle(picture, (x, y), r, colour, -1)
            else:
                cv2.rectangle(picture, (x - r, y - r // 2), (x + r, y + r // 2), colour, -1)
        made[f"drawn-{number}.png"] = picture
    return made
