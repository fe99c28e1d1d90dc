"""How long a signed study is kept, and what keeps it longer."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """What a site decided.

    Attributes:
        days: After its signature a study may be removed; None where none ever may.
        needs_backup: Only where it is in a finished copy on another medium.
        needs_delivery: Only where its files were sent from here.
    """

    days: int | None = None
    needs_backup: bool = True
    needs_delivery: bool = False


NEVER = RetentionRule()


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a study is never removed, whatever the rule says."""

    study_id: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SignedStudy:
    """What decides whether a study may be removed; nothing in it tells a patient.

    Attributes:
        signed_at: The latest time that the audit had seen by then: a clock that was wrong makes a
            study younger, and never older.
        hold: The reason of its legal hold; empty where there is none.
    """

    study_id: str
    signed_at: datetime
    is_backed_up: bool
    is_delivered: bool
    is_waiting: bool
    hold: str = ""

    def kept_by(self, rule: RetentionRule, now: datetime) -> tuple[str, ...]:
        """Return why it stays, one reason each; nothing where it may be removed."""
        reasons = []
        if rule.days is None:
            reasons.append("the site keeps everything")
        elif (now - self.signed_at).days < rule.days:
            reasons.append(f"signed less than {rule.days} days ago")
        if self.hold:
            reasons.append("legal hold")
        if self.is_waiting:
            reasons.append("something of it is still to be sent, or was given up")
        if rule.needs_backup and not self.is_backed_up:
            reasons.append("not in a finished backup")
        if rule.needs_delivery and not self.is_delivered:
            reasons.append("its files were not sent")
        return tuple(reasons)
