"""The small network over all kinds and strangers, and the density of each kind."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_app.inference.kind import KindFigures
from edge_app.inference.kind_features import FEATURES

_HIDDEN = 64
_ROUNDS = 25
_BATCH = 256
_RATE = 3e-3
_DECAY = 1e-4
_SMOOTHING = 0.02
_JITTER = 0.15
_SHRINKAGE = 0.1
_FARTHEST = 5.0
_DIGITS = 5
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Features [n, features] of pictures, and which kind [n] each is of.

    Attributes:
        kinds: Names; the last one is that of strangers.
    """

    features: Numbers
    kind_of: NDArray[np.int64]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """Standardisation and weights, in the order in which they are used."""

    mean: Numbers
    spread: Numbers
    weights: tuple[Numbers, Numbers, Numbers, Numbers]

    def standardised(self, features: Numbers) -> Numbers:
        """Return features in spreads from the mean, none too far."""
        at = (features - self.mean) / self.spread
        return np.asarray(np.clip(at, -_FARTHEST, _FARTHEST), np.float64)

    def shares(self, features: Numbers) -> Numbers:
        """Return how likely each kind is, [n, kinds]."""
        return _forward(self.standardised(features), self.weights)[1]


def _forward(at: Numbers, weights: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
    hidden = np.tanh(at @ weights[0] + weights[1])
    said = hidden @ weights[2] + weights[3]
    likely = np.exp(said - said.max(1, keepdims=True))
    return hidden, likely / likely.sum(1, keepdims=True)


def _gradients(at: Numbers, wanted: Numbers, weights: Sequence[Numbers]) -> list[Numbers]:
    hidden, likely = _forward(at, weights)
    back = (likely - wanted) / len(at)
    below = (back @ weights[2].T) * (1 - hidden**2)
    return [
        at.T @ below + _DECAY * weights[0],
        below.sum(0),
        hidden.T @ back + _DECAY * weights[2],
        back.sum(0),
    ]


def fitted_network(pictures: Pictures, seed: int) -> Network:
    """Return the network after Adam (Kingma and Ba 2015) with a cosine pace; kinds count alike."""
    rng = np.random.default_rng(seed)
    mean, spread = pictures.features.mean(0), pictures.features.std(0) + 1e-3
    n, size = pictures.features.shape
    n_kinds = len(pictures.kinds)
    weights = [
        rng.normal(0, size**-0.5, (size, _HIDDEN)),
        np.zeros(_HIDDEN),
        rng.normal(0, _HIDDEN**-0.5, (_HIDDEN, n_kinds)),
        np.zeros(n_kinds),
    ]
    at = np.clip((pictures.features - mean) / spread, -_FARTHEST, _FARTHEST)
    chance = 1 / np.bincount(pictures.kind_of, minlength=n_kinds)[pictures.kind_of]
    chance /= chance.sum()
    wanted = np.eye(n_kinds) * (1 - _SMOOTHING) + _SMOOTHING / n_kinds
    first = [np.zeros_like(w) for w in weights]
    second = [np.zeros_like(w) for w in weights]
    steps = _ROUNDS * n // _BATCH
    for step in range(1, steps + 1):
        chosen = rng.choice(n, _BATCH, p=chance)
        noisy = at[chosen] + rng.normal(0, _JITTER, (_BATCH, size))
        pace = _RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
        for k, slope in enumerate(_gradients(noisy, wanted[pictures.kind_of[chosen]], weights)):
            first[k] = 0.9 * first[k] + 0.1 * slope
            second[k] = 0.999 * second[k] + 0.001 * slope**2
            moved = first[k] / (1 - 0.9**step)
            weights[k] = weights[k] - pace * moved / (np.sqrt(second[k] / (1 - 0.999**step)) + 1e-8)
    return Network(mean, spread, (weights[0], weights[1], weights[2], weights[3]))


def _rounded(values: Numbers) -> list[float]:
    return [float(f"{v:.{_DIGITS}g}") for v in values]


def figures_for(network: Network, own: Numbers, kinds: Sequence[str]) -> KindFigures:
    """Return what the package of one kind holds; `own` are its training pictures' features."""
    at = network.standardised(own)
    spread = np.cov(at.T)
    level = np.eye(len(spread)) * np.trace(spread) / len(spread)
    shrunk = (1 - _SHRINKAGE) * spread + _SHRINKAGE * level
    whitening = np.linalg.inv(np.linalg.cholesky(shrunk))
    hidden, hidden_bias, out, out_bias = network.weights
    return KindFigures(
        features=FEATURES,
        kinds=list(kinds),
        mean=_rounded(network.mean),
        spread=_rounded(network.spread),
        hidden=[_rounded(row) for row in hidden],
        hidden_bias=_rounded(hidden_bias),
        out=[_rounded(row) for row in out],
        out_bias=_rounded(out_bias),
        centre=_rounded(at.mean(0)),
        whitening=[_rounded(row[: n + 1]) for n, row in enumerate(whitening)],
    )
