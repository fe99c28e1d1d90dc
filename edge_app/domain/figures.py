"""How the work goes in numbers: pictures by day and week, shares, and a control chart of them."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from itertools import pairwise

from edge_app.domain.reading import Outcome, QualityIssue
from edge_app.domain.study import Study, Verdict

FEWEST_DAYS = 8
"""Limits from fewer points say too little of how they scatter."""
_SIGMAS = 3.0
_D2 = 1.128  # of ranges of two: Montgomery, Introduction to Statistical Quality Control, app. VI


@dataclass(frozen=True, slots=True)
class Picture:
    """What became of one picture that stayed in its study; nothing of whose it is.

    Attributes:
        study: Which pictures belong together; a number within one gathering.
        day: By the clock of the place.
        detector: Empty where none has looked.
        judged: Findings that a person accepted or rejected.
    """

    study: int
    day: date
    device: str
    detector: str
    outcome: Outcome
    issue: QualityIssue | None
    judged: int
    rejected: int


class Share(Enum):
    """What a share is of."""

    NOT_ANALYSED = "not analysed"
    CANNOT_SAY = "cannot say"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Period:
    """The figures of one day, or of one week by its Monday."""

    begins: date
    studies: int
    pictures: int
    not_analysed: int
    cannot_say: int
    judged: int
    rejected: int

    def part(self, share: Share) -> tuple[int, int]:
        """Return how many of how many."""
        return {
            Share.NOT_ANALYSED: (self.not_analysed, self.pictures),
            Share.CANNOT_SAY: (self.cannot_say, self.pictures),
            Share.REJECTED: (self.rejected, self.judged),
        }[share]


def pictures_of(study: Study, number: int) -> list[Picture]:
    """Return what became of each picture of a study."""
    made = []
    for image in study.images:
        reading = study.readings.get(image.image_id)
        verdicts = [f.verdict for f in study.findings if f.image_id == image.image_id]
        made.append(
            Picture(
                number,
                image.captured_at.astimezone().date(),
                image.device_id,
                reading.detector if reading else "",
                reading.outcome if reading else Outcome.NOT_ANALYSED,
                reading.quality.issue if reading and reading.quality else None,
                sum(v is not Verdict.UNREVIEWED for v in verdicts),
                sum(v is Verdict.REJECTED for v in verdicts),
            )
        )
    return made


def day_of(day: date) -> date:
    """Return the day itself."""
    return day


def week_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def periods(pictures: Iterable[Picture], begin: Callable[[date], date]) -> list[Period]:
    """Return the figures by `day_of` or `week_of`, the earliest first; empty ones are left out."""
    groups: dict[date, list[Picture]] = {}
    for picture in pictures:
        groups.setdefault(begin(picture.day), []).append(picture)
    return [_period(day, groups[day]) for day in sorted(groups)]


def _period(begins: date, pictures: Sequence[Picture]) -> Period:
    outcomes = Counter(p.outcome for p in pictures)
    return Period(
        begins,
        len({p.study for p in pictures}),
        len(pictures),
        outcomes[Outcome.NOT_ANALYSED],
        outcomes[Outcome.CANNOT_SAY],
        sum(p.judged for p in pictures),
        sum(p.rejected for p in pictures),
    )


def reasons(pictures: Iterable[Picture]) -> list[tuple[QualityIssue, int]]:
    """Return what was wrong with how many pictures, the most frequent first."""
    return Counter(p.issue for p in pictures if p.issue).most_common()


@dataclass(frozen=True, slots=True)
class Charted:
    """One point of a control chart.

    Attributes:
        low, high: The limits, within 0 and 1.
    """

    begins: date
    share: float
    low: float
    high: float

    @property
    def is_outside(self) -> bool:
        """Whether chance alone would hardly give that share."""
        return not self.low <= self.share <= self.high


@dataclass(frozen=True, slots=True)
class ControlChart:
    """The points, and the mean of all."""

    mean: float
    points: tuple[Charted, ...]


def control_chart(found: Sequence[Period], share: Share) -> ControlChart | None:
    """Return Laney's p' chart of a share; None for fewer than `FEWEST_DAYS`, or where all agree.

    D. B. Laney, Improved Control Charts for Attributes, Quality Engineering 14(4), 531-537 (2002):
    with p_i of n_i, the mean p and s_i = sqrt(p(1 - p)/n_i), each point becomes
    z_i = (p_i - p)/s_i; the limits are p +- 3 s_i s_z, where s_z is the mean moving range of the
    z_i divided by 1.128. Unlike the classical p chart it does not take the scatter from day to day,
    which patients bring, for a fault.
    """
    counted = [(p.begins, *p.part(share)) for p in found if p.part(share)[1]]
    if len(counted) < FEWEST_DAYS:
        return None
    mean = sum(k for _, k, _ in counted) / sum(n for _, _, n in counted)
    if mean in (0.0, 1.0):
        return None
    sigmas = [math.sqrt(mean * (1 - mean) / n) for _, _, n in counted]
    z = [(k / n - mean) / s for (_, k, n), s in zip(counted, sigmas, strict=True)]
    moved = [abs(b - a) for a, b in pairwise(z)]
    scatter = sum(moved) / len(moved) / _D2
    if not scatter:
        return None
    reaches = [_SIGMAS * s * scatter for s in sigmas]
    return ControlChart(
        mean,
        tuple(
            Charted(day, k / n, max(0.0, mean - reach), min(1.0, mean + reach))
            for (day, k, n), reach in zip(counted, reaches, strict=True)
        ),
    )
