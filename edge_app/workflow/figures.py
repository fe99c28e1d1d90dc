"""The figures of the kept studies, for whoever works with patients or with the machine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from edge_app.domain.account import Account, Right
from edge_app.domain.error import StudyDamagedError, StudyUnknownError
from edge_app.domain.figures import Picture, pictures_of
from edge_app.ports import SavedStudies
from edge_app.workflow.allowed_store import ensure_may

MOST_STUDIES = 5000


@dataclass(frozen=True, slots=True)
class Gathered:
    """The pictures that were found.

    Attributes:
        unread: Studies that could not be read.
        is_whole: Whether no older study was left out because there were too many.
    """

    pictures: tuple[Picture, ...]
    unread: int = 0
    is_whole: bool = True


class Figures(Protocol):
    """Tells how the work went."""

    def since(self, first: date) -> Gathered:
        """Return what became of the pictures of all studies that began on that day or later."""


def gathered(store: SavedStudies, first: date, most: int = MOST_STUDIES) -> Gathered:
    """Return what became of the pictures, of at most so many studies, the newest."""
    pictures: list[Picture] = []
    unread = 0
    for seen, line in enumerate(store.studies()):
        if line.started_at.astimezone().date() < first:
            break  # the newest come first
        if seen >= most:
            return Gathered(tuple(pictures), unread, is_whole=False)
        try:
            pictures += pictures_of(store.study(line.study_id), seen)
        except (StudyDamagedError, StudyUnknownError):
            unread += 1
    return Gathered(tuple(pictures), unread)


class AllowedFigures:
    """Answers `Figures` for one account; raises NotAllowedError for one that may not.

    Whoever may see studies may count them, and whoever looks after the machine too: a figure names
    nobody. That somebody counted is written down once, not once a study.
    """

    def __init__(
        self,
        gather: Callable[[date], Gathered],
        account: Account,
        on_refusal: Callable[[Right], None],
        on_counting: Callable[[], None],
    ) -> None:
        self._gather, self._account = gather, account
        self._on_refusal, self._on_counting = on_refusal, on_counting

    def since(self, first: date) -> Gathered:
        """Return what became of the pictures."""
        if not self._account.may(Right.SEE_STUDIES):
            ensure_may(self._account, Right.MANAGE_DEVICES, self._on_refusal)
        self._on_counting()
        return self._gather(first)
