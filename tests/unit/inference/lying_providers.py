"""Providers that answer wrongly without an error, as real ones have done."""

from collections.abc import Callable

import numpy as np

WHITE, RED = 0, 1


class LyingInner:
    """The runtime's session, with a lie between the graph and whoever asks."""

    def __init__(self, inner, lie) -> None:
        self._inner = inner
        self._lie = lie
        self.runs = 0

    def get_inputs(self):
        return self._inner.get_inputs()

    def run(self, names, feed):
        self.runs += 1
        return self._lie(self, names, feed)

    def true(self, names, feed):
        boxes, scores = self._inner.run(names, feed)
        return boxes.copy(), scores.copy()


def changed(change: Callable) -> Callable:
    """Return a lie that only changes the true answer."""

    def lie(liar, names, feed):
        return change(*liar.true(names, feed))

    return lie


def fed(change: Callable) -> Callable:
    """Return a lie that only changes what the graph is fed."""

    def lie(liar, names, feed):
        return liar.true(names, {k: np.ascontiguousarray(change(v)) for k, v in feed.items()})

    return lie


class Remembering:
    """A lie that mixes in the answer before; share 1 gives it whole (a stale buffer)."""

    def __init__(self, share) -> None:
        self._share = share
        self._last = None

    def __call__(self, liar, names, feed):
        now = liar.true(names, feed)
        last, self._last = self._last or now, now
        return tuple(
            self._share * b + (1 - self._share) * n for b, n in zip(last, now, strict=True)
        )


def now_and_then(liar, names, feed):
    boxes, scores = liar.true(names, feed)
    return boxes, scores * (liar.runs % 7 != 0)


def without_the_best_white_cell(boxes, scores):
    near = np.abs(boxes - boxes[scores[:, WHITE].argmax()]).max(axis=1) < 12
    scores[near, WHITE] = 0
    return boxes, scores


def without_the_coarsest_cells(boxes, scores):
    scores[-len(scores) // 21 :] = 0
    return boxes, scores


def overflowing(boxes, scores):
    return np.where(boxes > 256, np.inf, boxes), scores


def noisy(boxes, scores):
    noise = np.random.default_rng(1).normal(0, 0.08, scores.shape).astype(np.float32)
    return boxes, np.clip(scores + noise, 0, 1)


def lies():
    """Return each lie by its name, new ones each time: some remember."""
    return {
        "scores scaled by 0.8": changed(lambda b, s: (b, s * np.float32(0.8))),
        "scores all zero": changed(lambda b, s: (b, s * 0)),
        "scores all one": changed(lambda b, s: (b, np.ones_like(s))),
        "scores constant": changed(lambda b, s: (b, np.full_like(s, 0.3))),
        "colour channels permuted": fed(lambda x: x[..., ::-1]),
        "picture upside down": fed(lambda x: x[:, ::-1]),
        "always the answer to black": fed(np.zeros_like),
        "picture transposed": fed(lambda x: x.transpose(0, 2, 1, 3)),
        "int8 input saturated at 127": fed(lambda x: np.minimum(x, 127)),
        "classes swapped": changed(lambda b, s: (b, s[:, [RED, WHITE, 2]])),
        "scores saturated at a half": changed(lambda b, s: (b, np.minimum(s, 0.5))),
        "the answer before": Remembering(1.0),
        "mixed with the answer before": Remembering(0.5),
        "wrong every seventh time": now_and_then,
        "half precision overflows": changed(overflowing),
        "not a number": changed(lambda b, s: (b, np.full_like(s, np.nan))),
        "boxes shifted by 6 px": changed(lambda b, s: (b + 6, s)),
        "boxes scaled by 1.1": changed(lambda b, s: (b * np.float32(1.1), s)),
        "x and y swapped": changed(lambda b, s: (b[:, [1, 0, 3, 2]], s)),
        "rows missing": changed(lambda b, s: (b[:-50], s[:-50])),
        "coarsest cells lost": changed(without_the_coarsest_cells),
        "one white cell lost": changed(without_the_best_white_cell),
        "noise of 0.08": changed(noisy),
    }
