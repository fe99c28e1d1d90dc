"""Who may do what: accounts, their roles, and the rights that a role gives."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Right(Enum):
    """One thing that an account may be allowed to do."""

    SEE_STUDIES = "see studies"
    CAPTURE = "start studies and capture"
    REVIEW = "review findings"
    SIGN = "sign"
    EXPORT = "export studies"
    PRINT = "print reports"
    USE_OUTBOX = "use the outbox"
    SEE_AUDIT = "read the audit"
    MANAGE_ACCOUNTS = "manage accounts"
    MANAGE_DEVICES = "manage devices and detectors"
    BACK_UP = "back up"
    RESTORE = "restore"
    RETAIN = "hold and remove studies"


class Role(Enum):
    """What somebody is in a clinic; an account may have several."""

    OPERATOR = "operator"
    """Takes the pictures."""
    CLINICIAN = "clinician"
    """Stands for what a study says."""
    TECHNICIAN = "technician"
    """Looks after the machine, and sees no patient."""
    ADMINISTRATOR = "administrator"
    """Lets people in and out."""
    AUDITOR = "auditor"
    """Reads who did what."""
    EMERGENCY = "emergency"
    """Whoever broke the seal of the emergency code; no account can have it."""


ASSIGNABLE = tuple(role for role in Role if role is not Role.EMERGENCY)
"""The roles that an account can have."""
EMERGENCY_NAME = "Emergency access"
"""Whose acts they are after the emergency code was used."""


class EmergencyReason(Enum):
    """Why somebody broke the seal."""

    DANGER = "a patient is in danger"
    NOBODY_THERE = "nobody with an account can be reached"
    NO_LOG_IN = "the log-in does not work"


@dataclass(frozen=True, slots=True)
class EmergencyUse:
    """One use of the emergency code: when, by whom as they said it, and why."""

    at: datetime
    name: str
    reason: EmergencyReason


_OPERATES = frozenset({Right.SEE_STUDIES, Right.CAPTURE, Right.USE_OUTBOX, Right.PRINT})
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OPERATOR: _OPERATES,
    Role.CLINICIAN: _OPERATES | {Right.REVIEW, Right.SIGN, Right.EXPORT},
    Role.TECHNICIAN: frozenset({Right.MANAGE_DEVICES, Right.BACK_UP, Right.USE_OUTBOX}),
    Role.ADMINISTRATOR: frozenset(
        {
            Right.MANAGE_ACCOUNTS,
            Right.MANAGE_DEVICES,
            Right.USE_OUTBOX,
            Right.SEE_AUDIT,
            Right.BACK_UP,
            Right.RESTORE,
            Right.RETAIN,
        }
    ),
    Role.AUDITOR: frozenset({Right.SEE_AUDIT}),
    Role.EMERGENCY: frozenset({Right.SEE_STUDIES, Right.CAPTURE}),
}


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can log in here."""

    name: str
    roles: frozenset[Role]

    def may(self, right: Right) -> bool:
        """Return whether one of the roles gives `right`."""
        return any(right in RIGHTS[role] for role in self.roles)
