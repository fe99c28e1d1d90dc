"""What is written down of each act: who, what, when, in which order."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class EventKind(Enum):
    """What kind of act it was; the values are the codes of DICOM PS3.16, CID 400."""

    APPLICATION = "110100"
    AUDIT_USED = "110101"
    INSTANCES_ACCESSED = "110103"
    STUDY_DELETED = "110105"
    EXPORTED = "110106"
    IMPORTED = "110107"
    PATIENT_RECORD = "110110"
    PROCEDURE_RECORD = "110111"
    QUERIED = "110112"
    SECURITY_ALERT = "110113"
    LOGGED_IN_OR_OUT = "110114"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One act.

    Attributes:
        at: The wall clock, which may be wrong; the order is that of `sequence`.
        by: The name of the account; empty for what the program does by itself.
        act: In words, without anything of a patient.
        study_id: Of the study that it was about; empty where it was about none.
        version: Of that study after the act.
        is_refused: It was tried, and was not allowed or did not succeed.
    """

    at: datetime
    by: str
    kind: EventKind
    act: str
    study_id: str = ""
    version: int = 0
    is_refused: bool = False
    sequence: int = 0
