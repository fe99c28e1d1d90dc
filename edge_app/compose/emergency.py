"""How a use of the emergency code stands in the audit, and who may be called so."""

from edge_app.domain.account import (
    EMERGENCY_NAME,
    Account,
    EmergencyReason,
    EmergencyUse,
    Role,
)
from edge_app.domain.audit import AuditEvent
from edge_app.domain.error import NotAllowedError

EMERGENCY = Account(EMERGENCY_NAME, frozenset({Role.EMERGENCY}))
BEGINS, SEEN = "emergency access by ", "emergency access: seen by the administrator"


def act_of(name: str, reason: EmergencyReason) -> str:
    """Return what is written down of one use."""
    return f"{BEGINS}{name}: {reason.value}"


def use_of(event: AuditEvent) -> EmergencyUse:
    """Return the use that an event tells of."""
    name, _, reason = event.act.removeprefix(BEGINS).rpartition(": ")
    return EmergencyUse(event.at, name, EmergencyReason(reason))


def refuse_reserved(account: Account) -> None:
    """Refuse an account that would pass for the emergency access.

    Raises:
        NotAllowedError: Its name or a role is that one's.
    """
    if account.name.casefold() == EMERGENCY_NAME.casefold() or Role.EMERGENCY in account.roles:
        raise NotAllowedError(
            "No account can have the rights or the name of the emergency access.",
            "Make an emergency code instead.",
        )
