"""`python -m models.training.text.train --data DIR --run DIR`: makes the finder; goes on where cut.

First it learns from pictures that hold no text but what is drawn into them; then it looks at the
others, and what it finds there counts neither for nor against it from then on.
"""

import argparse
import logging
import time
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from edge_app.domain.image import Pixels
from models.training.text.drawn_text import Line
from models.training.text.fonts import fonts_to_learn_from
from models.training.text.network import TextNetwork
from models.training.text.pictures import (
    WITH_TEXT,
    RealPicture,
    crop,
    real_pictures,
    target,
    with_text,
)

_LOG = logging.getLogger(__name__)
SIDE = 192
BATCH = 12
_RATE = 3e-3
_UNKNOWN = 0.2  # from here on what stands in a real picture may be text of its own


@dataclass
class Course:
    """How far the training is."""

    steps: int
    first_steps: int
    network: TextNetwork = field(default_factory=TextNetwork)
    done: int = 0

    def __post_init__(self) -> None:
        """Make what moves the weights."""
        self.optimizer = torch.optim.AdamW(self.network.parameters(), _RATE, weight_decay=1e-4)

    def rate(self) -> float:
        """Return the learning rate now: up over a fiftieth, then down along a cosine."""
        warm = min(1.0, (self.done + 1) / (self.steps / 50))
        return float(_RATE * warm * 0.5 * (1 + np.cos(np.pi * min(1.0, self.done / self.steps))))

    def save(self, path: Path) -> None:
        """Keep it."""
        kept = {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict(),
                "done": self.done}  # fmt: skip
        torch.save(kept, path)

    def load(self, path: Path) -> None:
        """Go on from `path`, if it is there."""
        if path.exists():
            kept = torch.load(path, weights_only=True)
            self.network.load_state_dict(kept["network"])
            self.optimizer.load_state_dict(kept["optimizer"])
            self.done = int(kept["done"])


class Batches:
    """Draws crops with text."""

    def __init__(self, pictures: list[RealPicture], rng: np.random.Generator) -> None:
        self._by_folder: dict[str, list[RealPicture]] = {}
        for picture in pictures:
            if not picture.is_judged:
                self._by_folder.setdefault(picture.folder, []).append(picture)
        self._fonts = fonts_to_learn_from()
        self._rng = rng
        self._held: dict[Path, Pixels] = {}

    def _ground(self, *, is_first: bool) -> tuple[Pixels, bool]:
        """Return a crop, and whether it may hold text of its own."""
        folders = [f for f in self._by_folder if not (is_first and f in WITH_TEXT)]
        if self._rng.random() < 0.1:
            level = int(self._rng.integers(0, 256)) if self._rng.random() < 0.5 else 0
            return np.full((SIDE, SIDE, 3), level, np.uint8), False
        folder = folders[int(self._rng.integers(len(folders)))]
        few = self._by_folder[folder]
        picture = few[int(self._rng.integers(len(few)))]
        if picture.path not in self._held:
            self._held[picture.path] = picture.without_text()
        return crop(self._held[picture.path], SIDE, self._rng), folder in WITH_TEXT

    def draw(self, network: TextNetwork, *, is_first: bool) -> tuple[Tensor, Tensor, Tensor]:
        """Return pixels, where text stands, and what counts."""
        grounds, may_hold, pixels, targets = [], [], [], []
        for _ in range(BATCH):
            ground, is_open = self._ground(is_first=is_first)
            shown = ground
            lines: list[Line] = []
            if self._rng.random() < 0.8:
                shown, lines = with_text(ground, self._fonts, self._rng)
            grounds.append(ground)
            may_hold.append(is_open)
            pixels.append(shown)
            targets.append(target(lines, (SIDE, SIDE)))
        wanted = torch.from_numpy(np.stack(targets))[:, None]
        counts = torch.ones_like(wanted)
        if not is_first and any(may_hold):
            counts = self._counted(network, grounds, may_hold, wanted)
        return _planes(pixels), wanted, counts

    def _counted(
        self,
        network: TextNetwork,
        grounds: list[Pixels],
        may_hold: list[bool],
        wanted: Tensor,
    ) -> Tensor:
        """Return 0 where the picture itself may hold text, 1 elsewhere."""
        network.eval()
        with torch.no_grad():
            own = torch.sigmoid(network(_planes(grounds))) > _UNKNOWN
        network.train()
        near = (
            functional.max_pool2d(own.float(), 5, 1, 2)
            * torch.tensor(may_hold)[:, None, None, None]
        )
        return torch.where((wanted < 0.05) & (near > 0), 0.0, 1.0)


def _planes(pixels: list[Pixels]) -> Tensor:
    stacked: NDArray[np.uint8] = np.stack(pixels)
    return torch.from_numpy(stacked).permute(0, 3, 1, 2).float() / 255


def loss_of(logits: Tensor, wanted: Tensor, counts: Tensor) -> Tensor:
    """Return how wrong it is; text that is missed weighs three times what is marked in vain."""
    each = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    weighed = each * (1 + 2 * wanted) * counts
    chance = torch.sigmoid(logits) * counts
    overlap = 1 - (2 * (chance * wanted).sum() + 1) / (chance.sum() + (wanted * counts).sum() + 1)
    return weighed.mean() * 4 + overlap


def learn(course: Course, batches: Batches, until: float, path: Path) -> None:
    """Take steps until the time is up or the course is done."""
    course.network.train()
    lost = 0.0
    while course.done < course.steps and time.monotonic() < until:
        for group in course.optimizer.param_groups:
            group["lr"] = course.rate()
        pixels, wanted, counts = batches.draw(
            course.network, is_first=course.done < course.first_steps
        )
        loss = loss_of(course.network(pixels), wanted, counts)
        course.optimizer.zero_grad()
        loss.backward()
        course.optimizer.step()
        course.done += 1
        lost = 0.98 * lost + 0.02 * float(loss.detach()) if lost else float(loss.detach())
        if course.done % 50 == 0:
            _LOG.info("step %d of %d: %.3f", course.done, course.steps, lost)
            course.save(path)
    course.save(path)


def main() -> None:
    """Train for as long as is asked for."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--data", type=Path, required=True)
    ask.add_argument("--run", type=Path, required=True)
    ask.add_argument("--steps", type=int, default=2400)
    ask.add_argument("--first-steps", type=int, default=400)
    ask.add_argument("--seconds", type=float, default=3600)
    given = ask.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    cv2.setNumThreads(1)
    torch.set_num_threads(1)  # more get into each other's way on a shared machine
    given.run.mkdir(parents=True, exist_ok=True)
    path = given.run / "text.pt"
    course = Course(given.steps, given.first_steps)
    course.load(path)
    torch.manual_seed(course.done)
    batches = Batches(real_pictures(given.data), np.random.default_rng(course.done))
    learn(course, batches, time.monotonic() + given.seconds, path)


if __name__ == "__main__":
    main()
