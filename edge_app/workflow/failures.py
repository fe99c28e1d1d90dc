"""Where a detector went wrong on labelled images, for people to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_app.domain.accuracy import match
from edge_app.domain.geometry import Box
from edge_app.workflow.evaluate import Answer

_MIN_IOU = 0.5


@dataclass(frozen=True, slots=True)
class LabelFailure:
    """One label's boxes in one image at the operating point, in image pixels."""

    missed: tuple[Box, ...]
    wrong: tuple[Box, ...]
    right: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """An image with boxes that were missed or wrongly shown, by label."""

    file_name: str
    cannot_say: bool
    per_label: Mapping[str, LabelFailure]

    @property
    def missed(self) -> list[Box]:
        """What was there and was not shown."""
        return [box for x in self.per_label.values() for box in x.missed]

    @property
    def wrong(self) -> list[Box]:
        """What was shown and was not there, or not so."""
        return [box for x in self.per_label.values() for box in x.wrong]

    @property
    def right(self) -> list[Box]:
        """What was shown and was there."""
        return [box for x in self.per_label.values() for box in x.right]


def _boxes(sides: NDArray[np.float64]) -> tuple[Box, ...]:
    return tuple(Box(*row) for row in sides.tolist())


def _of_label(answer: Answer, label: str, score: float) -> LabelFailure:
    truth = answer.truth[label]
    shown = answer.found[label].at_least(score).strongest()
    held = match(shown, truth, _MIN_IOU)
    return LabelFailure(
        missed=_boxes(truth.boxes[held.is_missed]),
        wrong=_boxes(shown.boxes[~held.is_true]),
        right=_boxes(shown.boxes[held.is_true]),
    )


def failures_of(
    answers: Sequence[Answer], thresholds: Mapping[str, float], most: int
) -> list[Failure]:
    """Return the `most` images with the most boxes missed or wrong at `thresholds`, worst first.

    A box is right at an overlap (IoU) of 0.5 or more. Of two images with as many, the one with
    more misses is worse; images without any are left out.
    """
    failures = []
    for answer in answers:
        per_label = {k: _of_label(answer, k, score) for k, score in thresholds.items()}
        failure = Failure(answer.file_name, answer.cannot_say, per_label)
        if failure.missed or failure.wrong:
            failures.append(failure)
    failures.sort(key=lambda f: (-len(f.missed) - len(f.wrong), -len(f.missed)))
    return failures[:most]
