"""A patient's counts over several visits: whether they changed, and where they seem to go.

All of it is arithmetic on what was counted and signed; none of it knows the disease.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import numpy as np

from edge_app.domain.beta import beta_quantile, poisson_bound, t_quantile
from edge_app.domain.measured import Measured
from edge_app.domain.reading import Outcome
from edge_app.domain.study import Marked, Study, Verdict

_SIDE = 0.975  # of a two-sided interval of 95 %
_FEWEST = 3
_DAY_S = 86_400.0
_FARTHEST_DAYS = 3650.0
_ANSWERED = (Outcome.FINDING, Outcome.NO_FINDING)


@dataclass(frozen=True, slots=True)
class Visit:
    """What was counted of one label in one signed study.

    Attributes:
        at: When the study began.
        count: Findings that a person accepted, renamed or drew, over all images that the detector
            answered for.
        n_images: How many images those are.
    """

    study_id: str
    at: datetime
    count: int
    n_images: int

    @property
    def per_image(self) -> float:
        """The count an image: what visits of different length have in common."""
        return self.count / self.n_images


class Direction(Enum):
    """What a change between two visits comes to."""

    MORE = "more"
    LESS = "less"
    WITHIN_ERROR = "within the error of counting"


@dataclass(frozen=True, slots=True)
class Change:
    """The later visit's count an image over the earlier one's, and whether it means anything.

    Attributes:
        ratio: With its 95 % interval; infinite where nothing was counted before.
    """

    ratio: Measured
    direction: Direction


@dataclass(frozen=True, slots=True)
class Crossing:
    """When a straight line through the visits reaches a threshold.

    Attributes:
        at: Where the line itself does.
        earliest, latest: Between them with 95 % confidence; None where there is no such end.
    """

    at: datetime
    earliest: datetime | None
    latest: datetime | None


def visits(studies: Sequence[Study], label: str) -> tuple[Visit, ...]:
    """Return one patient's signed studies as visits, the first one first.

    An image that the detector did not answer for adds neither a count nor an image, so that
    "not analysed" is never counted as none. A study without an answered image is no visit.
    """
    counted = (_visit(study, label) for study in studies if study.signature)
    return tuple(sorted((v for v in counted if v.n_images), key=lambda v: v.at))


def _visit(study: Study, label: str) -> Visit:
    answered = {
        i.image_id
        for i in study.images
        if i.image_id in study.readings and study.readings[i.image_id].outcome in _ANSWERED
    }
    found = sum(_counts(f, label) and f.image_id in answered for f in study.marked)
    return Visit(study.study_id, study.started_at, found, len(answered))


def _counts(finding: Marked, label: str) -> bool:
    return finding.verdict is Verdict.ACCEPTED and finding.label == label


def change(earlier: Visit, later: Visit) -> Change:
    """Return how the count an image changed, beyond what counting alone explains or not.

    The exact conditional interval for the ratio of two Poisson rates (Przyborowski and Wilenski,
    Biometrika 31, 1940; Clopper and Pearson, Biometrika 26, 1934). It knows of no other error:
    where the sample was taken and how it was made add to it.
    """
    total = earlier.count + later.count
    share = earlier.n_images / later.n_images
    if total == 0:
        return Change(Measured(1.0, 0.0, math.inf), Direction.WITHIN_ERROR)
    low = beta_quantile(1 - _SIDE, later.count, earlier.count + 1) if later.count else 0.0
    high = beta_quantile(_SIDE, later.count + 1, earlier.count) if earlier.count else 1.0
    ratio = Measured(_odds(later.count / total) * share, _odds(low) * share, _odds(high) * share)
    if ratio.low > 1:
        return Change(ratio, Direction.MORE)
    return Change(ratio, Direction.LESS if ratio.high < 1 else Direction.WITHIN_ERROR)


def error_of(visit: Visit) -> tuple[float, float]:
    """Return between what the true count an image lies, with 95 % confidence.

    The exact interval of a Poisson count (Garwood, Biometrika 28, 1936), by the gamma
    distribution's own series.
    """
    low = poisson_bound(visit.count, 1 - _SIDE) if visit.count else 0.0
    return low / visit.n_images, poisson_bound(visit.count + 1, _SIDE) / visit.n_images


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else math.inf


@dataclass(frozen=True, slots=True)
class Line:
    """The straight line of least squares through the visits' counts an image, over days.

    Attributes:
        per_day: Its slope, with its 95 % interval by Student's t.
        first: When the first visit was; days are counted from it.
        middle_days, middle: The mean of the days and of the counts, through which it goes.
        spread: Of the visits about it, with n - 2 degrees of freedom.
        n: How many visits.
        sum_squares: Of the days about their mean.
    """

    per_day: Measured
    first: datetime
    middle_days: float
    middle: float
    spread: float
    n: int
    sum_squares: float

    def at(self, moment: datetime) -> tuple[float, float]:
        """Return the line's height at a moment, and how far its 95 % band reaches from it."""
        away = (moment - self.first).total_seconds() / _DAY_S - self.middle_days
        reach = t_quantile(_SIDE, self.n - 2) * self.spread
        reach *= math.sqrt(1 / self.n + away * away / self.sum_squares)
        return self.middle + self.per_day.value * away, reach

    def crossing(self, threshold: float) -> Crossing | None:
        """Return when the line reaches `threshold` after the last mean; None where it does not.

        The interval is Fieller's (J. R. Stat. Soc. B 16, 1954): the days at which the threshold
        lies within the 95 % confidence band of the line. It says how well the line is known, not
        that the patient will follow it.
        """
        slope = self.per_day.value
        away = threshold - self.middle
        if slope == 0 or away / slope <= 0 or away / slope > _FARTHEST_DAYS:
            return None
        near, far = self._band(away)
        return Crossing(self._date(away / slope), self._within(near), self._within(far))

    def _band(self, away: float) -> tuple[float | None, float | None]:
        """Return the days after the mean between which the band holds a count `away` from it."""
        t = t_quantile(_SIDE, self.n - 2) * self.spread
        slope = self.per_day.value
        open_ended = slope * slope - t * t / self.sum_squares
        root = away * away / self.sum_squares + open_ended / self.n
        if root < 0:
            return None, None
        reach = t * math.sqrt(root)
        if open_ended <= 0:  # the slope may as well be none: it need never be reached
            return (away * slope - reach) / open_ended if open_ended else None, None
        return (away * slope - reach) / open_ended, (away * slope + reach) / open_ended

    def _within(self, days: float | None) -> datetime | None:
        if days is None or abs(days) > _FARTHEST_DAYS:
            return None
        return self._date(days)

    def _date(self, after_middle_days: float) -> datetime:
        return self.first + timedelta(days=self.middle_days + after_middle_days)


def line(seen: Sequence[Visit]) -> Line | None:
    """Return the line through at least three visits of different days; None where there are not."""
    if len(seen) < _FEWEST:
        return None
    first = seen[0].at
    days = np.array([(v.at - first).total_seconds() / _DAY_S for v in seen])
    counts = np.array([v.per_image for v in seen])
    sum_squares = float(((days - days.mean()) ** 2).sum())
    if sum_squares == 0:
        return None
    slope = float(((days - days.mean()) * (counts - counts.mean())).sum() / sum_squares)
    left = counts - counts.mean() - slope * (days - days.mean())
    spread = math.sqrt(float((left**2).sum()) / (len(seen) - 2))
    reach = t_quantile(_SIDE, len(seen) - 2) * spread / math.sqrt(sum_squares)
    return Line(
        Measured(slope, slope - reach, slope + reach),
        first,
        float(days.mean()),
        float(counts.mean()),
        spread,
        len(seen),
        sum_squares,
    )
