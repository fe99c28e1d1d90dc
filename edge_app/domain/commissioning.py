"""What a technician proves of a machine: what was looked at, what was tried, how fast it is."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Level(Enum):
    """How much a finding of the doctor matters."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class DoctorCheck:
    """One thing that was looked at."""

    id: str
    ok: bool
    level: Level
    found: str
    remedy: str = ""


class Found(Enum):
    """What the self-test came to for one way to run a detector."""

    USED = "used"
    """It is the fastest that agrees with the golden answers."""
    AGREES = "agrees"
    """It agrees, and another one that agrees is faster."""
    REFUSED = "refused"
    """It disagrees or cannot run, so it is never used here."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One way to run one detector on this machine.

    Attributes:
        way: Provider and level as a technician reads them.
        why: What is wrong with it; empty where nothing is.
        median_ms: Of one warm run, measured here; 0 where it was not measured.
    """

    detector: str
    variant: str
    way: str
    found: Found
    why: str = ""
    median_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Examination:
    """What the doctor found, and what the self-tests that stand came to."""

    checks: tuple[DoctorCheck, ...]
    tried: tuple[Tried, ...]

    @property
    def is_well(self) -> bool:
        """Whether no check is a fault."""
        return all(check.ok for check in self.checks)


@dataclass(frozen=True, slots=True)
class Speed:
    """One variant on one provider: a bare run, a whole reading, and a cold start to an answer."""

    detector: str
    variant: str
    provider: str
    session_run_ms: float
    pipeline_ms: float
    cold_start_ms: float
    rss_mb: float


@dataclass(frozen=True, slots=True)
class CommissioningReport:
    """What one machine was found to be, and by whom.

    Attributes:
        key: The public half of the key that signs it, in hexadecimal digits.
        audit_head: Of the audit, with the making of this report in it.
    """

    made_at: datetime
    made_by: str
    app_version: str
    key: str
    audit_head: str
    examination: Examination
    speeds: tuple[Speed, ...]


@dataclass(frozen=True, slots=True)
class Medium:
    """Where a file may be put: a stick, or this machine's own folder.

    Attributes:
        folder: Its path.
        name: What people call it; empty for this machine's own folder.
        free_bytes: Room that is left there.
    """

    folder: str
    name: str
    free_bytes: int
