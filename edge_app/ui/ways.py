"""The ways in, and which of them a badge may interrupt."""

from enum import Enum


class Way(Enum):
    """Which way in is shown."""

    LOG_IN = "log in"
    SET_UP = "set up"
    RECOVER = "recover"
    RECOVERY_KEY = "recovery key"
    PIN = "PIN"
    NEW_PIN = "new PIN"
    LANGUAGE = "language"
    EMERGENCY = "emergency"
    EMERGENCIES_SEEN = "emergencies seen"
    EMERGENCY_CODE = "emergency code"
    SALVAGE = "salvage"
    SALVAGE_BY_KEY = "salvage by the recovery key"
    SALVAGE_OFFER = "what can be saved"


TAKES_BADGE = frozenset({Way.LOG_IN, Way.PIN, Way.RECOVER, Way.EMERGENCY, Way.LANGUAGE})
"""Where nobody is being given a key or a PIN just now."""

ASKS_WHO = frozenset({Way.LOG_IN, Way.SALVAGE})
"""Where a name is chosen, and a passphrase typed."""
