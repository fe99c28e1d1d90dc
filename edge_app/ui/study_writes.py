"""The changes of one study on their way to the disk, shown at once and kept in order."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from edge_app.domain.error import StudyChangedError
from edge_app.domain.study import Study
from edge_app.ports import StudyStore
from edge_app.ui.lanes import Lane, Runner


def unchanged(study: Study) -> Study:
    """Return the study as it is: for a change that is shown only when it is on the disk."""
    return study


@dataclass(frozen=True, slots=True)
class Change:
    """One step of a study.

    Attributes:
        keep: Blocking; makes the step durable and returns the study as it is on the disk.
        preview: What the window shows until then.
        kept: Called with the study on the disk.
        failed: Called when nothing was kept, before the error is told.
    """

    keep: Callable[[Study], Study]
    preview: Callable[[Study], Study] = unchanged
    kept: Callable[[Study], None] | None = None
    failed: Callable[[], None] | None = None


class StudyWrites:
    """One study as the disk has it, and the changes that still have to get there.

    One change is under way at a time, so that each starts from the version before it.
    """

    def __init__(
        self,
        study: Study,
        store: StudyStore,
        runner: Runner,
        on_error: Callable[[Exception], None],
    ) -> None:
        self._saved = study
        self._store = store
        self._runner = runner
        self._on_error = on_error
        self._waiting: deque[Change] = deque()
        self._is_left = False

    @property
    def shown(self) -> Study:
        """The study on the disk with the changes that are still under way."""
        study = self._saved
        for change in self._waiting:
            study = change.preview(study)
        return study

    @property
    def is_settled(self) -> bool:
        """Whether everything that is shown is on the disk."""
        return not self._waiting

    def add(self, change: Change) -> None:
        """Queue a change."""
        self._waiting.append(change)
        if len(self._waiting) == 1:
            self._next()

    def leave(self) -> None:
        """Finish the queue, but tell nobody except of errors: the window has moved on."""
        self._is_left = True

    def _next(self) -> None:
        change, study = self._waiting[0], self._saved
        self._runner.submit(Lane.STORE, lambda: change.keep(study), self._kept, self._failed)

    def _kept(self, study: Study) -> None:
        self._saved = study
        change = self._waiting.popleft()
        if change.kept and not self._is_left:
            change.kept(study)
        if self._waiting:
            self._next()

    def _failed(self, error: Exception) -> None:
        change = self._waiting[0]
        self._waiting.clear()
        if change.failed and not self._is_left:
            change.failed()
        self._on_error(error)
        if isinstance(error, StudyChangedError):
            study_id = self._saved.study_id
            self._runner.submit(
                Lane.STORE, lambda: self._store.study(study_id), self._reloaded, self._on_error
            )

    def _reloaded(self, study: Study) -> None:
        self._saved = study
