"""What still has to be sent, and the work on it beside the window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from edge_app.domain.outbox import REPORT, CancelReason, Job, Problem, SendKind
from edge_app.domain.study import Study
from edge_app.ports import Clock, Outbox
from edge_app.ui.lanes import Lane, Runner

_LOOK_AGAIN_S = 60.0


@dataclass(frozen=True, slots=True)
class _Looked:
    wait_s: float | None
    unsent: tuple[Job, ...]
    of_study: tuple[Job, ...]


class OutboxRun:
    """Where the outbox stands; `on_change` is called after each change of it.

    Attributes:
        unsent: Every job that is not sent, and that nobody has cancelled.
    """

    def __init__(
        self,
        outbox: Outbox | None,
        runner: Runner,
        clock: Clock,
        on_change: Callable[[], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        """Take the outbox; None where whoever is in may not use it."""
        self.unsent: tuple[Job, ...] = ()
        self._of_study: tuple[Job, ...] = ()
        self._outbox, self._runner, self._clock = outbox, runner, clock
        self._on_change, self._on_error = on_change, on_error
        self._study_id = ""
        self._due_ns = 0
        self._is_running = self._is_asked_again = False
        self._told = ""

    def report_of(self, study: Study) -> Job | None:
        """Return the newest job that keeps the report of a study, where it is the one watched."""
        of_it = (j for j in self._of_study if (j.study_id, j.send) == (study.study_id, REPORT))
        return max(of_it, key=lambda job: job.version, default=None)

    def print_of(self, study: Study) -> Job | None:
        """Return the newest report on paper of what was signed last, of the study watched."""
        asked = (study.study_id, study.version, SendKind.PRINT)
        prints = (j for j in self._of_study if (j.study_id, j.version, j.send.kind) == asked)
        return next(reversed(list(prints)), None)

    @property
    def troubled(self) -> int:
        """How many jobs failed at their last try, or were given up."""
        return sum(job.problem is not Problem.NONE for job in self.unsent)

    def watch(self, study_id: str) -> None:
        """Look at one study's jobs from now on, and work on what is due."""
        self._study_id, self._of_study = study_id, ()
        self.work()

    def work_if_due(self) -> None:
        """Work where something is due, or was not looked at for a minute."""
        if self._clock.monotonic_ns() >= self._due_ns:
            self.work()

    def work(self) -> None:
        """Work on what is due now; what comes meanwhile is looked at after that."""
        if self._outbox is None:
            return
        self._is_asked_again = self._is_running
        if not self._is_running:
            self._is_running = True
            look = partial(_looked, self._outbox, self._study_id)
            self._runner.submit(Lane.OUTBOX, look, self._worked, self._failed)

    def _worked(self, looked: _Looked) -> None:
        self.unsent, self._of_study = looked.unsent, looked.of_study
        wait_s = _LOOK_AGAIN_S if looked.wait_s is None else min(looked.wait_s, _LOOK_AGAIN_S)
        self._due_ns = self._clock.monotonic_ns() + int(wait_s * 1e9)
        self._is_running = False
        self._told = ""
        self._on_change()
        if self._is_asked_again or looked.wait_s == 0:
            self.work()

    def _failed(self, error: Exception) -> None:
        self._is_running = False
        self._due_ns = self._clock.monotonic_ns() + int(_LOOK_AGAIN_S * 1e9)
        if self._told != str(error):  # what stays wrong is not told again each minute
            self._told = str(error)
            self._on_error(error)

    def print(self, study: Study, printer: str) -> None:
        """Have the report of a signed study printed."""
        outbox = self._outbox
        if outbox is None:
            return
        ask = partial(outbox.ask_to_print, study.study_id, printer)
        self._runner.submit(Lane.OUTBOX, ask, lambda _: self.work(), self._on_error)

    def retry(self, jobs: Sequence[Job]) -> None:
        """Have jobs tried again now."""
        self._change(jobs, lambda outbox, key: outbox.retry(key))

    def cancel(self, jobs: Sequence[Job], reason: CancelReason) -> None:
        """Have jobs not sent any more, for a reason."""
        self._change(jobs, lambda outbox, key: outbox.cancel(key, reason))

    def _change(self, jobs: Sequence[Job], act: Callable[[Outbox, str], None]) -> None:
        outbox = self._outbox
        if outbox is None:
            return
        for job in jobs:
            self._runner.submit(
                Lane.OUTBOX, partial(act, outbox, job.key), lambda _: None, self._on_error
            )
        self.work()


def _looked(outbox: Outbox, study_id: str) -> _Looked:
    """Send what is due, and return where everything then stands."""
    wait_s = outbox.work()
    of_study = tuple(outbox.jobs(study_id)) if study_id else ()
    return _Looked(wait_s, tuple(outbox.unsent()), of_study)
