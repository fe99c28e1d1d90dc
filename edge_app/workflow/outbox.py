"""Working through the outbox: one job at a time, each once, whatever is pulled or switched off."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from edge_app.domain.outbox import Job, Problem, SendFailedError, SendKind

BUSY_S = 2.0
"""How soon to look again where another program is sending."""


class Intents(Protocol):
    """Where it is written down what a file is going to be, before it can be at its place."""

    def intend(self, job: Job, name: str, sha256: str) -> None:
        """Keep the hash of a file."""

    def intended(self, job: Job) -> Mapping[str, str]:
        """Return the hashes by the files' names."""


class JobRecords(Intents, Protocol):
    """The rows of the outbox."""

    def working(self) -> AbstractContextManager[bool]:
        """Yield whether this program is the one that sends while the block lasts."""

    def next_due(self) -> Job | None:
        """Return the job that is to be sent now."""

    def next_wait_s(self) -> float | None:
        """Return the seconds until a job is due; None where none waits."""

    def begin(self, job: Job) -> Job | None:
        """Write down that a try begins; return the job as it then is, None where it is off."""

    def sent(self, job: Job) -> None:
        """Write down that all of it is at its place."""

    def failed(self, job: Job, problem: Problem) -> None:
        """Write down why a try failed."""


class Sender(Protocol):
    """Brings one kind of thing to its place."""

    def send(self, job: Job, intents: Intents) -> None:
        """Have all of it there and on the disk; what is there already is left as it is.

        Raises:
            SendFailedError: It is not; nothing of another's was changed.
        """

    def forget(self, job: Job, intents: Intents) -> None:
        """Take away what a try that was cut short left half, where it can be reached."""


def work(records: JobRecords, senders: Mapping[SendKind, Sender]) -> float | None:
    """Send the job that is due, if any; return the seconds until there is another to send.

    0 where one is due now, None where none waits.
    """
    with records.working() as is_ours:
        if not is_ours:
            return BUSY_S
        if (due := records.next_due()) and (job := records.begin(due)):
            _send(records, senders[job.send.kind], job)
        return records.next_wait_s()


def _send(records: JobRecords, sender: Sender, job: Job) -> None:
    try:
        sender.send(job, records)
    except SendFailedError as error:
        records.failed(job, error.problem)
    else:
        records.sent(job)
