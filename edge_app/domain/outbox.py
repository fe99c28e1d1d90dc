"""What still has to leave a study, each thing once, however often it is tried."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from edge_app.domain.confidentiality import LeavingPlan
from edge_app.domain.patient import PatientRef

MOST_TRIES = 20
_FIRST_WAIT_S, _LONGEST_WAIT_S = 5.0, 3600.0


class SendKind(Enum):
    """What is made of a study."""

    REPORT = "report"
    """The report, sealed, in this device's own folder."""
    FILES = "files"
    """Report, annotated pictures and record, in a folder that somebody named."""
    DEIDENTIFIED = "de-identified"
    """Pictures and record that name nobody, in a folder that somebody named."""
    PRINT = "print"
    """The report, on paper."""


class JobState(Enum):
    """How far a job has come."""

    WAITING = "waiting"
    SENDING = "being sent"
    SENT = "sent"
    GIVEN_UP = "given up"
    CANCELLED = "cancelled"


class Problem(Enum):
    """Why the last try of a job failed; the values are codes for a telephone call."""

    NONE = ""
    NOT_THERE = "OUT-001"
    READ_ONLY = "OUT-002"
    FULL = "OUT-003"
    TOO_LARGE = "OUT-004"
    MEDIUM_FAILED = "OUT-005"
    GAVE_BACK_OTHER = "OUT-006"
    OTHER_FILE = "OUT-007"
    STUDY_CHANGED = "OUT-008"
    STUDY_DAMAGED = "OUT-009"
    CUT_SHORT = "OUT-010"
    PRINTER_AWAY = "OUT-011"
    PRINTER_NEEDS_SOMEBODY = "OUT-012"
    PRINTER_REFUSED = "OUT-013"
    PRINTER_IS_ANOTHER = "OUT-014"
    PRINTER_UNKNOWN = "OUT-015"
    PRINTING = "OUT-016"


PROBLEM_WORDS = {
    Problem.NONE: "",
    Problem.NOT_THERE: "The folder, stick or disk is not there. Put it back.",
    Problem.READ_ONLY: "Nothing may be written there. Use another stick, or ask the technician.",
    Problem.FULL: "There is no room left there. Make room, or use another stick.",
    Problem.TOO_LARGE: "A file is too large for that stick. Use one with another file system.",
    Problem.MEDIUM_FAILED: "The stick or disk failed. Use another one.",
    Problem.GAVE_BACK_OTHER: "The stick gave back something else than was written. Use another.",
    Problem.OTHER_FILE: "Another file of that name is there, and stays. Name another folder.",
    Problem.STUDY_CHANGED: "The study was changed after it was asked for. Ask for it again.",
    Problem.STUDY_DAMAGED: "An image or record of the study is damaged. Restore it from a backup.",
    Problem.CUT_SHORT: "The program or the power was cut off in the middle of it.",
    Problem.PRINTER_AWAY: "The printer does not answer. Switch it on, and look at its cable.",
    Problem.PRINTER_NEEDS_SOMEBODY: "The printer waits for somebody: paper, ink, or its cover.",
    Problem.PRINTER_REFUSED: "The printer does not take the report. Ask the technician.",
    Problem.PRINTER_IS_ANOTHER: "That is not the printer that the site named. Nothing was sent.",
    Problem.PRINTER_UNKNOWN: "The site has no printer of that name any more. Choose another.",
    Problem.PRINTING: "The printer has it, and is not done yet.",
}
"""What happened and what to do, for people at a command line."""

_HOPELESS = frozenset(
    {Problem.TOO_LARGE, Problem.OTHER_FILE, Problem.STUDY_CHANGED, Problem.STUDY_DAMAGED}
)


class CancelReason(Enum):
    """Why somebody has a job not sent any more; the words stand in the audit."""

    MISTAKE = "asked for by mistake"
    OTHER_WAY = "it went another way"
    UNWANTED = "the patient does not want it"
    PLACE_GONE = "its place or printer is gone for good"


class SendFailedError(Exception):
    """A try failed, and `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Send:
    """One thing that is wanted of a study.

    Attributes:
        target: The folder; empty for this device's own; for a print "2:NAME", by its second one.
        mount: Where the medium of that folder is mounted; while nothing is, it was pulled out.
        plan: How it is de-identified, where it is.
    """

    kind: SendKind
    target: str = ""
    mount: str = ""
    plan: LeavingPlan | None = None

    @property
    def words(self) -> str:
        """What it is, for the audit."""
        kept = f", {self.plan.wishes.words}" if self.plan else ""
        return f"{self.kind.value}{kept}"

    @property
    def printer(self) -> str:
        """Name of the printer, for a print."""
        return self.target.partition(":")[2]


REPORT = Send(SendKind.REPORT)


def printing(printer: str, copy: int) -> Send:
    """Return a report on paper; another `copy` is another thing to send."""
    return Send(SendKind.PRINT, f"{copy}:{printer}")


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the outbox; nothing in it tells a patient.

    Attributes:
        key: The same for the same thing of the same version to the same place.
        version: Of the study when it was asked for; another one is not sent.
        tries: Begun so far.
        wait_s: Seconds of the machine's running time until the next try; 0 where it is due.
    """

    key: str
    study_id: str
    version: int
    send: Send
    state: JobState = JobState.WAITING
    problem: Problem = Problem.NONE
    tries: int = 0
    wait_s: float = 0.0

    @property
    def is_open(self) -> bool:
        """Whether it is still going to be sent."""
        return self.state in (JobState.WAITING, JobState.SENDING)

    @property
    def short_key(self) -> str:
        """What people call the job by."""
        return self.key[:12]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job that is not sent, as people are told of it.

    Attributes:
        since: When it was asked for, by the clock of that time.
        patient: Whose it is; None for whoever may not see studies.
    """

    job: Job
    since: datetime | None
    patient: PatientRef | None


def key_of(study_id: str, version: int, send: Send) -> str:
    """Return the job's key."""
    parts = [send.kind.value, study_id, str(version), send.target]
    if send.plan:
        parts.append(send.plan.digest)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def wait_after(tries: int) -> float:
    """Return the seconds to wait after so many tries: 5, doubled each time up to an hour."""
    return min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(tries - 1, 10))


def is_given_up(problem: Problem, tries: int) -> bool:
    """Return whether only a person can help now."""
    return problem in _HOPELESS or tries >= MOST_TRIES
