"""What is unusual in the audit, for whom, and why: learned here, told in words, never acted upon.

For each account it is learned at which hours it works, and how many studies it looks at, exports
and is refused within one hour. A figure counts as unusual where it is far beyond all of that; each
alarm names the figure and what was usual. Nothing leaves the device.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge_app.domain.audit import AuditEvent, EventKind

_KNOWN_ACTS = 100
_KNOWN_DAYS = 7
_NEAR_H = 2
_FEW = 0.002
_TIMES = 3.0
_HOURS = 24


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that somebody who answers for the records should look at.

    Attributes:
        at: When it began.
        by: Whose account did it.
        words: What was done, and what was usual before.
    """

    at: datetime
    by: str
    words: str


@dataclass(frozen=True, slots=True)
class _Count:
    """Something of which an account does so much within an hour.

    Attributes:
        words: With the number and what was the most before.
        least: Never unusual below this, whatever was usual.
    """

    words: str
    least: int


_STUDIES = _Count("looked at {0} studies within an hour; at most {1} before", 20)
_EXPORTS = _Count("exported {0} times within an hour; at most {1} before", 5)
_REFUSED = _Count("was refused {0} times within an hour; at most {1} before", 5)


def _kinds_of(event: AuditEvent) -> list[tuple[_Count, str]]:
    """Return what an event counts towards, and what of it counts once only."""
    if event.is_refused:
        return [(_REFUSED, str(event.sequence))]
    found = []
    if event.study_id:
        found.append((_STUDIES, event.study_id))
    if event.kind is EventKind.EXPORTED:
        found.append((_EXPORTS, str(event.sequence)))
    return found


class Usual:
    """What one account was seen to do."""

    def __init__(self) -> None:
        self._hours: Counter[int] = Counter()
        self._most: dict[_Count, int] = {}
        self._since: datetime | None = None
        self._until: datetime | None = None

    def learn(self, events: Sequence[AuditEvent]) -> None:
        """Take it that these are usual: one hour's acts of the account."""
        for event in events:
            self._hours[event.at.hour] += 1
        for count, number in _numbers(events).items():
            self._most[count] = max(number, self._most.get(count, 0))
        self._since = self._since or events[0].at
        self._until = events[-1].at

    @property
    def _is_known(self) -> bool:
        if self._since is None or self._until is None:
            return False
        is_long = self._until - self._since >= timedelta(days=_KNOWN_DAYS)
        return is_long and self._hours.total() >= _KNOWN_ACTS

    def alarms(self, events: Sequence[AuditEvent]) -> list[Alarm]:
        """Return what is unusual in one hour's acts of the account."""
        first = events[0]
        found = []
        for count, number in _numbers(events).items():
            most = self._most.get(count, 0)
            if number >= count.least and number > _TIMES * most:
                found.append(Alarm(first.at, first.by, count.words.format(number, most)))
        if self._is_known and self._share_near(first.at.hour) < _FEW:
            acts = self._hours.total()
            words = f"worked at {first.at:%H:%M}, far from the hours of {acts} acts before"
            found.append(Alarm(first.at, first.by, words))
        return found

    def _share_near(self, hour: int) -> float:
        near = sum(self._hours[(hour + by) % _HOURS] for by in range(-_NEAR_H, _NEAR_H + 1))
        return near / self._hours.total()


def _numbers(events: Iterable[AuditEvent]) -> dict[_Count, int]:
    seen: dict[_Count, set[str]] = {}
    for event in events:
        for count, once in _kinds_of(event):
            seen.setdefault(count, set()).add(once)
    return {count: len(each) for count, each in seen.items()}


def unusual(events: Iterable[AuditEvent]) -> list[Alarm]:
    """Return every alarm, in order: each hour of an account is held against all hours before it.

    What raised an alarm is not learned, or whoever did it slowly would make it usual. What the
    program does by itself raises none.
    """
    alarms: list[Alarm] = []
    usual: dict[str, Usual] = {}
    for hour in _hours_of(events):
        known = usual.setdefault(hour[0].by, Usual())
        found = known.alarms(hour)
        alarms += found
        if not found:
            known.learn(hour)
    return alarms


def _hours_of(events: Iterable[AuditEvent]) -> list[list[AuditEvent]]:
    """Return each account's acts of each hour of the clock, in the order in which they began."""
    hours: dict[tuple[str, datetime], list[AuditEvent]] = {}
    for event in events:
        if event.by:
            start = event.at.replace(minute=0, second=0, microsecond=0)
            hours.setdefault((event.by, start), []).append(event)
    return list(hours.values())
