"""How a use of the emergency code stands in the audit, and who may be called so."""

from pathlib import Path

from edge_app.compose.clock import SystemClock
from edge_app.domain.account import (
    EMERGENCY_NAME,
    Account,
    EmergencyReason,
    EmergencyUse,
    Role,
)
from edge_app.domain.audit import AuditEvent, EventKind
from edge_app.domain.error import NotAllowedError
from edge_app.storage.audit_note import note
from edge_app.storage.key_slots import KeySlots, LockedError
from edge_app.storage.store_keys import StoreKeys

EMERGENCY = Account(EMERGENCY_NAME, frozenset({Role.EMERGENCY}))
BEGINS, SEEN = "emergency access by ", "emergency access: seen by the administrator"


def opened_in_emergency(folder: Path, code: str, name: str, reason: EmergencyReason) -> bytes:
    """Return the store's secret; the use is written down first, and then the code is spent.

    Raises:
        LockedError: It is not the code, or the disk cannot be written.
        NotSavedError: It was not written down.
    """
    slots = KeySlots(folder, b"")
    secret = slots.opened_by_emergency_code(code)
    at, act = SystemClock().now(), f"{BEGINS}{name}: {reason.value}"
    event = AuditEvent(at, EMERGENCY.name, EventKind.SECURITY_ALERT, act)
    if not note(folder, StoreKeys.of(secret), event):
        raise LockedError("The disk cannot be written.", "Use the recovery key.")
    slots.spend_emergency_code()
    return secret


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
