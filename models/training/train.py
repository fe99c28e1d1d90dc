"""The training run: one recipe and one seed to one checkpoint, resumable after any epoch."""

import copy
import json
import logging
import math
import time
from pathlib import Path

import numpy as np
import torch

from models.training.augment import Augmenter, Labelled
from models.training.loss import detection_loss
from models.training.network import BoxNetwork, PixelScale
from models.training.recipe import Recipe
from models.training.samples import Sample
from models.training.start import paced, started
from models.training.trial import ap50_by_label

_log = logging.getLogger(__name__)
_WARM_UP_EPOCHS = 2
_TRIALS = 6
_MAX_GRADIENT = 10.0


def _pace(progress: float, warm_up: float) -> float:
    if progress < warm_up:
        return 0.05 + 0.95 * progress / warm_up
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up)))


def _batch(
    pictures: list[Labelled], scale: PixelScale
) -> tuple[torch.Tensor, list[tuple[torch.Tensor, torch.Tensor]]]:
    pixels = torch.from_numpy(np.stack([p.pixels for p in pictures]))
    x = scale.scaled(pixels.permute(0, 3, 1, 2)).contiguous(memory_format=torch.channels_last)
    return x, [(torch.from_numpy(p.boxes), torch.from_numpy(p.labels)) for p in pictures]


class TrainingRun:
    """A network, its slow-moving average and its optimizer, stepped epoch by epoch."""

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        """Start from the seed, or from `folder/checkpoint.pt` where there is one."""
        torch.manual_seed(recipe.train.seed)
        self._recipe = recipe
        self._folder = folder
        self.network = started(recipe).to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.network)
        self._optimizer = torch.optim.AdamW(
            paced(self.network, recipe.network),
            lr=recipe.train.learning_rate,
            weight_decay=recipe.train.weight_decay,
        )
        self.epoch = 0
        self._steps = 0
        folder.mkdir(parents=True, exist_ok=True)
        if self._checkpoint.exists():
            self._resume()

    @property
    def _checkpoint(self) -> Path:
        return self._folder / "checkpoint.pt"

    def _resume(self) -> None:
        state = torch.load(self._checkpoint, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.epoch, self._steps = state["epoch"], state["steps"]
        _log.info("resumed after epoch %d", self.epoch)

    def _save(self) -> None:
        draft = self._checkpoint.with_suffix(".draft")
        torch.save(
            {
                "network": self.network.state_dict(),
                "average": self.average.state_dict(),
                "optimizer": self._optimizer.state_dict(),
                "epoch": self.epoch,
                "steps": self._steps,
            },
            draft,
        )
        draft.replace(self._checkpoint)

    @torch.no_grad()
    def _follow(self) -> None:
        self._steps += 1
        keep = min(self._recipe.train.ema, self._steps / (self._steps + 10))
        ours = self.network.state_dict()
        for name, value in self.average.state_dict().items():
            if value.dtype.is_floating_point:
                value.mul_(keep).add_(ours[name], alpha=1 - keep)
            else:
                value.copy_(ours[name])

    def run_epoch(self, augmenter: Augmenter, size: int) -> float:
        """Train on every picture once and save; return the mean loss."""
        spec = self._recipe.train
        order = np.random.default_rng((spec.seed, self.epoch)).permutation(size)
        batches = [order[i : i + spec.batch] for i in range(0, size, spec.batch)]
        self.network.train()
        scale = self.network.pixels
        total = 0.0
        for i, indices in enumerate(batches):
            progress = (self.epoch + i / len(batches)) / spec.epochs
            for group in self._optimizer.param_groups:
                pace = _pace(progress, _WARM_UP_EPOCHS / spec.epochs)
                group["lr"] = spec.learning_rate * pace * group["pace"]
            x, truth = _batch([augmenter.picture(self.epoch, int(k)) for k in indices], scale)
            logits, boxes = self.network(x)
            loss = detection_loss(logits, boxes, truth, spec.canvas_px)
            self._optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), _MAX_GRADIENT)
            self._optimizer.step()
            self._follow()
            total += loss.item()
        self.epoch += 1
        self._save()
        return total / len(batches)


def train(recipe: Recipe, training: list[Sample], held: list[Sample], folder: Path) -> BoxNetwork:
    """Return the averaged network after the recipe's last epoch; progress goes to the log.

    `held` is looked at for the log only: neither the weights nor the length depend on it.
    """
    run = TrainingRun(recipe, folder)
    if run.epoch >= recipe.train.epochs:
        return run.average.eval()
    augmenter = Augmenter(training, recipe.train.canvas_px, recipe.augment, recipe.train.seed)
    every = max(1, recipe.train.epochs // _TRIALS)
    while run.epoch < recipe.train.epochs:
        started = time.monotonic()
        loss = run.run_epoch(augmenter, len(training))
        took = time.monotonic() - started
        left = took * (recipe.train.epochs - run.epoch)
        _log.info(
            "epoch %d/%d loss %.3f %.0f s, %.0f min left",
            run.epoch,
            recipe.train.epochs,
            loss,
            took,
            left / 60,
        )
        if held and (run.epoch % every == 0 or run.epoch == recipe.train.epochs):
            found = ap50_by_label(run.average, held, recipe.input_px, recipe.labels)
            _log.info("epoch %d AP50 %s", run.epoch, json.dumps(found))
    return run.average.eval()
