"""In which order kept studies wait for somebody: the sickest first, each with the reason."""

from collections.abc import Collection, Iterable
from enum import Enum
from typing import Protocol, TypeVar

from edge_app.domain.reading import Outcome
from edge_app.domain.study import StudyState


class Waits(Enum):
    """Why a study waits, the most urgent first."""

    RECOVERED = "a picture was kept when the program stopped; nobody has seen it"
    FINDING = "a finding waits for review"
    NOT_ANALYSED = "a picture was not analysed"
    CANNOT_SAY = "the detector cannot say"
    UNSIGNED = "everything is answered; the signature is missing"
    NO_PICTURE = "no picture was taken"
    NOTHING = "signed"


_ORDER = {why: place for place, why in enumerate(Waits)}
_OPEN_OUTCOME = {
    Outcome.FINDING: Waits.FINDING,
    Outcome.NOT_ANALYSED: Waits.NOT_ANALYSED,
    Outcome.CANNOT_SAY: Waits.CANNOT_SAY,
}


class Listed(Protocol):
    """What of a study's line in a list says how urgent it is."""

    @property
    def study_id(self) -> str:
        """Its id."""

    @property
    def state(self) -> StudyState:
        """How far it has come."""

    @property
    def outcome(self) -> str:
        """The most cautious of its readings, as `Outcome` names it."""


Line = TypeVar("Line", bound=Listed)


def why_waits(line: Listed, recovered: Collection[str]) -> Waits:
    """Return why a study waits; `recovered` are ids of those that a crash cut short."""
    if line.state is StudyState.SIGNED:
        return Waits.NOTHING
    if line.study_id in recovered:
        return Waits.RECOVERED
    if line.state is StudyState.DRAFT:
        return Waits.NO_PICTURE
    if line.state is StudyState.REVIEWED:
        return Waits.UNSIGNED
    return _OPEN_OUTCOME.get(Outcome(line.outcome), Waits.UNSIGNED)


def in_order(lines: Iterable[Line], recovered: Collection[str]) -> list[tuple[Line, Waits]]:
    """Return studies with their reasons: the most urgent first, of one reason the newest first.

    `lines` come newest first.
    """
    each = [(line, why_waits(line, recovered)) for line in lines]
    return sorted(each, key=lambda pair: _ORDER[pair[1]])
